#include "proxy/net/loop.h"
#include "proxy/session/imap_fetch_work.h"
#include "proxy/session/spool.h"

enum {
	LONGEST = 15 * 1000,	/* ms; mbsync gives up after 20 s, others later */
	AGAIN = 100,		/* ms; other workers give room back, too */
	APART = 64,		/* ms that sessions which wait are at most apart */
};

static void look_later(const struct imap_session *s, struct imap_fetch *f)
{
	timer_start(f->timer, AGAIN + s->base.setup.id % APART);
}

static void on_timer(void *owner)
{
	struct imap_session *s = owner;
	struct imap_fetch *f = s->work;

	if (spool_budget_free_bytes(s->base.reading) < f->room &&
	    loop_now(s->base.setup.loop) < f->room_until) {
		look_later(s, f);
		return;
	}
	f->room = 0;
	imap_fetch_view_go(s);
	session_turn(&s->base);
}

bool imap_fetch_room_wait(struct imap_session *s, struct imap_fetch *f)
{
	struct loop *loop = s->base.setup.loop;

	if (!f->room_until)
		f->room_until = loop_now(loop) + LONGEST;
	if (f->impatient || loop_now(loop) >= f->room_until ||
	    f->room > spool_budget_whole(s->base.reading)) {
		f->impatient = true;
		return false;
	}
	imap_stored_drop(&f->ahead);
	if (!f->timer)
		f->timer = timer_new(loop, on_timer, s);
	look_later(s, f);
	return true;
}

void imap_fetch_room_drop(struct imap_fetch *f)
{
	timer_free(f->timer);
	f->timer = NULL;
}
