/*
 * sealer - the process that touches keys and messages at once: one message at
 * a time, blocking. Whatever it does too long it is killed for, by the policy
 * engine, with all that it started.
 */
#ifndef LETTERLOCK_SEALER_H
#define LETTERLOCK_SEALER_H

/*
 * What engine and sealer say to each other, over the descriptors of orders.h:
 * one octet, and what it needs. A question is two: SEALER_KEYS or SEALER_HOME,
 * then the wire form of the ask with the message (if any) beside it; the answer
 * is the wire form of the answer with what it speaks of beside it.
 */
enum sealer_word {
	SEALER_LIST = 'L',	/* to it: read all keys */
	SEALER_KEYS = 'K',	/* to it: beside it those that the next message
				 * needs; 8 octets say when they were read */
	SEALER_HOME = 'H',	/* likewise all of the home, for stored mail */
	SEALER_CAREFUL = 'C',	/* to it: others died of the message that comes;
				 * it is shown as it is stored */
	SEALER_INDEX = 'I',	/* from it: all keys, beside it */
	SEALER_FAILED = 'E',	/* from it: no keys; text that says why */
};

enum {
	SEALER_KEYS_SIZE = 9,
	SEALER_SLICE_MAX = 64 * 1024 * 1024,	/* those of one message */
	SEALER_INDEX_MAX = 512 * 1024 * 1024,	/* bytes of keys, on the wire */
};

/* The hidden subcommand: `@sealer CONFIGURATION`. */
int sealer_main(int argc, char **argv);

#endif
