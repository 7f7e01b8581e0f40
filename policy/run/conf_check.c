#include "policy/run/conf_check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <letterlock/mem.h>

#include "proxy/net/tls_creds.h"

static struct span first_of(const struct strs *list)
{
	return list->n > 0 ? span_str(list->at[0]) : span_of("", 0);
}

/* The line of `key` in the section [kind name]. */
static unsigned line_in(const struct conf *conf, const char *kind,
			const char *name, const char *key)
{
	char *section = mem_printf("%s %s", kind, name);
	unsigned line = conf_line(conf, section, key);

	free(section);
	return line;
}

static void check_certificate(const struct conf *conf,
			      const struct listener_settings *listener,
			      struct problems *problems)
{
	struct err err = { 0 };

	if (listener->certificate_pem.n == 0 || listener->private_key_pem.n == 0)
		return;		/* which is a problem that conf_read told */
	if (tls_creds_check_server(first_of(&listener->certificate_pem),
				   first_of(&listener->private_key_pem), &err) < 0)
		problem_add(problems, conf->shown,
			    line_in(conf, "listen", listener->name, "certificate"),
			    "[listen %s] %s (certificate %s, private key %s); write the paths of a "
			    "certificate and of the private key that belongs to it",
			    listener->name, err.text, listener->certificate,
			    listener->private_key);
}

/* Whether a listener's address is one of this system. That its port is taken
 * (the gateway may be running) or forbidden to us shows when it starts. */
static bool address_is_ours(const struct endpoint *address)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	bool is_v4 = inet_pton(AF_INET, address->host, &v4.sin_addr) == 1;
	int fd, result;

	if (!is_v4 && inet_pton(AF_INET6, address->host, &v6.sin6_addr) != 1)
		return false;
	fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return errno != EAFNOSUPPORT;
	/* port 0: the address alone is tried */
	result = is_v4 ? bind(fd, (const struct sockaddr *)&v4, sizeof(v4))
		       : bind(fd, (const struct sockaddr *)&v6, sizeof(v6));
	result = result < 0 ? errno : 0;
	close(fd);
	return result != EADDRNOTAVAIL;
}

static void check_listener(const struct conf *conf,
			   const struct listener_settings *listener,
			   struct problems *problems)
{
	check_certificate(conf, listener, problems);
	if (listener->address.host && !address_is_ours(&listener->address))
		problem_add(problems, conf->shown,
			    line_in(conf, "listen", listener->name, "address"),
			    "[listen %s] %s is no address of this system; write one that is, such "
			    "as 127.0.0.1:%u", listener->name, listener->address.host,
			    listener->address.port);
}

static void check_upstream(const struct conf *conf,
			   const struct upstream_settings *upstream,
			   struct problems *problems)
{
	struct upstream_settings named = *upstream;
	char unknown[] = "unknown.invalid";
	struct err err = { 0 };
	const char *key = upstream->ca_file ? "ca-file" :
			  upstream->crl_file ? "crl-file" : "pin";

	/* a named file that could not be read has been told, a lacking pin too */
	if ((upstream->ca_file && upstream->ca_pem.n == 0) ||
	    (upstream->crl_file && upstream->crl_pem.n == 0) ||
	    (upstream->verify == VERIFY_PIN && upstream->pins.n == 0))
		return;
	if (!named.server_name)		/* nor could the address, which gives it */
		named.server_name = unknown;
	if (tls_creds_check_upstream(&named, &err) < 0)
		problem_add(problems, conf->shown,
			    line_in(conf, "upstream", upstream->name, key),
			    "[upstream %s] %s; write the path of a PEM file with what is needed",
			    upstream->name, err.text);
}

/* The account to run as; NULL: the one that runs us, or none such. */
static const struct passwd *account_of(const struct gateway_settings *gateway)
{
	return gateway->user ? getpwnam(gateway->user) : NULL;
}

static void check_named(const struct conf *conf, const char *key, const char *name,
			struct problems *problems)
{
	const struct passwd *account = name ? getpwnam(name) : NULL;
	unsigned line = conf_line(conf, "gateway", key);

	if (name && !account)
		problem_add(problems, conf->shown, line,
			    "%s: there is no account %s; write one that is there, or make it "
			    "with: adduser --system --group %s", key, name, name);
	else if (account && account->pw_uid == 0)
		problem_add(problems, conf->shown, line,
			    "%s: %s is root, which would drop nothing; write another account", key,
			    name);
}

