/*
 * conf_check - what is wrong with a configuration and shows only with a
 * library or the system: certificates and their keys, accounts, directories,
 * addresses. The GnuPG home is key_check's.
 */
#ifndef LETTERLOCK_CONF_CHECK_H
#define LETTERLOCK_CONF_CHECK_H

#include "policy/rules/conf.h"

/*
 * Adds every problem. `conf` may be what conf_read() left of a configuration
 * with problems of its own: what is not in it is not looked at.
 */
void conf_check(const struct conf *conf, struct problems *problems);

/* Warns when root is to run it and no account is named to drop to. */
void conf_check_root(const struct conf *conf, struct problems *problems);

#endif
