/* tls_tickets - see tls_tickets.h. */
#include "proxy/net/tls_tickets.h"

#include <stdlib.h>
#include <string.h>

#include <letterlock/mem.h>
#include <letterlock/secret.h>

static void forget(struct tls_tickets *tickets, size_t i)
{
	secret_erase(tickets->held[i].at, tickets->held[i].len);
	free(tickets->held[i].at);
	tickets->n--;
	memmove(&tickets->held[i], &tickets->held[i + 1],
		(tickets->n - i) * sizeof(tickets->held[0]));
}

void tls_tickets_put(struct tls_tickets *tickets, struct span ticket, int64_t now, int64_t until)
{
	struct tls_ticket *held;

	if (until <= now || ticket.len == 0)
		return;
	if (tickets->n == TLS_TICKETS_MAX)
		forget(tickets, 0);
	held = &tickets->held[tickets->n++];
	held->at = mem_new(ticket.len);
	memcpy(held->at, ticket.at, ticket.len);
	held->len = ticket.len;
	held->until = until;
}

bool tls_tickets_take(struct tls_tickets *tickets, int64_t now, struct tls_ticket *ticket)
{
	const struct tls_ticket *newest;

	while (tickets->n > 0 && tickets->held[tickets->n - 1].until <= now)
		forget(tickets, tickets->n - 1);
	if (tickets->n == 0)
		return false;
	newest = &tickets->held[tickets->n - 1];
	*ticket = *newest;
	if (tickets->n > 1) {
		tickets->n--;
		return true;
	}
	ticket->at = mem_new(newest->len);
	memcpy(ticket->at, newest->at, newest->len);
	return true;
}

void tls_tickets_clear(struct tls_tickets *tickets)
{
	while (tickets->n > 0)
		forget(tickets, tickets->n - 1);
}
