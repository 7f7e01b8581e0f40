/*
 * settings - the configuration as plain data, read and checked by
 * policy/rules/conf, used everywhere. Nothing here changes after reading.
 */
#ifndef LETTERLOCK_SETTINGS_H
#define LETTERLOCK_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/strs.h>

enum protocol { PROTOCOL_SMTP, PROTOCOL_IMAP, PROTOCOL_POP3 };

/* An IP address or host name with its port; `[::1]:25` without brackets. */
struct endpoint {
	char *host;
	unsigned port;
};

enum upstream_tls { UPSTREAM_STARTTLS, UPSTREAM_IMPLICIT, UPSTREAM_NONE };
enum upstream_verify { VERIFY_CA, VERIFY_PIN };

struct upstream_settings {
	char *name;
	unsigned line;		/* of its section, for messages */
	struct endpoint address;
	enum upstream_tls tls;
	enum upstream_verify verify;
	char *ca_file;		/* PEM, NULL: the system's */
	char *crl_file;		/* PEM, NULL: none */
	struct strs pins;	/* "sha256:BASE64" of the SubjectPublicKeyInfo */
	char *server_name;	/* never NULL */
	bool allow_plaintext;
	/* contents of the files above, read with the configuration */
	struct strs ca_pem;	/* none or one */
	struct strs crl_pem;
};

enum listener_tls { LISTEN_NONE, LISTEN_STARTTLS, LISTEN_REQUIRED,
		    LISTEN_IMPLICIT };
enum plaintext_auth { PLAINTEXT_LOOPBACK, PLAINTEXT_YES, PLAINTEXT_NO };

struct listener_settings {
	char *name;
	unsigned line;
	enum protocol protocol;
	struct endpoint address;	/* host is numeric */
	enum listener_tls tls;
	char *certificate;		/* path, NULL unless tls */
	char *private_key;
	struct strs certificate_pem;	/* none or one: contents */
	struct strs private_key_pem;	/* only in the master and the workers */
	const struct upstream_settings *upstream;
	enum plaintext_auth plaintext_auth;
	char *login;			/* for clients without AUTH, or NULL */
};

struct user_settings {
	char *name;
	unsigned line;
	char *login;
	struct strs addresses;		/* as written */
};

struct gateway_settings {
	char *hostname;
	unsigned workers;		/* never 0 */
	char *state;			/* absolute path */
	char *runtime_dir;
	uint64_t spool_memory;		/* bytes */
	uint64_t max_message_size;	/* bytes */
	uint64_t drain_timeout;		/* ms */
	char *user;			/* drop to, or NULL */
	char *network_user;		/* what the network workers drop to; NULL: user */
	char *gnupg_home;		/* absolute path */
	bool gnupg_home_named;		/* the file names it (it must exist) */
	uint64_t lookup_timeout;	/* ms */
};

struct settings {
	struct gateway_settings gateway;
	struct listener_settings *listeners;
	size_t listeners_n;
	struct upstream_settings *upstreams;
	size_t upstreams_n;
	struct user_settings *users;
	size_t users_n;
};

/* Frees all that `settings` owns; secrets in it are wiped. */
void settings_free(struct settings *settings);

/*
 * The addresses that `login` may use: those of its [user] section (logins
 * compare without ASCII case), or the login itself. Appended to `list`.
 */
void settings_addresses(const struct settings *settings, const char *login,
			struct strs *list);

#endif
