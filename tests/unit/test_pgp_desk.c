#include <dirent.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "policy/crypto/openpgp_packets.h"
#include "policy/crypto/pgp.h"
#include "policy/crypto/pgp_desk.h"
#include "tests/unit/key_home.h"

struct world {
	struct key_home *home;
	struct pgp *pgp;
};

/* Makes the keyring large: what was deleted takes room, too. */
static void grow_ring(const struct world *world)
{
	const uint32_t size = PGP_DESK_FROM;
	char *path = mem_printf("%s/pubring.kbx", world->home->home), *bytes = mem_new(size);
	FILE *file = fopen(path, "a");

	for (size_t i = 0; i < 4; i++)
		bytes[i] = (char)(size >> 8 * (3 - i));
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
	free(bytes);
	free(path);
}

static int set_up(void **state)
{
	struct world *world = mem_new(sizeof(*world));
	struct err err = { 0 };
	void *home;
	int status = key_home_make(&home);

	*state = world;
	world->home = home;
	if (status)
		return status;
	grow_ring(world);
	world->pgp = pgp_new(world->home->home, &err);
	return world->pgp ? 0 : -1;
}

static int tear_down(void **state)
{
	struct world *world = *state;
	void *home = world->home;

	pgp_free(world->pgp);
	free(world);
	return key_home_end(&home);
}

/* How many desks stand in the home; the path of one in `path`. */
static unsigned desks(const struct world *world, char path[160])
{
	const struct dirent *entry;
	DIR *dir = opendir(world->home->home);
	unsigned n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		if (strncmp(entry->d_name, ".desk-", 6) == 0) {
			(void)snprintf(path, 160, "%s/%.60s", world->home->home, entry->d_name);
			n++;
		}
	closedir(dir);
	return n;
}

static int encrypt(struct world *world, const char *const *names, const char *signer, int *out,
		   struct err *err)
{
	char *by = signer ? mem_strdup(key_home_fingerprint(world->home, signer)) : NULL;
	int in = key_home_file(span_str("hello\n")), result;
	struct strs list = { 0 };

	for (; *names; names++)
		strs_add(&list, span_str(key_home_fingerprint(world->home, *names)));
	*err = (struct err){ 0 };
	*out = key_home_file(span_of("", 0));
	result = pgp_encrypt(world->pgp, &list, by, in, *out, false, err);
	strs_free(&list);
	close(in);
	free(by);
	return result;
}

static size_t readers(int fd)
{
	struct openpgp_packets *packets = openpgp_packets_new();
	const struct openpgp_packets_found *found;
	size_t len, n;
	char *bytes = key_home_read(fd, &len);

	openpgp_packets_feed(packets, span_of(bytes, len));
	found = openpgp_packets_end(packets);
	n = found->kind == OPENPGP_PACKETS_ENCRYPTED && !found->text_around ? found->ids_n : 0;
	openpgp_packets_free(packets);
	free(bytes);
	return n;
}

/* It is for as many as `names`, and `gpg` reads it and says `signer`. */
static void good(struct world *world, const char *const *names, const char *signer)
{
	struct err err;
	char *text;
	size_t n = 0;
	int out, status;

	if (encrypt(world, names, signer, &out, &err) < 0)
		fail_msg("%s", err.text);
	while (names[n])
		n++;
	assert_int_equal(readers(out), n);
	text = key_home_gpg(world->home, "--status-fd 1 --decrypt", out, &status);
	assert_int_equal(status, 0);
	assert_non_null(strstr(text, "hello\n"));
	if (signer) {
		char *want = mem_printf("VALIDSIG %s", key_home_fingerprint(world->home, signer));

		assert_non_null(strstr(text, want));
		free(want);
	}
	free(text);
	close(out);
}

