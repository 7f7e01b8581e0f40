/* key_check - the part of conf_check that looks at the GnuPG home and at the
 * keys that the policy needs. */
#ifndef LETTERLOCK_KEY_CHECK_H
#define LETTERLOCK_KEY_CHECK_H

#include "policy/rules/conf.h"

/* Adds every problem; as conf_check(). */
void key_check(const struct conf *conf, struct problems *problems);

#endif
