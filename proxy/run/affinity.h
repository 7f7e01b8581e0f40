/*
 * affinity - which processor a worker runs on.
 *
 * A worker that relays for connections that stay is bound to one processor:
 * what it needs is in that one's caches, and who writes to it does not draw it
 * to where it runs itself (on two processors 4 KiB messages come a tenth
 * faster). One that takes many connections goes where a processor is free:
 * their handshakes are long, and would wait for the one while another idles.
 */
#ifndef LETTERLOCK_AFFINITY_H
#define LETTERLOCK_AFFINITY_H

struct affinity;
struct loop;

/*
 * Of the `number`th of `workers`. Only processors that this process may run on
 * are chosen from (taskset(1), CPUAffinity= of systemd); where they are not as
 * many as workers, nothing is bound: some would be shared, others left idle.
 */
struct affinity *affinity_new(struct loop *loop, unsigned number, unsigned workers);
void affinity_free(struct affinity *affinity);	/* NULL is fine */

/* A connection came. */
void affinity_arrival(struct affinity *affinity);

#endif
