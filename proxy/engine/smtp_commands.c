#include "proxy/engine/smtp_commands.h"

#include <letterlock/address.h>

#include "proxy/engine/smtp_parameters.h"

/* When a command may come. */
enum {
	FIRST = 1 << 0,		/* before EHLO */
	GREETED = 1 << 1,
	MAILING = 1 << 2,	/* in a transaction */
	ANY = FIRST | GREETED | MAILING,
};

enum arguments { NO_ARGUMENT, AN_ARGUMENT, MAY_ARGUMENT };

/* Further properties. */
enum {
	CLEAR = 1 << 0,		/* also before STARTTLS where that is required */
	CARRIES = 1 << 1,	/* message bytes follow when it is accepted */
	FOLLOWS = 1 << 2,	/* comes pipelined behind MAIL, whose answer
				 * the client does not know yet */
};

struct command {
	const char *verb;
	unsigned states;
	enum arguments arguments;
	unsigned flags;
	/* True: `event` is to be handed out. */
	bool (*run)(struct smtp_server *s, struct buf *out,
		    struct span argument, struct smtp_server_event *event);
};

static bool park(struct smtp_server *s, struct smtp_server_event *event,
		 enum smtp_server_event_kind kind)
{
	event->kind = kind;
	s->parked = kind;
	return true;
}

static bool refused(struct smtp_server *s, struct buf *out,
		    const struct smtp_syntax_fault *fault)
{
	smtp_server_refuse(s, out, fault->code, fault->status, fault->text);
	return false;
}

void smtp_commands_hello(struct smtp_server *s, struct smtp_server_event *event)
{
	struct span verb;

	smtp_syntax_command(buf_span(&s->line), &verb, &event->text);
	event->extended = span_is_nocase(verb, "EHLO");
	s->extended = event->extended;
	s->hello_due = false;
	(void)park(s, event, SMTP_SERVER_HELLO);
}

static bool on_hello(struct smtp_server *s, struct buf *out,
		     struct span argument, struct smtp_server_event *event)
{
	if (!smtp_syntax_name(argument)) {
		smtp_server_refuse(s, out, 501, "5.5.4",
				   "a host name or address literal is needed");
		return false;
	}
	if (!s->transaction) {
		smtp_commands_hello(s, event);
		return true;
	}
	smtp_server_forget(s);
	s->hello_due = true;
	event->kind = SMTP_SERVER_RESET;
	return true;
}

static bool on_starttls(struct smtp_server *s, struct buf *out,
			struct span argument, struct smtp_server_event *event)
{
	(void)argument;
	if (s->tls == LEG_TLS_ACTIVE) {
		smtp_server_refuse(s, out, 503, "5.5.1", "TLS is active already");
		return false;
	}
	if (s->tls == LEG_TLS_NONE) {
		smtp_server_refuse(s, out, 502, "5.5.1", "TLS is not offered");
		return false;
	}
	smtp_server_say(out, 220, "2.0.0", "ready to start TLS");
	return park(s, event, SMTP_SERVER_STARTTLS);
}

static bool may_log_in(struct smtp_server *s, struct buf *out)
{
	if (!s->setup.plaintext_auth && s->tls != LEG_TLS_ACTIVE)
		smtp_server_refuse(s, out, 538, "5.7.11",
				   "encryption is needed to log in");
	else if (!s->extended)
		smtp_server_refuse(s, out, 503, "5.5.1", "EHLO first");
	else if (s->logged_in)
		smtp_server_refuse(s, out, 503, "5.5.1", "logged in already");
	else if (!s->auth_offered)
		smtp_server_refuse(s, out, 502, "5.5.1", "AUTH is not offered");
	else
		return true;
	return false;
}

static bool on_auth(struct smtp_server *s, struct buf *out,
		    struct span argument, struct smtp_server_event *event)
{
	size_t len = span_find(argument, ' ');
	char *name = s->line.data + (argument.at - s->line.data);

	if (!may_log_in(s, out))
		return false;
	event->text = span_of(argument.at, len);
	event->has_response = len < argument.len;
	event->line = span_trim(span_skip(argument, len));
	if (!smtp_syntax_mechanism(event->text) ||
	    span_find(event->line, ' ') < event->line.len) {
		smtp_server_refuse(s, out, 501, "5.5.4",
				   "a mechanism and at most one response");
		return false;
	}
	for (size_t i = 0; i < len; i++)
		if (name[i] >= 'a' && name[i] <= 'z')
			name[i] = (char)(name[i] - 'a' + 'A');
	return park(s, event, SMTP_SERVER_AUTH);
}

