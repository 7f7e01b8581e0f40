/*
 * worker - the process that speaks with the network: sockets, TLS, sessions.
 * It has no key but those of its listeners' TLS, and asks the policy engine.
 */
#ifndef LETTERLOCK_WORKER_H
#define LETTERLOCK_WORKER_H

/* The hidden subcommand: `@worker CONFIGURATION SLOT`, with the descriptors
 * of orders.h. Ends when the master says so or has gone. */
int worker_main(int argc, char **argv);

#endif
