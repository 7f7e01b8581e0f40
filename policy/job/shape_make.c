#include "policy/job/shape_make.h"

#include <letterlock/mem.h>

static const char no_envelope[] = "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)";

/* One text part, whatever it is: all answers agree. */
void shape_make(struct span view, struct shape *shape, struct buf *text)
{
	size_t lines = 0;

	for (size_t i = 0; i < view.len; i++)
		lines += view.at[i] == '\n';
	*shape = (struct shape){ .size = view.len };
	shape->text.size = view.len;
	(void)buf_printf(text, "(\"text\" \"plain\" NIL NIL NIL \"8bit\" %zu %zu)",
			 view.len, lines);
	shape->body = shape->bodystructure = buf_span(text);
	shape->envelope = span_str(no_envelope);
	shape->parts = mem_new(sizeof(*shape->parts));
	shape->parts_n = 1;
	shape->parts[0] = (struct shape_part){ .path = { 1 }, .path_n = 1,
					       .body = shape->text };
}
