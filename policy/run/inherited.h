/* inherited - the configuration as a child gets it: the snapshot that the
 * master made, at its descriptor of orders.h. */
#ifndef LETTERLOCK_INHERITED_H
#define LETTERLOCK_INHERITED_H

#include <letterlock/err.h>

struct conf;

/* Reads what the master read from `path`. 0 with `conf` filled, or -1. */
int inherited_conf(const char *path, struct conf *conf, struct err *err);

#endif
