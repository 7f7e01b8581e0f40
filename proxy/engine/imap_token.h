/*
 * imap_token - the words of an IMAP command or response (RFC 9051 9): atoms,
 * strings, parentheses. Pure: reads what is whole, allocates nothing.
 */
#ifndef LETTERLOCK_IMAP_TOKEN_H
#define LETTERLOCK_IMAP_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/buf.h>
#include <letterlock/span.h>

enum imap_token_kind {
	IMAP_TOKEN_END,
	IMAP_TOKEN_ATOM,	/* all that is none of the others; brackets are
				 * letters: BODY[HEADER.FIELDS ( FROM ) ]<0.5> */
	IMAP_TOKEN_QUOTED,
	IMAP_TOKEN_LITERAL,	/* {n}CRLF or {n+}CRLF, and its bytes */
	IMAP_TOKEN_OPEN,	/* ( */
	IMAP_TOKEN_CLOSE,	/* ) */
	IMAP_TOKEN_BAD,		/* control characters, a quote or literal that
				 * does not end, ~{n}, more than one blank */
};

struct imap_token {
	enum imap_token_kind kind;
	struct span raw;	/* as it stands */
	struct span text;	/* the atom; what stands between the quotes,
				 * backslashes still in it; a literal's bytes */
	bool spaced;		/* a blank stands before it */
};

enum { IMAP_TOKEN_DEPTH_MAX = 64, IMAP_LITERAL_DIGITS = 10 };

/* Takes the next token off `rest`. After END and BAD it stays so. */
enum imap_token_kind imap_token_next(struct span *rest,
				     struct imap_token *token);

/* Whether `text` is well-formed to its end: parentheses that pair, at most
 * IMAP_TOKEN_DEPTH_MAX of them open at once, and no NUL (RFC 9051: CHAR8). */
bool imap_token_well_formed(struct span text);

/* Atom, quoted or literal: appends its value (backslashes undone). -1 when it
 * is another token or `out` is full. */
int imap_token_value(const struct imap_token *token, struct buf *out);

/* The same as a C string that the caller frees; NULL when it is another token
 * or holds a NUL. */
char *imap_token_string(const struct imap_token *token);

/* Takes one astring off `rest` as imap_token_string(); NULL: there is none. */
char *imap_token_astring(struct span *rest);

/* Appends `value` as a quoted string, or as a literal "{n}CRLF..." where it
 * holds CR, LF or 8-bit. -1 when `out` is full or it holds a NUL. */
int imap_token_put(struct buf *out, struct span value);

/*
 * The literal that a line (without its CRLF) ends in announces: true and its
 * size for {n}, {n+} and (`binary`) ~{n}. {-1}, {01}, {1 }, and what passes
 * 32 bits are none.
 */
bool imap_token_announced(struct span line, uint64_t *size, bool *synchronising,
			  bool *binary);

#endif
