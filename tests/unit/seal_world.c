#include "seal_world.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "memory_source.h"
#include "policy/crypto/pgp.h"
#include "policy/job/output.h"
#include "policy/keys/key_index.h"

static const char conf_text[] =
	"[gateway]\nhostname = gw.test\npolicy = policy.conf\nstate = /tmp/ll.db\n"
	"[listen in]\nprotocol = smtp\naddress = 127.0.0.1:1587\ntls = none\nupstream = out\n"
	"[upstream out]\naddress = 127.0.0.1:25\ntls = none\n"
	"[user alice]\nlogin = alice\naddresses = alice@example.org, a.smith@example.org\n"
	"[user signonly]\nlogin = signonly\naddresses = signonly@example.org\n";

static const char *top(void)
{
	const char *given = getenv("srcdir");

	return given ? given : ".";
}

__attribute__((format(printf, 1, 2))) static int shell(const char *format, ...)
{
	char command[4096];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	return system(command);
}

void seal_world_make(struct seal_world *w)
{
	struct err err = { 0 };

	*w = (struct seal_world){ .dir = "/tmp/llsXXXXXX" };
	assert_non_null(mkdtemp(w->dir));
	(void)snprintf(w->home, sizeof(w->home), "%s/h", w->dir);
	(void)snprintf(w->jobs, sizeof(w->jobs), "%s/jobs", w->dir);
	assert_int_equal(shell("'%s/tests/keys/make-home' '%s'", top(), w->home), 0);
	w->pgp = pgp_new(w->home, &err);
	if (!w->pgp)
		fail_msg("%s", err.text);
	w->keys = pgp_list(w->pgp, &err);
	if (!w->keys)
		fail_msg("%s", err.text);
}

void seal_world_end(struct seal_world *w)
{
	ask_free(&w->ask);
	conf_free(&w->conf);
	key_index_free(w->keys);
	pgp_free(w->pgp);
	(void)shell("gpgconf --homedir '%s' --kill all; rm -rf '%s'", w->home, w->dir);
}

void seal_world_policy(struct seal_world *w, const char *policy)
{
	const struct memory_file files[] = {
		{ "/etc/ll/letterlock.conf", conf_text }, { "/etc/ll/policy.conf", policy }, { 0 },
	};
	struct source source = memory_source(files);
	struct problems problems = { 0 };

	conf_free(&w->conf);
	w->conf = (struct conf){ 0 };
	if (conf_load(&source, "letterlock.conf", &w->conf, &problems) < 0)
		fail_msg("%s", problems_text(&problems));
}

void seal_world_ask(struct seal_world *w, const char *to)
{
	struct span rest = span_str(to), one;

	ask_free(&w->ask);
	w->ask = (struct ask){
		.id = 7,
		.kind = ASK_SEAL,
		.output_max = UINT64_MAX,
		.upstream_eight_bit = true,
		.upstream_smtputf8 = true,
	};
	w->ask.envelope.login = mem_strdup("alice");
	w->ask.envelope.sender = mem_strdup(ALICE);
	while (span_split(&rest, ' ', &one))
		strs_add(&w->ask.envelope.to, one);
}

static void keep(const char *path, const char *bytes, size_t len)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

struct sealed seal_world_seal(struct seal_world *w, struct span bytes)
{
	struct seal_parts parts = { .conf = &w->conf, .keys = w->keys, .pgp = w->pgp,
				    .now = time(NULL) };
	struct sealed sealed = { .in = output_memory(NULL), .out = output_memory(NULL) };

	w->ask.message_size = bytes.len - w->ask.trace_size;
	assert_int_equal(write(sealed.in, bytes.at, bytes.len), bytes.len);
	(void)snprintf(sealed.original, sizeof(sealed.original), "%s/%u.sent", w->dir,
		       w->numbers++);
	keep(sealed.original, bytes.at + w->ask.trace_size, w->ask.message_size);
	seal(&parts, &w->ask, sealed.in, sealed.out, &sealed.answer, &sealed.err);
	assert_int_equal(sealed.answer.id, 7);
	return sealed;
}

void sealed_done(struct sealed *sealed)
{
	answer_free(&sealed->answer);
	close(sealed->in);
	close(sealed->out);
}