/* The address of MAIL or RCPT; `status` is that of its syntax. */
static const struct smtp_syntax_fault *
check_address(struct span address, bool utf8,
	      const struct smtp_syntax_fault *syntax)
{
	static const struct smtp_syntax_fault needs_utf8 = {
		553, "5.6.7", "an address in UTF-8 needs SMTPUTF8"
	};

	if (address_valid(address, utf8))
		return NULL;
	return address_valid(address, true) ? &needs_utf8 : syntax;
}

/* Path and parameters of either command, in `event`. NULL when in order. */
static const struct smtp_syntax_fault *
read_path(const struct smtp_server *s, struct span argument, const char *prefix,
	  struct smtp_server_event *event)
{
	static const struct smtp_syntax_fault no_sender = {
		501, "5.5.4", "FROM:<address> is needed"
	};
	static const struct smtp_syntax_fault no_recipient = {
		501, "5.5.4", "TO:<address> is needed"
	};
	static const struct smtp_syntax_fault no_parameters = {
		501, "5.5.4", "the parameters are not in order"
	};
	static const struct smtp_syntax_fault no_extensions = {
		555, "5.5.4", "parameters need EHLO"
	};

	if (!smtp_syntax_path(&argument, prefix, &event->text))
		return event->kind == SMTP_SERVER_MAIL ? &no_sender
						       : &no_recipient;
	if (!smtp_syntax_parameters(argument, event))
		return &no_parameters;
	if (event->parameters_n && !s->extended)
		return &no_extensions;
	return smtp_parameters_read(event);
}

static bool on_mail(struct smtp_server *s, struct buf *out,
		    struct span argument, struct smtp_server_event *event)
{
	static const struct smtp_syntax_fault no_sender = {
		501, "5.1.7", "this is no address"
	};
	const struct smtp_syntax_fault *fault;

	event->kind = SMTP_SERVER_MAIL;
	fault = read_path(s, argument, "FROM:", event);
	if (!fault && event->text.len)
		fault = check_address(event->text, event->smtputf8, &no_sender);
	if (fault)
		return refused(s, out, fault);
	if (event->size > s->setup.limits.message_size) {
		smtp_server_say(out, 552, "5.3.4", "message too large");
		return false;
	}
	s->utf8 = event->smtputf8;
	return park(s, event, SMTP_SERVER_MAIL);
}

static bool on_rcpt(struct smtp_server *s, struct buf *out,
		    struct span argument, struct smtp_server_event *event)
{
	static const struct smtp_syntax_fault no_recipient = {
		501, "5.1.3", "this is no address"
	};
	const struct smtp_syntax_fault *fault;

	event->kind = SMTP_SERVER_RCPT;
	event->smtputf8 = s->utf8;
	fault = read_path(s, argument, "TO:", event);
	if (!fault && !span_is_nocase(event->text, "postmaster"))
		fault = check_address(event->text, s->utf8, &no_recipient);
	if (fault)
		return refused(s, out, fault);
	if (s->accepted >= s->setup.limits.recipients) {
		smtp_server_say(out, 452, "4.5.3", "too many recipients");
		return false;
	}
	return park(s, event, SMTP_SERVER_RCPT);
}

static bool on_data(struct smtp_server *s, struct buf *out,
		    struct span argument, struct smtp_server_event *event)
{
	(void)argument;
	if (s->accepted)
		return park(s, event, SMTP_SERVER_DATA);
	if (s->tried)
		smtp_server_say(out, 554, "5.5.1", "no valid recipients");
	else
		smtp_server_say(out, 503, "5.5.1", "RCPT first");
	return false;
}

static bool on_rset(struct smtp_server *s, struct buf *out,
		    struct span argument, struct smtp_server_event *event)
{
	(void)argument;
	smtp_server_forget(s);
	smtp_server_say(out, 250, "2.0.0", "forgotten");
	event->kind = SMTP_SERVER_RESET;
	return true;
}

