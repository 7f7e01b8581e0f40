/* as_account - has another account do some work: what gpg writes into a GnuPG
 * home must belong to who uses it, and not to root who looks at it. */
#ifndef LETTERLOCK_AS_ACCOUNT_H
#define LETTERLOCK_AS_ACCOUNT_H

#include <letterlock/buf.h>
#include <letterlock/err.h>

/* What it finds out is put into `out`. -1 with `err`. */
typedef int as_account_work(void *argument, struct buf *out, struct err *err);

/*
 * Does it: in a child process that has become `account` where we are root,
 * else (and when that is NULL) right here. Of what goes wrong in a child `err`
 * says no more than that it did.
 */
int as_account(const char *account, as_account_work *work, void *argument, struct buf *out,
	       struct err *err);

#endif
