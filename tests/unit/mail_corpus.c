#include "mail_corpus.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "policy/job/output.h"

static const char *folder(void)
{
	const char *top = getenv("srcdir");

	return top ? top : ".";
}

void mail_corpus_names(struct strs *names)
{
	char pattern[4096];
	glob_t found;

	(void)snprintf(pattern, sizeof(pattern), "%s/tests/corpus/mime/*.eml", folder());
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	assert_true(found.gl_pathc >= 60);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *name = strrchr(found.gl_pathv[i], '/') + 1;

		strs_add(names, span_of(name, strlen(name) - strlen(".eml")));
	}
	globfree(&found);
}

struct span mail_corpus_read(const char *name)
{
	char path[4096], *text;
	struct stat status;
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/tests/corpus/mime/%s.eml", folder(), name);
	file = fopen(path, "rb");
	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &status), 0);
	text = malloc((size_t)status.st_size + 1);
	assert_int_equal(fread(text, 1, (size_t)status.st_size, file), status.st_size);
	fclose(file);
	return span_of(text, (size_t)status.st_size);
}

int mail_corpus_open(struct span bytes, struct message *message)
{
	struct ask ask = { .message_size = bytes.len };
	struct err err = { 0 };
	int fd = output_memory(&err);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes.at, bytes.len), bytes.len);
	assert_int_equal(message_open(&ask, fd, message, &err), 0);
	return fd;
}

char *mail_corpus_slurp(int fd, size_t *len)
{
	struct stat status;
	char *text;

	assert_int_equal(fstat(fd, &status), 0);
	*len = (size_t)status.st_size;
	text = malloc(*len + 1);
	assert_int_equal(pread(fd, text, *len, 0), *len);
	text[*len] = '\0';
	return text;
}