static void refused(struct world *world, const char *const *names, const char *signer,
		    const char *why)
{
	struct err err;
	int out;

	assert_int_equal(encrypt(world, names, signer, &out, &err), -1);
	if (!strstr(err.text, why))
		fail_msg("%s", err.text);
	close(out);
}

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void a_large_keyring_gets_a_desk_with_what_is_needed_only(void **state)
{
	struct world *world = *state;
	char path[160], *ring, *command, *text;
	int status;

	pgp_forget_keys(world->pgp);
	assert_int_equal(desks(world, path), 0);
	good(world, LIST("bob"), NULL);
	good(world, LIST("bob", "carol"), NULL);
	assert_int_equal(desks(world, path), 1);
	ring = mem_printf("--no-default-keyring --keyring %s/pubring.kbx --with-colons "
			  "--list-keys", path);
	text = key_home_gpg(world->home, ring, -1, &status);
	assert_non_null(strstr(text, key_home_fingerprint(world->home, "bob")));
	assert_non_null(strstr(text, key_home_fingerprint(world->home, "carol")));
	assert_null(strstr(text, key_home_fingerprint(world->home, "alice")));
	/* no secret is on it */
	command = mem_printf("ls -A '%s' | grep -Evx 'lock|gpg.conf|pubring.kbx|S.gpg-agent|"
			     "trustdb.gpg'", path);
	assert_int_not_equal(system(command), 0);
	free(command);
	free(text);
	free(ring);
	pgp_forget_keys(world->pgp);
	assert_int_equal(desks(world, path), 0);
}

static void signing_asks_the_agent_of_the_home(void **state)
{
	struct world *world = *state;
	char path[160], *command;

	pgp_forget_keys(world->pgp);
	good(world, LIST("bob"), "alice");
	good(world, LIST("bob", "carol"), "alice");
	good(world, LIST("twosub"), NULL);
	assert_int_equal(desks(world, path), 1);
	/* none was started for the desk */
	command = mem_printf("gpg-connect-agent --homedir '%s' --no-autostart /bye 2>/dev/null "
			     "&& test ! -S '%s/S.gpg-agent'", path, path);
	assert_int_equal(system(command), 0);
	free(command);
}

static bool own_agent(const char *path)
{
	char *command = mem_printf("test -S '%s/S.gpg-agent'", path);
	bool own = system(command) == 0;

	free(command);
	return own;
}

static int sign(struct world *world, const char *signer)
{
	int in = key_home_file(span_str("hello\n")), out = key_home_file(span_of("", 0)), result;
	struct err err = { 0 };
	char micalg[32];

	result = pgp_sign(world->pgp, key_home_fingerprint(world->home, signer), in, out, micalg,
			  &err);
	if (result < 0)
		fprintf(stderr, "%s\n", err.text);
	close(in);
	close(out);
	return result;
}

/* TARGETS: one agent makes RSA signatures on one core only. */
static void slow_signers_get_an_agent_of_their_own_that_ends_with_the_desk(void **state)
{
	struct world *world = *state;
	char path[160], *command;
	pid_t agent;
	FILE *pid;

	pgp_forget_keys(world->pgp);
	assert_int_equal(sign(world, "rsa"), 0);
	assert_int_equal(desks(world, path), 1);
	assert_true(own_agent(path));
	good(world, LIST("bob", "rsa"), "rsa");
	good(world, LIST("bob"), "alice");
	good(world, LIST("bob"), NULL);
	command = mem_printf("gpg-connect-agent --homedir '%s' --no-autostart "
			     "'GETINFO pid' /bye | sed -n 's/^D //p'", path);
	pid = popen(command, "r");
	assert_non_null(pid);
	assert_int_equal(fscanf(pid, "%d", &agent), 1);
	pclose(pid);
	free(command);
	assert_int_equal(kill(agent, 0), 0);
	pgp_forget_keys(world->pgp);
	assert_int_equal(desks(world, path), 0);
	for (size_t tries = 0; kill(agent, 0) == 0; tries++) {
		assert_true(tries < 1000);
		(void)poll(NULL, 0, 10);
	}
}

