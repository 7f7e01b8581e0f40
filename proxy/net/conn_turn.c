/*
 * conn_turn - what a conn does, as opposed to what it is asked (conn).
 *
 * Everything that tells the session something runs from the loop: on_watch()
 * when the socket can do something, on_turn() at the end of a turn in which
 * somebody asked for it, on_clock(). What the session calls only notes what is
 * to be done and asks for a turn.
 */
#include <stdlib.h>

#include <letterlock/mem.h>

#include "proxy/engine/tls_engine.h"
#include "proxy/net/conn_state.h"
#include "proxy/net/spare.h"

enum {
	FLUSH_TIME = 5000,	/* ms that conn_close() may take to send */
	LINGER_TIME = 2000,	/* ms that the peer has to read the rest and end */
	END_GRACE = 1000,	/* ms that what came before the end may lie */
};

void conn_turn_ask(struct conn *c)
{
	if (c->state != CONN_DEAD)
		loop_turn_ask(c->loop, &c->turn);
}

static void on_free(void *owner)
{
	struct conn *c = owner;

	free(c->why);
	free(c);
}

static void stop_dialling(struct conn *c)
{
	void (*cancel)(void *dialler) = c->cancel;

	c->cancel = NULL;
	if (cancel)
		cancel(c->dialler);
}