static bool on_noop(struct smtp_server *s, struct buf *out,
		    struct span argument, struct smtp_server_event *event)
{
	(void)s;
	(void)argument;
	(void)event;
	smtp_server_say(out, 250, "2.0.0", "OK");
	return false;
}

static bool on_help(struct smtp_server *s, struct buf *out,
		    struct span argument, struct smtp_server_event *event)
{
	(void)s;
	(void)argument;
	(void)event;
	smtp_server_say(out, 214, "2.0.0", "see RFC 5321");
	return false;
}

/* The same for every name: it shall not tell who exists. */
static bool on_vrfy(struct smtp_server *s, struct buf *out,
		    struct span argument, struct smtp_server_event *event)
{
	(void)s;
	(void)argument;
	(void)event;
	smtp_server_say(out, 252, "2.0.0", "cannot verify, but will try to send");
	return false;
}

static bool on_quit(struct smtp_server *s, struct buf *out,
		    struct span argument, struct smtp_server_event *event)
{
	(void)argument;
	smtp_server_say(out, 221, "2.0.0", "goodbye");
	s->fatal = "QUIT";
	event->kind = SMTP_SERVER_QUIT;
	return true;
}

static bool on_not_offered(struct smtp_server *s, struct buf *out,
			   struct span argument, struct smtp_server_event *event)
{
	(void)argument;
	(void)event;
	smtp_server_refuse(s, out, 502, "5.5.1", "this command is not offered");
	return false;
}

/* A browser, made to talk to us (ALPACA): each word more is one too many. */
static bool on_foreign(struct smtp_server *s, struct buf *out,
		       struct span argument, struct smtp_server_event *event)
{
	(void)argument;
	(void)event;
	smtp_server_fail(s, out, "HTTP was spoken");
	return false;
}

static const struct command commands[] = {
	/* verb      allowed in       argument      flags    done by */
	{ "EHLO",    ANY,             AN_ARGUMENT,  CLEAR,   on_hello },
	{ "HELO",    ANY,             AN_ARGUMENT,  0,       on_hello },
	{ "STARTTLS", ANY,            NO_ARGUMENT,  CLEAR,   on_starttls },
	{ "AUTH",    FIRST | GREETED, AN_ARGUMENT,  0,       on_auth },
	{ "MAIL",    GREETED,         AN_ARGUMENT,  0,       on_mail },
	{ "RCPT",    MAILING,         AN_ARGUMENT,  FOLLOWS, on_rcpt },
	{ "DATA",    MAILING,         NO_ARGUMENT,  FOLLOWS | CARRIES, on_data },
	{ "RSET",    ANY,             NO_ARGUMENT,  0,       on_rset },
	{ "NOOP",    ANY,             MAY_ARGUMENT, CLEAR,   on_noop },
	{ "HELP",    ANY,             MAY_ARGUMENT, 0,       on_help },
	{ "VRFY",    ANY,             AN_ARGUMENT,  0,       on_vrfy },
	{ "QUIT",    ANY,             NO_ARGUMENT,  CLEAR,   on_quit },
	{ "BDAT",    ANY,             MAY_ARGUMENT, CARRIES, on_not_offered },
	{ "EXPN",    ANY,             MAY_ARGUMENT, 0,       on_not_offered },
	{ "ETRN",    ANY,             MAY_ARGUMENT, 0,       on_not_offered },
	{ "TURN",    ANY,             MAY_ARGUMENT, 0,       on_not_offered },
	{ "ATRN",    ANY,             MAY_ARGUMENT, 0,       on_not_offered },
	{ "SEND",    ANY,             MAY_ARGUMENT, 0,       on_not_offered },
	{ "SOML",    ANY,             MAY_ARGUMENT, 0,       on_not_offered },
	{ "SAML",    ANY,             MAY_ARGUMENT, 0,       on_not_offered },
	{ "BURL",    ANY,             MAY_ARGUMENT, 0,       on_not_offered },
	{ "XCLIENT", ANY,             MAY_ARGUMENT, 0,       on_not_offered },
	{ "XFORWARD", ANY,            MAY_ARGUMENT, 0,       on_not_offered },
	{ "GET",     ANY,             MAY_ARGUMENT, CLEAR,   on_foreign },
	{ "POST",    ANY,             MAY_ARGUMENT, CLEAR,   on_foreign },
	{ "PUT",     ANY,             MAY_ARGUMENT, CLEAR,   on_foreign },
	{ "HEAD",    ANY,             MAY_ARGUMENT, CLEAR,   on_foreign },
	{ "OPTIONS", ANY,             MAY_ARGUMENT, CLEAR,   on_foreign },
	{ "DELETE",  ANY,             MAY_ARGUMENT, CLEAR,   on_foreign },
	{ "CONNECT", ANY,             MAY_ARGUMENT, CLEAR,   on_foreign },
	{ "PATCH",   ANY,             MAY_ARGUMENT, CLEAR,   on_foreign },
	{ "TRACE",   ANY,             MAY_ARGUMENT, CLEAR,   on_foreign },
	{ "PRI",     ANY,             MAY_ARGUMENT, CLEAR,   on_foreign },
};