static void what_the_own_agent_cannot_do_the_homes_does(void **state)
{
	struct world *world = *state;
	char path[160], *keys, *kill_agent;

	pgp_forget_keys(world->pgp);
	assert_int_equal(sign(world, "rsa"), 0);
	assert_int_equal(desks(world, path), 1);
	keys = mem_printf("%s/private-keys-v1.d", path);
	assert_int_equal(unlink(keys), 0);
	kill_agent = mem_printf("gpgconf --homedir '%s' --kill gpg-agent", path);
	assert_int_equal(system(kill_agent), 0);
	good(world, LIST("bob"), "rsa");
	assert_int_equal(sign(world, "rsa"), 0);
	good(world, LIST("bob"), NULL);
	pgp_forget_keys(world->pgp);
	free(kill_agent);
	free(keys);
}

static void an_agent_that_has_gone_comes_back(void **state)
{
	struct world *world = *state;
	char *kill = mem_printf("gpgconf --homedir '%s' --kill gpg-agent", world->home->home);

	good(world, LIST("bob"), "alice");
	assert_int_equal(system(kill), 0);
	good(world, LIST("carol"), "alice");
	good(world, LIST("bob"), "alice");
	free(kill);
}

static void reasons_are_those_of_the_home(void **state)
{
	struct world *world = *state;

	refused(world, LIST("expired"), NULL, "expired 2020-01-31");
	refused(world, LIST("bob", "revoked"), NULL, "revoked");
	refused(world, LIST("signonly", "bob"), "alice", "cannot encrypt");
	refused(world, LIST("bob"), "locked", "is locked: passphrase needed");
	good(world, LIST("bob"), "alice");
}

/* What was half written before the second try is not in the way of it. */
static void a_second_try_begins_where_the_first_did(void **state)
{
	struct world *world = *state;
	int in = key_home_file(span_str("xxhello\n")), out = key_home_file(span_str("head\n"));
	struct strs list = { 0 };
	struct err err = { 0 };
	char path[160], *broken, *text;
	FILE *file;

	strs_add(&list, span_str(key_home_fingerprint(world->home, "bob")));
	good(world, LIST("carol"), NULL);
	assert_int_equal(desks(world, path), 1);
	broken = mem_printf("%s/gpg.conf", path);
	file = fopen(broken, "a");
	assert_non_null(file);
	fputs("there-is-no-such-option\n", file);
	fclose(file);
	lseek(in, 2, SEEK_SET);
	lseek(out, 5, SEEK_SET);
	assert_int_equal(pgp_encrypt(world->pgp, &list, NULL, in, out, false, &err), 0);
	text = key_home_read(out, NULL);
	assert_memory_equal(text, "head\n-----BEGIN", 15);
	free(text);
	text = mem_printf("sed 1d /proc/%d/fd/%d | gpg --homedir '%s' --batch --quiet -d "
			  "2>/dev/null | grep -qx hello", getpid(), out, world->home->home);
	assert_int_equal(system(text), 0);
	free(text);
	free(broken);
	strs_free(&list);
	close(in);
	close(out);
	pgp_forget_keys(world->pgp);
}

static void a_changed_keyring_is_noticed_at_the_next_message(void **state)
{
	struct world *world = *state;
	char *bob = mem_strdup(key_home_fingerprint(world->home, "bob"));
	char *delete = mem_printf("--yes --delete-secret-and-public-key %s", bob), *keys;
	struct pgp_import result;
	struct err err;
	int out, in;

	good(world, LIST("bob"), NULL);
	keys = key_home_gpg(world->home, "--armor --export bob@example.org", -1, NULL);
	in = key_home_file(span_str(keys));
	free(key_home_gpg(world->home, delete, -1, NULL));
	assert_int_equal(encrypt(world, LIST("bob"), NULL, &out, &err), -1);
	assert_non_null(strstr(err.text, "there is no key"));
	close(out);
	assert_int_equal(pgp_import(world->pgp, in, &result, &err), 0);
	strs_free(&result.fingerprints);
	assert_int_equal(encrypt(world, LIST("bob"), NULL, &out, &err), 0);
	assert_int_equal(readers(out), 1);
	close(out);
	close(in);
	free(keys);
	free(delete);
	free(bob);
}