void conn_turn_destroy(struct conn *c)
{
	if (c->state == CONN_DEAD)
		return;
	c->state = CONN_DEAD;
	c->events = NULL;
	stop_dialling(c);
	watch_free(c->watch);
	timer_free(c->clock);
	wire_done(&c->wire);
	tls_engine_free(c->upgrade);
	c->upgrade = NULL;
	buf_wipe(&c->in);
	buf_wipe(&c->out);
	if (c->gone)
		c->gone(c->gone_owner, c);
	loop_turn_drop(&c->turn);
	c->turn.run = on_free;
	loop_turn_ask(c->loop, &c->turn);
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

/* Deadlines move with each command: the clock is only set anew when it would
 * come too late, and looks again when it goes off too early. */
void conn_turn_clock(struct conn *c)
{
	uint64_t now = loop_now(c->loop);
	uint64_t due = sooner(sooner(c->deadline_at, c->ready_by),
			      sooner(c->grace_at, c->close_by));

	if (c->state == CONN_DEAD || due == 0 || (c->clock_at != 0 && c->clock_at <= due))
		return;
	c->clock_at = due;
	timer_start(c->clock, due > now ? due - now : 0);
}

void conn_turn_close(struct conn *c)
{
	c->events = NULL;
	c->state = CONN_CLOSING;
	c->deadline_at = c->ready_by = c->grace_at = 0;
	c->close_by = loop_now(c->loop) + FLUSH_TIME;
	conn_turn_clock(c);
	conn_turn_ask(c);
}

void conn_turn_end(struct conn *c, const struct err *why)
{
	if (c->ended)
		return;
	c->ended = true;
	if (why->kind == ERR_NONE)
		return;
	c->why = mem_new(sizeof(*why));
	*c->why = *why;
}

/* Tells `closed`. The peer that ended properly gets what was written for it,
 * the one whose TLS failed an alert. */
static void finish(struct conn *c)
{
	const struct conn_events *events = c->events;
	void *owner = c->owner;
	struct err why = { .kind = ERR_NONE };

	if (c->why)
		why = *c->why;
	if (why.kind == ERR_TLS)
		buf_wipe(&c->out);	/* was meant for a peer that was not there */
	if (c->state == CONN_DIALLING || why.kind == ERR_PEER || why.kind == ERR_TEMP ||
	    c->blocked)
		conn_turn_destroy(c);
	else
		conn_turn_close(c);
	if (events)
		events->closed(owner, &why);
}

/* Reads once; what came is told by tell(). */
static enum wire_result take(struct conn *c)
{
	struct err why = { .kind = ERR_NONE };
	size_t before = c->in.len;
	enum wire_result result;

	if (c->state != CONN_OPEN || c->ended || c->filled || !c->reading)
		return WIRE_AGAIN;
	result = wire_read(&c->wire, &c->in, CONN_HIGH_WATER, &why);
	if (c->in.len > before)
		c->bytes_due = true;
	if (result == WIRE_FULL || c->in.len >= CONN_HIGH_WATER)
		c->filled = true;
	/* after a failed write the kernel calls a reset an end */
	if (result == WIRE_FAILED || (result == WIRE_END && !c->wire.broken))
		conn_turn_end(c, &why);
	return result;
}

static void resume(struct conn *c)
{
	if (!c->filled || !c->reading || c->in.len > CONN_LOW_WATER)
		return;
	c->filled = false;
	take(c);
}

static size_t waiting(const struct conn *c)
{
	return c->out.len + wire_waiting(&c->wire);
}

void conn_turn_write(struct conn *c)
{
	struct buf nothing;
	struct err why = { .kind = ERR_NONE };
	bool shaking = c->state == CONN_SHAKING;	/* then `out` has to wait */
	enum wire_result result;

	if (c->wire.fd < 0 || waiting(c) == 0)
		return;
	if (waiting(c) > CONN_HIGH_WATER)
		c->was_full = true;
	buf_init(&nothing, 0);
	result = wire_write(&c->wire, shaking ? &nothing : &c->out, &why);
	c->blocked = result == WIRE_AGAIN;
	if (result != WIRE_FAILED || shaking)
		return;
	while (take(c) == WIRE_DONE)
		;	/* a peer that went has often said why */
	conn_turn_end(c, &why);
}

static void shake(struct conn *c)
{
	struct err why = { .kind = ERR_NONE };
	enum wire_result result = wire_handshake(&c->wire, &why);

	conn_turn_write(c);
	if (result == WIRE_AGAIN)
		return;
	if (result == WIRE_FAILED) {
		conn_turn_end(c, &why);
		return;
	}
	c->state = CONN_OPEN;
	c->secure = true;
	c->ready_by = 0;
	c->ready_due = true;
	c->filled = true;	/* the first bytes may be inside already */
	resume(c);
}

static void start_shaking(struct conn *c)
{
	wire_secure(&c->wire, c->upgrade);
	c->upgrade = NULL;
	c->state = CONN_SHAKING;
	shake(c);
}

/* An event may close or abort the conn: then nobody is left to be told. */
static void tell(struct conn *c)
{
	if (c->events && c->ready_due) {
		c->ready_due = false;
		c->events->ready(c->owner);
	}
	if (c->events && c->bytes_due && c->state == CONN_OPEN) {
		c->bytes_due = false;
		c->events->bytes(c->owner);
	}
	if (c->events && c->state == CONN_OPEN && !c->wire.broken &&
	    ((c->was_full && waiting(c) < CONN_LOW_WATER) ||
	     (c->drained_wanted && waiting(c) == 0))) {
		c->was_full = c->drained_wanted = false;
		c->events->drained(c->owner);
	}
	if (!c->events || !c->ended)
		return;
	if (c->why || c->in.len == 0) {
		finish(c);
		return;
	}
	/* what came before the end is still to be taken */
	if (c->grace_at == 0 || c->left != c->in.len) {
		c->left = c->in.len;
		c->grace_at = loop_now(c->loop) + END_GRACE;
		conn_turn_clock(c);
	}
}

static void close_on(struct conn *c)
{
	bool gone = c->ended && !c->why;

	if (waiting(c) > 0 && !c->wire.broken)
		return;		/* the turn that was asked for, or POLLOUT, goes on */
	if (c->secure && !c->blocked && !c->wire.broken) {
		c->secure = false;
		wire_bye(&c->wire);
		conn_turn_write(c);
	}
	if (c->wire.broken || (gone && !c->blocked)) {
		conn_turn_destroy(c);
		return;
	}
	if (c->blocked)
		return;
	/* closing with bytes unread would make the kernel send a reset, which
	 * takes from the peer what was sent just now */
	wire_shut(&c->wire);
	c->state = CONN_LINGERING;
	c->close_by = loop_now(c->loop) + LINGER_TIME;
}

static void repoll(struct conn *c)
{
	bool read = c->state == CONN_SHAKING || c->state == CONN_LINGERING ||
		    (c->state == CONN_OPEN && c->reading && !c->filled && !c->ended);

	if (c->watch)
		watch_want(c->watch, read, c->blocked);
}

/* What any of the three callers from the loop ends with. */
static void go_on(struct conn *c)
{
	if (c->state == CONN_BEFORE_TLS && !c->ended && waiting(c) == 0)
		start_shaking(c);
	if (c->state == CONN_OPEN)
		resume(c);
	c->telling = true;
	tell(c);
	c->telling = false;
	if (waiting(c) > 0 && !c->blocked)
		conn_turn_ask(c);
	if (c->state == CONN_CLOSING)
		close_on(c);
	if (c->state == CONN_DEAD)
		return;
	spare_return(c->wire.spare, &c->in);
	if (c->out.len == 0)
		spare_return(c->wire.spare, &c->out);
	repoll(c);
}

static void on_turn(void *owner)
{
	struct conn *c = owner;

	if (!c->events && c->state < CONN_CLOSING) {
		conn_turn_destroy(c);	/* accepted, and nobody took it */
		return;
	}
	if (!c->blocked)
		conn_turn_write(c);
	go_on(c);
	/* what is written by now asked for another turn */
	if (c->state != CONN_DEAD)
		spare_return(loop_spare(c->loop), &c->out);
}

static void on_watch(void *owner, bool readable, bool writable)
{
	struct conn *c = owner;

	if (c->state == CONN_LINGERING) {
		if (!wire_discard(&c->wire))
			conn_turn_destroy(c);
		return;
	}
	if (c->state == CONN_SHAKING)
		shake(c);
	else if (readable)
		take(c);
	if (writable)
		conn_turn_write(c);
	go_on(c);
}

static void on_clock(void *owner)
{
	struct conn *c = owner;
	uint64_t now = loop_now(c->loop);
	struct err why = { .kind = ERR_NONE };

	c->clock_at = 0;
	if (c->close_by != 0 && c->close_by <= now) {
		conn_turn_destroy(c);
		return;
	}
	if (c->ready_by != 0 && c->ready_by <= now) {
		err_set(&why, ERR_TEMP, "unreachable: %s took too long",
			c->state == CONN_DIALLING ? "connecting" : "the TLS handshake");
		conn_turn_end(c, &why);
		finish(c);
		return;
	}
	if (c->deadline_at != 0 && c->deadline_at <= now) {
		err_set(&why, ERR_TIMEOUT, "the peer did not answer in time");
		conn_turn_end(c, &why);
		finish(c);
		return;
	}
	if (c->grace_at != 0 && c->grace_at <= now) {
		finish(c);
		return;
	}
	conn_turn_clock(c);
}

void conn_turn_init(struct conn *c, struct loop *loop)
{
	c->loop = loop;
	c->turn.run = on_turn;
	c->turn.owner = c;
	c->clock = timer_new(loop, on_clock, c);
}

void conn_turn_attach(struct conn *c, int fd)
{
	wire_init(&c->wire, fd, loop_spare(c->loop));
	c->watch = watch_new(c->loop, fd, on_watch, c);	/* nobody may own it yet */
	c->state = CONN_OPEN;
	conn_turn_ask(c);
}
