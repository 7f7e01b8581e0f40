/* affinity - see affinity.h. */
#include "proxy/run/affinity.h"

#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

#include <letterlock/mem.h>

#include "proxy/net/loop.h"

enum {
	WINDOW = 200,	/* ms in which connections are counted */
	MANY = 20,	/* in one: a tenth of the time, as handshakes go */
};

struct affinity {
	cpu_set_t all;		/* that this process may run on */
	cpu_set_t own;
	bool bound;		/* to `own` */
	unsigned arrivals;	/* in this window */
	struct timer *window;	/* runs from the first of them */
};

/* A system that refuses leaves us where we are: that is slower, not wrong. */
static void bind_to(struct affinity *affinity, bool own)
{
	if (affinity->bound != own &&
	    sched_setaffinity(0, sizeof(cpu_set_t),
			      own ? &affinity->own : &affinity->all) == 0)
		affinity->bound = own;
}

static void on_window(void *owner)
{
	struct affinity *affinity = owner;
	bool many = affinity->arrivals > MANY;

	bind_to(affinity, !many);
	affinity->arrivals = 0;
	if (many)
		timer_start(affinity->window, WINDOW);
}

static void choose(struct affinity *affinity, unsigned number)
{
	CPU_ZERO(&affinity->own);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &affinity->all) && number-- == 0)
			CPU_SET(cpu, &affinity->own);
}

struct affinity *affinity_new(struct loop *loop, unsigned number, unsigned workers)
{
	struct affinity *affinity = mem_new(sizeof(*affinity));

	affinity->window = timer_new(loop, on_window, affinity);
	if (sched_getaffinity(0, sizeof(cpu_set_t), &affinity->all) < 0)
		CPU_ZERO(&affinity->all);	/* more than CPU_SETSIZE */
	if (workers != (unsigned)CPU_COUNT(&affinity->all))
		affinity->own = affinity->all;
	else
		choose(affinity, number);
	if (CPU_COUNT(&affinity->own) > 0)
		bind_to(affinity, true);
	return affinity;
}

void affinity_free(struct affinity *affinity)
{
	if (!affinity)
		return;
	timer_free(affinity->window);
	free(affinity);
}

void affinity_arrival(struct affinity *affinity)
{
	if (affinity->arrivals++ == 0)
		timer_start(affinity->window, WINDOW);
	if (affinity->arrivals > MANY)
		bind_to(affinity, false);
}
