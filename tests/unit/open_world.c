#include "open_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "policy/crypto/openpgp_enarmor.h"

static struct seal_world world;

int open_world_make(void **state)
{
	(void)state;
	seal_world_make(&world);
	seal_world_policy(&world, "");
	return 0;
}

int open_world_end(void **state)
{
	(void)state;
	seal_world_end(&world);
	return 0;
}

const char *open_world_home(void)
{
	return world.home;
}

struct span octets_span(const struct octets *octets)
{
	return span_of(octets->at, octets->len);
}

struct octets open_world_gpg(const char *arguments, struct span bytes)
{
	struct octets made;

	made.at = seal_world_gpg_bytes(&world, arguments, bytes, &made.len);
	return made;
}

char *open_world_armor(struct span packets)
{
	static struct openpgp_enarmor armor;
	char *text = mem_new(openpgp_enarmor_size(packets.len) + 3 * OPENPGP_ENARMOR_EDGE);
	size_t n;

	openpgp_enarmor_init(&armor, "PGP MESSAGE");
	n = openpgp_enarmor_begin(&armor, text);
	n += openpgp_enarmor_put(&armor, packets, text + n);
	n += openpgp_enarmor_end(&armor, text + n);
	text[n] = '\0';
	return text;
}

char *open_world_letter(struct span packets)
{
	char *text = open_world_armor(packets);
	char *all = mem_printf(LETTER ROOT "\r\n" CONTROL DATA "%s" END, text);

	free(text);
	return all;
}

struct shown open_world_shown(const char *login, const char *stored)
{
	struct open_parts parts = { .settings = &world.conf.settings, .keys = world.keys,
				    .pgp = world.pgp, .login = login };
	struct shown s = { .err = { 0 } };
	struct buf view;

	buf_init(&view, open_most(parts.settings, strlen(stored)));
	s.outcome = open_message(&parts, span_str(stored), &view, &s.err);
	assert_null(memchr(buf_span(&view).at, 0, view.len));
	s.view = buf_take_string(&view);
	return s;
}

void open_world_refused(const char *what, const char *reason, char *stored)
{
	struct shown s = open_world_shown(BOB, stored);
	char *head = mem_printf("Authentication-Results: gw.test; openpgp=none (%s)\r\n"
				"X-Letterlock: not decrypted; %s\r\n",
				reason, reason);

	if (s.outcome != OPEN_FAILED || strncmp(s.view, head, strlen(head)) != 0 ||
	    strcmp(s.view + strlen(head), stored) != 0)
		fail_msg("%s: %d, %s\n%.2000s", what, s.outcome, s.err.text, s.view);
	free(head);
	free(s.view);
	free(stored);
}

void open_world_untouched(const char *what, char *stored)
{
	struct shown s = open_world_shown(BOB, stored);

	if (s.outcome != OPEN_CLEAR || strcmp(s.view, stored) != 0)
		fail_msg("%s: %d, %s\n%.2000s", what, s.outcome, s.err.text, s.view);
	free(s.view);
	free(stored);
}

void open_world_opened(const char *what, char *stored)
{
	struct shown s = open_world_shown(BOB, stored);

	if (s.outcome != OPEN_DECRYPTED ||
	    !strstr(s.view, "\r\nX-Letterlock: decrypted; signature=none\r\n") ||
	    !strstr(s.view, "\r\n\r\n" SECRET "\r\n"))
		fail_msg("%s: %d, %s\n%.2000s", what, s.outcome, s.err.text, s.view);
	free(s.view);
	free(stored);
}
