#include "policy/crypto/mime.h"

#include <gmime/gmime.h>
#include <stdlib.h>

#include <letterlock/mem.h>

static struct mime_part *add(struct mime_parts *parts)
{
	parts->at = mem_one_more(parts->at, parts->n, sizeof(*parts->at));
	parts->at[parts->n] = (struct mime_part){ 0 };
	return &parts->at[parts->n++];
}

static void add_name(struct strs *names, const char *name)
{
	if (name && *name)
		strs_add(names, span_str(name));
}

static bool read_leaf(GMimeObject *object, struct mime_part *part)
{
	GMimeDataWrapper *content = NULL;
	GMimeStream *stream;

	part->leaf = true;
	if (GMIME_IS_PART(object))
		content = g_mime_part_get_content(GMIME_PART(object));
	if (!content)
		return false;
	stream = g_mime_data_wrapper_get_stream(content);
	if (!stream || stream->bound_end < stream->bound_start)
		return false;
	part->begin = (uint64_t)stream->bound_start;
	part->end = (uint64_t)stream->bound_end;
	return true;
}

static bool read_object(GMimeObject *object, unsigned depth, struct mime_parts *parts)
{
	struct mime_part *part;
	GMimeMessage *inside;
	int n;

	if (!object || depth > MIME_DEPTH_MAX || parts->n >= MIME_PARTS_MAX)
		return false;
	part = add(parts);
	add_name(&part->names, g_mime_object_get_content_type_parameter(object, "name"));
	add_name(&part->names,
		 g_mime_object_get_content_disposition_parameter(object, "filename"));
	if (GMIME_IS_MESSAGE_PART(object)) {
		inside = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
		return inside &&
		       read_object(g_mime_message_get_mime_part(inside), depth + 1, parts);
	}
	if (!GMIME_IS_MULTIPART(object))
		return read_leaf(object, part);
	n = g_mime_multipart_get_count(GMIME_MULTIPART(object));
	for (int i = 0; i < n; i++)
		if (!read_object(g_mime_multipart_get_part(GMIME_MULTIPART(object), i),
				 depth + 1, parts))
			return false;
	return true;
}

int mime_read(int fd, uint64_t begin, uint64_t end, struct mime_parts *parts,
	      struct err *err)
{
	GMimeParser *parser;
	GMimeMessage *message;
	GMimeStream *stream;
	bool good;

	*parts = (struct mime_parts){ 0 };
	g_mime_init();
	stream = g_mime_stream_fs_new_with_bounds(fd, (gint64)begin, (gint64)end);
	g_mime_stream_fs_set_owner(GMIME_STREAM_FS(stream), FALSE);
	parser = g_mime_parser_new_with_stream(stream);
	g_mime_parser_set_persist_stream(parser, TRUE);
	message = g_mime_parser_construct_message(parser, NULL);
	good = message && read_object(g_mime_message_get_mime_part(message), 0, parts);
	if (message)
		g_object_unref(message);
	g_object_unref(parser);
	g_object_unref(stream);
	if (good)
		return 0;
	mime_free(parts);
	return err_set(err, ERR_REFUSED, "the structure of the message cannot be read");
}

void mime_free(struct mime_parts *parts)
{
	for (size_t i = 0; i < parts->n; i++)
		strs_free(&parts->at[i].names);
	free(parts->at);
	*parts = (struct mime_parts){ 0 };
}
