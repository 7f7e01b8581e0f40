/*
 * channel - whole messages between our own processes over a SOCK_SEQPACKET
 * socket pair; one descriptor may travel beside one. No blocking: a full or
 * empty socket is CHANNEL_AGAIN.
 */
#ifndef LETTERLOCK_CHANNEL_H
#define LETTERLOCK_CHANNEL_H

#include <letterlock/buf.h>
#include <letterlock/err.h>

enum {
	/* No message is larger; both ends refuse what is. */
	CHANNEL_MAX = 400 * 1024,
};

enum channel_result {
	CHANNEL_FAILED = -1,	/* `err` says why; close it */
	CHANNEL_AGAIN = 0,	/* poll and try again */
	CHANNEL_DONE = 1,
	CHANNEL_CLOSED = 2,	/* the other end has gone (receive only) */
};

/* A close-on-exec, non-blocking pair whose buffers take CHANNEL_MAX. */
int channel_pair(int ends[2], struct err *err);

/* Sends `message` whole, with `passed` beside it unless that is -1. The
 * caller keeps `passed`. */
enum channel_result channel_send(int fd, struct span message, int passed,
				 struct err *err);

/*
 * Receives one message into `message` (emptied first; its limit must be at
 * least CHANNEL_MAX). `passed` is the descriptor that came along, owned by
 * the caller, or -1.
 */
enum channel_result channel_receive(int fd, struct buf *message, int *passed,
				    struct err *err);

#endif