size_t seal_world_copy_for(const struct seal_world *w, const struct sealed *sealed,
			   const char *to)
{
	const struct answer *answer = &sealed->answer;

	for (size_t i = 0; i < answer->copies_n; i++)
		for (size_t k = 0; k < answer->copies[i].recipients.n; k++)
			if (strcmp(w->ask.envelope.to.at[answer->copies[i].recipients.at[k]],
				   to) == 0)
				return i;
	fail_msg("no copy for %s: %u %s", to, answer->reply.code, answer->reply.text);
	return 0;
}

char *seal_world_bytes(const struct sealed *sealed, size_t i, size_t *len)
{
	const struct answer_copy *copy = &sealed->answer.copies[i];
	char *bytes = mem_new(copy->size + 1);

	*len = copy->size;
	assert_int_equal(pread(copy->from_question ? sealed->in : sealed->out, bytes, copy->size,
			       (off_t)copy->offset),
			 copy->size);
	return bytes;
}

void seal_world_expect(struct seal_world *w, const struct sealed *sealed, size_t i,
		       const char *format, ...)
{
	FILE *jobs = fopen(w->jobs, "a");
	char name[SEAL_WORLD_NAME];
	size_t len;
	char *bytes;
	va_list args;

	assert_true(i < sealed->answer.copies_n);
	bytes = seal_world_bytes(sealed, i, &len);
	(void)snprintf(name, sizeof(name), "%s/%u.copy", w->dir, w->numbers++);
	keep(name, bytes, len);
	free(bytes);
	assert_non_null(jobs);
	fprintf(jobs, "%s %s trace=%u ", name, sealed->original, (unsigned)w->ask.trace_size);
	va_start(args, format);
	vfprintf(jobs, format, args);
	va_end(args);
	fprintf(jobs, "\n");
	fclose(jobs);
}

void seal_world_check(struct seal_world *w)
{
	int status = shell("python3 '%s/tests/unit/read_copy.py' '%s' '%s'", top(), w->home,
			   w->jobs);

	(void)unlink(w->jobs);
	assert_int_equal(status, 0);
}

static const struct key *key_of(const struct seal_world *w, const char *address)
{
	for (size_t i = 0; i < key_index_count(w->keys); i++) {
		const struct key *key = key_index_at(w->keys, i);

		if (strs_has_nocase(&key->addresses, span_str(address)))
			return key;
	}
	fail_msg("no key of %s", address);
	return NULL;
}

const char *seal_world_fingerprint(const struct seal_world *w, const char *address)
{
	return key_of(w, address)->fingerprint;
}

const char *seal_world_id(const struct seal_world *w, const char *address, char id[17])
{
	const struct key *key = key_of(w, address);

	assert_int_equal(key->encryption_n, 1);
	(void)snprintf(id, 17, "%016" PRIX64, key->encryption[0].id);
	return id;
}

char *seal_world_gpg(const struct seal_world *w, const char *arguments, const char *input)
{
	return seal_world_gpg_bytes(w, arguments, span_str(input), &(size_t){ 0 });
}

char *seal_world_gpg_bytes(const struct seal_world *w, const char *arguments, struct span input,
			   size_t *size)
{
	char from[SEAL_WORLD_NAME + 8], to[SEAL_WORLD_NAME + 8];
	char *bytes;
	long len;
	FILE *file;

	(void)snprintf(from, sizeof(from), "%s/in", w->dir);
	(void)snprintf(to, sizeof(to), "%s/out", w->dir);
	keep(from, input.at, input.len);
	assert_int_equal(shell("gpg --homedir '%s' --batch --quiet --no-tty %s < '%s' > '%s'",
			       w->home, arguments, from, to), 0);
	file = fopen(to, "rb");
	assert_non_null(file);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	len = ftell(file);
	rewind(file);
	bytes = mem_new((size_t)len + 1);
	assert_int_equal(fread(bytes, 1, (size_t)len, file), len);
	fclose(file);
	*size = (size_t)len;
	return bytes;
}

char *seal_world_mail(const char *to, const char *more, const char *body)
{
	return mem_printf("From: Alice <" ALICE ">\r\nTo: %s\r\n"
			  "Date: Mon, 23 Nov 2026 20:00:00 +0000\r\n"
			  "Message-ID: <m1@example.org>\r\n%s\r\n%s", to, more, body);
}