/* Apart from the keys only when it is another one, and root can give it. */
static void check_accounts(const struct conf *conf, struct problems *problems)
{
	const struct gateway_settings *gateway = &conf->settings.gateway;

	check_named(conf, "user", gateway->user, problems);
	check_named(conf, "network-user", gateway->network_user, problems);
	if (gateway->network_user && !gateway->user)
		problem_add(problems, conf->shown, conf_line(conf, "gateway", "network-user"),
			    "network-user: there is no user beside it, so that the keys would be "
			    "root's; write user = ACCOUNT, too");
	else if (gateway->network_user && strcmp(gateway->network_user, gateway->user) == 0)
		problem_add(problems, conf->shown, conf_line(conf, "gateway", "network-user"),
			    "network-user: %s is user, too, who has the keys; write another "
			    "account", gateway->user);
}

/* Whether `account` (NULL: this process) may make files in a directory. */
static bool writable(const char *path, const struct stat *status,
		     const struct passwd *account)
{
	if (!account || account->pw_uid == 0 || geteuid() != 0)
		return faccessat(AT_FDCWD, path, W_OK | X_OK, AT_EACCESS) == 0;
	if (status->st_uid == account->pw_uid)
		return (status->st_mode & S_IWUSR) && (status->st_mode & S_IXUSR);
	if (status->st_gid == account->pw_gid)
		return (status->st_mode & S_IWGRP) && (status->st_mode & S_IXGRP);
	return (status->st_mode & S_IWOTH) && (status->st_mode & S_IXOTH);
}

/* Whether `path` is empty or begins as an SQLite file does. More is seen when
 * it is opened, which as root would leave files of root beside it. */
static bool may_be_database(const char *path)
{
	static const char magic[16] = "SQLite format 3";
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char head[sizeof(magic)];
	ssize_t n;

	if (fd < 0)
		return true;	/* not for us to read */
	n = pread(fd, head, sizeof(head), 0);
	close(fd);
	return n == 0 || (n == sizeof(head) && memcmp(head, magic, sizeof(head)) == 0);
}

static void check_state(const struct conf *conf, struct problems *problems)
{
	const struct gateway_settings *gateway = &conf->settings.gateway;
	const struct passwd *account = account_of(gateway);
	unsigned line = conf_line(conf, "gateway", "state");
	char *directory;
	struct stat status;

	if (!gateway->state)
		return;
	directory = source_directory(gateway->state);
	if (stat(directory, &status) < 0 || !S_ISDIR(status.st_mode))
		problem_add(problems, conf->shown, line,
			    "state: there is no directory %s; make it, or write the path of a file "
			    "in one that is there", directory);
	else if (!writable(directory, &status, account))
		problem_add(problems, conf->shown, line,
			    "state: %s may not write to %s, where SQLite keeps files beside the "
			    "database; write state = FILE in another directory, or change its "
			    "owner", account ? account->pw_name : "this account", directory);
	else if (stat(gateway->state, &status) == 0 && !S_ISREG(status.st_mode))
		problem_add(problems, conf->shown, line,
			    "state: %s is no regular file; write the path of one, or of one to be "
			    "made", gateway->state);
	else if (!may_be_database(gateway->state))
		problem_add(problems, conf->shown, line,
			    "state: %s is not a database; write the path of one, or of one to be "
			    "made", gateway->state);
	free(directory);
}

static void check_runtime_dir(const struct conf *conf,
			      struct problems *problems)
{
	const char *path = conf->settings.gateway.runtime_dir;
	struct stat status;

	if (path && stat(path, &status) == 0 && !S_ISDIR(status.st_mode))
		problem_add(problems, conf->shown,
			    conf_line(conf, "gateway", "runtime-dir"),
			    "runtime-dir: %s is no directory; write the path of one, or of one to "
			    "be made", path);
}

void conf_check(const struct conf *conf, struct problems *problems)
{
	const struct settings *settings = &conf->settings;

	if (!conf->written || !conf->rules)
		return;		/* there was no file to read */
	if (settings->listeners_n == 0)
		problem_add(problems, conf->shown, 0, "there is no listener; write a section "
			    "[listen NAME] with address = 127.0.0.1:1587 and upstream = NAME");
	check_accounts(conf, problems);
	check_state(conf, problems);
	check_runtime_dir(conf, problems);
	for (size_t i = 0; i < settings->listeners_n; i++)
		check_listener(conf, &settings->listeners[i], problems);
	for (size_t i = 0; i < settings->upstreams_n; i++)
		check_upstream(conf, &settings->upstreams[i], problems);
}

void conf_check_root(const struct conf *conf, struct problems *problems)
{
	if (geteuid() == 0 && conf->rules && !conf->settings.gateway.user)
		problem_warn(problems, conf->shown, conf_line(conf, "gateway", "user"),
			    "[gateway] has no user, so that started as root all of the gateway is "
			    "root, what strangers talk to as well; write user = ACCOUNT, made "
			    "with: adduser --system --group letterlock");
}