static const struct command *find(struct span verb)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (span_is_nocase(verb, commands[i].verb))
			return &commands[i];
	return NULL;
}

static const struct smtp_syntax_fault *
out_of_order(const struct smtp_server *s, const struct command *command)
{
	static const struct smtp_syntax_fault hello_first = {
		503, "5.5.1", "EHLO first"
	};
	static const struct smtp_syntax_fault mail_first = {
		503, "5.5.1", "MAIL first"
	};
	static const struct smtp_syntax_fault not_while_mailing = {
		503, "5.5.1", "not in a mail transaction"
	};
	unsigned state = s->transaction ? MAILING : s->greeted ? GREETED : FIRST;

	if (command->states & state)
		return NULL;
	if (state == MAILING)
		return &not_while_mailing;
	return state == FIRST ? &hello_first : &mail_first;
}

/* What is wrong with giving this command, here and so; or NULL. */
static const struct smtp_syntax_fault *
check(const struct smtp_server *s, const struct command *command,
      struct span argument)
{
	static const struct smtp_syntax_fault not_known = {
		500, "5.5.1", "command not known"
	};
	static const struct smtp_syntax_fault tls_first = {
		530, "5.7.0", "Must issue a STARTTLS command first"
	};
	static const struct smtp_syntax_fault lacks_argument = {
		501, "5.5.4", "an argument is needed"
	};
	static const struct smtp_syntax_fault no_argument = {
		501, "5.5.4", "this command has no argument"
	};
	const struct smtp_syntax_fault *order;

	if (!command)
		return &not_known;
	if (s->tls == LEG_TLS_REQUIRED && !(command->flags & CLEAR))
		return &tls_first;
	order = out_of_order(s, command);
	if (order)
		return order;
	if (command->arguments == AN_ARGUMENT && !argument.len)
		return &lacks_argument;
	if (command->arguments == NO_ARGUMENT && argument.len)
		return &no_argument;
	return NULL;
}

/*
 * The command was refused (`handed` false) though a message may come behind
 * it, or have come: its lines must never run as commands (RFC 2920 3.1).
 */
static void beware(struct smtp_server *s, struct buf *out, bool handed)
{
	if (handed || s->fatal)
		return;
	s->wary = true;
	if (s->early)
		smtp_server_fail(s, out, "bytes came before the 354");
}

/* Out of order, but only since the MAIL before it was refused: no misuse. */
static bool innocent(struct smtp_server *s, const struct command *command)
{
	bool follows = command && command->flags & FOLLOWS;
	bool was = s->following;

	s->following = (was && follows) ||
		       (command && command->run == on_mail);
	return was && follows && !s->transaction;
}

bool smtp_commands_run(struct smtp_server *s, struct buf *out,
		       struct smtp_server_event *event)
{
	struct span verb, argument;
	const struct command *command;
	const struct smtp_syntax_fault *fault;
	bool wary = s->wary, handed = false, harmless;

	smtp_syntax_command(buf_span(&s->line), &verb, &argument);
	command = find(verb);
	fault = check(s, command, argument);
	harmless = innocent(s, command);
	s->wary = false;
	if (!command && wary) {
		smtp_server_fail(s, out, "a message came where none was due");
		return false;
	}
	if (fault && harmless)
		smtp_server_say(out, fault->code, fault->status, fault->text);
	else if (fault)
		(void)refused(s, out, fault);
	else
		handed = command->run(s, out, argument, event);
	if (command && command->flags & CARRIES)
		beware(s, out, handed);
	return handed;
}
