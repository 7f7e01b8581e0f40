#define PCRE2_CODE_UNIT_WIDTH 8
#include "policy/rules/pattern.h"

#include <pcre2.h>
#include <stdint.h>
#include <stdlib.h>

#include <letterlock/mem.h>

enum {
	MATCH_LIMIT = 1000000,	/* backtracks from one place of the text */
	HEAP_LIMIT = 8192,	/* KiB */
	/* Steps of one look: PCRE2's own limits start anew at each place of
	 * the text, so that they bound no long one. About 0.3 s of work. */
	STEPS_BASE = 20000000,
	STEPS_PER_BYTE = 20,
	BYTES_PER_STEP = 16,	/* which a repeat skims as fast as one step */
};

struct pattern {
	pcre2_code *code;
};

struct steps {
	uint64_t left;
	size_t at;	/* where in the text the step before was */
};

struct pattern *pattern_new(struct span text, struct err *err)
{
	int number;
	PCRE2_SIZE where;
	PCRE2_UCHAR message[120];
	struct pattern *pattern;
	/* auto callouts: on_step() is called before each item of the pattern */
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)text.at, text.len,
					 PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF |
					 PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT,
					 &number, &where, NULL);

	if (!code) {
		pcre2_get_error_message(number, message, sizeof(message));
		err_set(err, ERR_CONF, "%s at byte %zu", (const char *)message,
			(size_t)where + 1);
		return NULL;
	}
	pattern = mem_new(sizeof(*pattern));
	pattern->code = code;
	return pattern;
}

void pattern_free(struct pattern *pattern)
{
	if (!pattern)
		return;
	pcre2_code_free(pattern->code);
	free(pattern);
}

static int on_step(pcre2_callout_block *block, void *data)
{
	struct steps *steps = data;
	size_t at = block->current_position;
	size_t far = at > steps->at ? at - steps->at : steps->at - at;
	uint64_t cost = 1 + far / BYTES_PER_STEP;

	steps->at = at;
	if (cost > steps->left)
		return PCRE2_ERROR_CALLOUT;
	steps->left -= cost;
	return 0;
}

enum pattern_result pattern_look(const struct pattern *pattern,
				 struct span text)
{
	struct steps steps = {
		.left = STEPS_BASE + (uint64_t)STEPS_PER_BYTE * text.len };
	pcre2_match_data *found = pcre2_match_data_create(1, NULL);
	pcre2_match_context *limits = pcre2_match_context_create(NULL);
	int result = PCRE2_ERROR_NOMEMORY;

	if (found && limits) {
		pcre2_set_match_limit(limits, MATCH_LIMIT);
		pcre2_set_heap_limit(limits, HEAP_LIMIT);
		pcre2_set_callout(limits, on_step, &steps);
		result = pcre2_match(pattern->code,
				     (PCRE2_SPTR)(text.at ? text.at : ""),
				     text.len, 0, 0, found, limits);
	}
	pcre2_match_data_free(found);
	pcre2_match_context_free(limits);
	if (result >= 0)
		return PATTERN_FOUND;
	return result == PCRE2_ERROR_NOMATCH ? PATTERN_NO : PATTERN_UNSURE;
}
