/* mail_corpus - the odd messages in tests/corpus/mime, for whoever tests on them. */
#ifndef LETTERLOCK_TEST_MAIL_CORPUS_H
#define LETTERLOCK_TEST_MAIL_CORPUS_H

#include <letterlock/span.h>
#include <letterlock/strs.h>

#include "policy/job/message.h"

/* The names of all, sorted, without ".eml"; at least 60. */
void mail_corpus_names(struct strs *names);

/* The bytes of one, on the heap. */
struct span mail_corpus_read(const char *name);

/* A memfd with `bytes`, and the message in it. */
int mail_corpus_open(struct span bytes, struct message *message);

/* All of `fd` as a string on the heap; its length in `len`. */
char *mail_corpus_slurp(int fd, size_t *len);

#endif
