#include <stdlib.h>

#include <letterlock/secret.h>
#include <letterlock/settings.h>

static void upstream_done(struct upstream_settings *upstream)
{
	free(upstream->name);
	free(upstream->address.host);
	free(upstream->ca_file);
	free(upstream->crl_file);
	strs_free(&upstream->pins);
	free(upstream->server_name);
	strs_free(&upstream->ca_pem);
	strs_free(&upstream->crl_pem);
}

static void listener_done(struct listener_settings *listener)
{
	struct strs *keys = &listener->private_key_pem;

	for (size_t i = 0; i < keys->n; i++)
		secret_erase(keys->at[i], strlen(keys->at[i]));
	strs_free(keys);
	strs_free(&listener->certificate_pem);
	free(listener->name);
	free(listener->address.host);
	free(listener->certificate);
	free(listener->private_key);
	free(listener->login);
}

static void user_done(struct user_settings *user)
{
	free(user->name);
	free(user->login);
	strs_free(&user->addresses);
}

static void gateway_done(struct gateway_settings *gateway)
{
	free(gateway->hostname);
	free(gateway->state);
	free(gateway->runtime_dir);
	free(gateway->user);
	free(gateway->network_user);
	free(gateway->gnupg_home);
}

void settings_free(struct settings *settings)
{
	for (size_t i = 0; i < settings->listeners_n; i++)
		listener_done(&settings->listeners[i]);
	for (size_t i = 0; i < settings->upstreams_n; i++)
		upstream_done(&settings->upstreams[i]);
	for (size_t i = 0; i < settings->users_n; i++)
		user_done(&settings->users[i]);
	free(settings->listeners);
	free(settings->upstreams);
	free(settings->users);
	gateway_done(&settings->gateway);
	*settings = (struct settings){ 0 };
}

void settings_addresses(const struct settings *settings, const char *login,
			struct strs *list)
{
	bool found = false;

	for (size_t i = 0; i < settings->users_n; i++) {
		const struct user_settings *user = &settings->users[i];

		if (!span_is_nocase(span_str(login), user->login))
			continue;
		strs_add_all(list, &user->addresses);
		found = true;
	}
	if (!found)
		strs_add(list, span_str(login));
}
