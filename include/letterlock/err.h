/*
 * err - why something failed: a kind for the program, a text for a person.
 * A text has no full stop and starts in lower case; it is logged once, where
 * it is handled.
 */
#ifndef LETTERLOCK_ERR_H
#define LETTERLOCK_ERR_H

enum err_kind {
	ERR_NONE = 0,
	ERR_CONF,	/* the administrator's to mend: exit 1 */
	ERR_PEER,	/* the other side broke the protocol or left: close */
	ERR_TIMEOUT,	/* the other side did not answer in time: close */
	ERR_TLS,	/* the peer's TLS or certificate is not acceptable */
	ERR_TEMP,	/* try again later: 4xx */
	ERR_REFUSED,	/* will not work again either: 5xx */
	ERR_BUG,	/* ours: log, end this session only */
};

struct err {
	enum err_kind kind;
	char text[512];
};

/* Sets kind and text (cut when too long, control characters made `?`).
 * `err` may be NULL. Always returns -1, so that `return err_set(...)` works. */
int err_set(struct err *err, enum err_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* As err_set, with ": " and the text of `errno_value` behind. */
int err_errno(struct err *err, enum err_kind kind, int errno_value,
	      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Puts where it was before the text: "loading key a.pem: ...". Returns -1. */
int err_while(struct err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
