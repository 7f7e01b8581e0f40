/* key_check - what is wrong with the GnuPG home, and which keys that the
 * policy needs are not in it. */
#ifndef LETTERLOCK_KEY_CHECK_H
#define LETTERLOCK_KEY_CHECK_H

#include "policy/rules/conf.h"

/* Adds every problem; `conf` may be incomplete, as for conf_check(). */
void key_check(const struct conf *conf, struct problems *problems);

#endif
