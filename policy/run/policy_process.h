/*
 * policy_process - the policy engine: answers the workers' questions from the
 * rules, the key index and the journal, and hands messages to sealers. Never
 * waits for anything but all of its descriptors at once.
 */
#ifndef LETTERLOCK_POLICY_PROCESS_H
#define LETTERLOCK_POLICY_PROCESS_H

/* The hidden subcommand: `@policy CONFIGURATION`, with the descriptors of
 * orders.h. Ends when the master says so or has gone. */
int policy_process_main(int argc, char **argv);

#endif
