/*
 * identity - may this login write under these names? (CONTRACT: header From,
 * header Sender and the envelope sender must be addresses of the login.)
 */
#ifndef LETTERLOCK_IDENTITY_H
#define LETTERLOCK_IDENTITY_H

#include <letterlock/ask.h>
#include <letterlock/span.h>
#include <letterlock/strs.h>

struct settings;

/*
 * Looks at the envelope sender of `ask`. 0, or -1 with `reply`. Without a
 * login there is nothing to hold it against: 0.
 */
int identity_sender(const struct settings *settings, const struct ask *ask,
		    struct reply *reply);

/*
 * Looks at the header `fields`, too. On 0 with a login, `from` has the
 * addresses of From (appended).
 */
int identity_message(const struct settings *settings, const struct ask *ask,
		     struct span fields, struct strs *from, struct reply *reply);

#endif
