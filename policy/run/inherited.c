#include "policy/run/inherited.h"

#include "policy/rules/conf.h"
#include "policy/run/orders.h"
#include "policy/run/snapshot.h"

int inherited_conf(const char *path, struct conf *conf, struct err *err)
{
	struct snapshot *snapshot = snapshot_read(ORDERS_SNAPSHOT, err);
	struct problems problems = { 0 };
	struct source source;
	int ret;

	if (!snapshot)
		return -1;
	source = snapshot_source(snapshot);
	ret = conf_load(&source, path, conf, &problems);
	if (ret < 0)
		err_set(err, ERR_CONF, "%s",
			problems.list.n ? problems.list.at[0] : "no configuration");
	problem_free(&problems);
	snapshot_free(snapshot);
	return ret;
}