static void what_a_killed_process_left_is_swept_away(void **state)
{
	struct world *world = *state;
	char *left = mem_printf("mkdir -m 700 '%s/.desk-gone01' && touch '%s/.desk-gone01/lock' "
				"'%s/.desk-gone01/pubring.kbx'", world->home->home,
				world->home->home, world->home->home);
	struct pgp_desk *other;
	char path[160];

	pgp_forget_keys(world->pgp);
	assert_int_equal(system(left), 0);
	other = pgp_desk_new(world->home->home, false);
	assert_non_null(other);
	assert_int_equal(desks(world, path), 1);
	/* but not what somebody works at */
	good(world, LIST("carol"), NULL);
	assert_int_equal(desks(world, path), 2);
	assert_int_equal(access(pgp_desk_path(other), F_OK), 0);
	pgp_desk_free(other);
	free(left);
}

static void it_starts_over_when_it_is_full(void **state)
{
	struct world *world = *state;
	struct pgp_desk *desk = pgp_desk_new(world->home->home, false);
	struct strs many = { 0 }, unknown = { 0 };

	assert_non_null(desk);
	strs_add(&many, span_str(key_home_fingerprint(world->home, "carol")));
	assert_int_equal(pgp_desk_lay(desk, &many, NULL), 0);
	for (size_t i = 0; i < PGP_DESK_KEYS; i++)
		strs_add(&many, span_str(key_home_fingerprint(world->home, "rsa")));
	assert_int_equal(pgp_desk_lay(desk, &many, NULL), 0);
	strs_add(&unknown, span_str("0123456789ABCDEF0123456789ABCDEF01234567"));
	assert_int_equal(pgp_desk_lay(desk, &unknown, NULL), -1);
	strs_free(&many);
	strs_free(&unknown);
	pgp_desk_free(desk);
}

static void a_small_or_strange_home_gets_none(void **state)
{
	struct world *world = *state;
	char *ring = mem_printf("%s/pubring.kbx", world->home->home);
	char *options = mem_printf("%s/gpg.conf-2.2", world->home->home);
	FILE *file = fopen(options, "w");

	assert_non_null(file);
	fputs("no-random-seed-file\n", file);
	fclose(file);
	assert_null(pgp_desk_new(world->home->home, false));
	unlink(options);
	assert_int_equal(truncate(ring, PGP_DESK_FROM - 1), 0);
	assert_null(pgp_desk_new(world->home->home, false));
	assert_int_equal(truncate(ring, PGP_DESK_FROM), 0);	/* the last blob is cut */
	assert_null(pgp_desk_new(world->home->home, false));
	assert_null(pgp_desk_new("/tmp/ll-there-is-no-such-home", true));
	free(options);
	free(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_large_keyring_gets_a_desk_with_what_is_needed_only),
		cmocka_unit_test(signing_asks_the_agent_of_the_home),
		cmocka_unit_test(slow_signers_get_an_agent_of_their_own_that_ends_with_the_desk),
		cmocka_unit_test(what_the_own_agent_cannot_do_the_homes_does),
		cmocka_unit_test(an_agent_that_has_gone_comes_back),
		cmocka_unit_test(reasons_are_those_of_the_home),
		cmocka_unit_test(a_second_try_begins_where_the_first_did),
		cmocka_unit_test(what_a_killed_process_left_is_swept_away),
		cmocka_unit_test(it_starts_over_when_it_is_full),
		cmocka_unit_test(a_changed_keyring_is_noticed_at_the_next_message),
		cmocka_unit_test(a_small_or_strange_home_gets_none),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
