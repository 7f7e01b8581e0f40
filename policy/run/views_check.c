#include "policy/run/views_check.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include <letterlock/mem.h>

#include "policy/run/as_account.h"
#include "policy/store/views.h"

static bool has_readers(const struct settings *settings)
{
	for (size_t i = 0; i < settings->listeners_n; i++)
		if (settings->listeners[i].protocol != PROTOCOL_SMTP)
			return true;
	return false;
}

int views_check_open(const struct settings *settings, struct err *err)
{
	const struct gateway_settings *gateway = &settings->gateway;
	struct views *views;
	char *key;

	if (!has_readers(settings) || access(gateway->gnupg_home, F_OK) < 0)
		return 0;
	key = mem_printf("%s/%s", gateway->gnupg_home, VIEWS_KEY_FILE);
	views = views_open(gateway->state, key, err);
	free(key);
	views_close(views);
	return views ? 0 : -1;
}

/* Puts why they cannot be opened. */
static int try_views(void *argument, struct buf *out, struct err *err)
{
	return views_check_open(argument, err) < 0 ? buf_puts(out, err->text) : 0;
}

void views_check(const struct conf *conf, struct problems *problems)
{
	struct settings settings = conf->settings;
	struct err err = { 0 };
	struct buf why;
	char *text;

	if (access(settings.gateway.state, F_OK) < 0)
		return;
	buf_init(&why, sizeof(err.text));
	if (as_account(settings.gateway.user, try_views, &settings, &why, &err) < 0)
		(void)buf_puts(&why, err.text);
	text = buf_take_string(&why);
	if (*text)
		problem_add(problems, conf->shown, conf_line(conf, "gateway", "state"),
			    "state: %s", text);
	free(text);
}
