/* views_check - whether what readers were shown can be read again. */
#ifndef LETTERLOCK_VIEWS_CHECK_H
#define LETTERLOCK_VIEWS_CHECK_H

#include "policy/rules/conf.h"

/* Opens the views in the state once, where a listener is for readers and there
 * is a GnuPG home. -1 with `err`: as with their key lost. */
int views_check_open(const struct settings *settings, struct err *err);

/*
 * Adds that as a problem: the gateway would not start. A state that is not
 * there yet is fine. To be called where conf_check() has found no problem.
 */
void views_check(const struct conf *conf, struct problems *problems);

#endif
