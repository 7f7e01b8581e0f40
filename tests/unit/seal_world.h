/*
 * seal_world - a GnuPG home with people in it, a policy, and copies that are
 * read back with gpg and Python's mail parser.
 */
#ifndef LETTERLOCK_TEST_SEAL_WORLD_H
#define LETTERLOCK_TEST_SEAL_WORLD_H

#include <letterlock/ask.h>

#include "policy/job/seal.h"
#include "policy/rules/conf.h"

enum { SEAL_WORLD_NAME = 96 };

#define ALICE "alice@example.org"
#define BOB "bob@example.org"
#define CAROL "carol@example.org"
#define DAVE "dave@example.org"
#define EVE "rsa@example.org"

struct seal_world {
	char dir[32];
	char home[SEAL_WORLD_NAME];
	char jobs[SEAL_WORLD_NAME];	/* for read_copy.py */
	unsigned numbers;		/* of files */
	struct conf conf;
	struct key_index *keys;
	struct pgp *pgp;
	struct ask ask;			/* the next question, to be changed at will */
};

/* What seal() answered, with the descriptors. */
struct sealed {
	struct answer answer;
	struct err err;
	int in, out;
	char original[SEAL_WORLD_NAME];
};

/* For group setup and teardown. */
void seal_world_make(struct seal_world *world);
void seal_world_end(struct seal_world *world);

/* From now this policy.conf decides. */
void seal_world_policy(struct seal_world *world, const char *policy);

/* world->ask: alice writes to `to` (blank-separated), upstream takes all. */
void seal_world_ask(struct seal_world *world, const char *to);

/* Seals `bytes` under world->ask. */
struct sealed seal_world_seal(struct seal_world *world, struct span bytes);
void sealed_done(struct sealed *sealed);

/* Index of the copy that `to` (one address of the question) gets. */
size_t seal_world_copy_for(const struct seal_world *world, const struct sealed *sealed,
			   const char *to);

/* The copy's bytes on the heap. */
char *seal_world_bytes(const struct sealed *sealed, size_t i, size_t *len);

/* Notes that copy `i` has to be as `words` say (read_copy.py), and looks at all
 * that was noted: fails with what is wrong. */
void seal_world_expect(struct seal_world *world, const struct sealed *sealed, size_t i,
		       const char *format, ...) __attribute__((format(printf, 4, 5)));
void seal_world_check(struct seal_world *world);

/* The key of an address; its fingerprint, and the id mail is encrypted to. */
const char *seal_world_fingerprint(const struct seal_world *world, const char *address);
const char *seal_world_id(const struct seal_world *world, const char *address, char id[17]);

/* What `gpg ARGUMENTS` in the home writes for `input`; on the heap. */
char *seal_world_gpg(const struct seal_world *world, const char *arguments, const char *input);
/* The same for bytes, with how many there are of them. */
char *seal_world_gpg_bytes(const struct seal_world *world, const char *arguments,
			   struct span input, size_t *size);

/* A message from alice with these fields more and this body; on the heap. */
char *seal_world_mail(const char *to, const char *more, const char *body);

#endif
