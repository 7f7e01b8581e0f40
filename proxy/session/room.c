#include "proxy/session/room.h"

#include "proxy/net/loop.h"
#include "proxy/session/session.h"
#include "proxy/session/spool.h"

enum {
	AGAIN = 100,		/* ms; other workers give room back, too */
	APART = 64,		/* ms that sessions which wait are at most apart */
};

static void look_later(const struct room *room)
{
	timer_start(room->timer, AGAIN + room->s->setup.id % APART);
}

static void on_timer(void *owner)
{
	struct room *room = owner;

	if (spool_budget_free_bytes(room->budget) < room->bytes &&
	    loop_now(room->s->setup.loop) < room->until) {
		look_later(room);
		return;
	}
	room->go(room->s);	/* `room` may be gone */
}

bool room_wait(struct room *room, struct session *s, const struct spool_budget *budget,
	       uint64_t bytes, void (*go)(struct session *s))
{
	struct loop *loop = s->setup.loop;

	if (!room->until)
		room->until = loop_now(loop) + ROOM_LONGEST;
	if (room->impatient || loop_now(loop) >= room->until ||
	    bytes > spool_budget_whole(budget)) {
		room->impatient = true;
		return false;
	}
	room->s = s;
	room->budget = budget;
	room->bytes = bytes;
	room->go = go;
	if (!room->timer)
		room->timer = timer_new(loop, on_timer, room);
	look_later(room);
	return true;
}

void room_found(struct room *room)
{
	room->until = 0;
}

void room_drop(struct room *room)
{
	timer_free(room->timer);
	*room = (struct room){ 0 };
}
