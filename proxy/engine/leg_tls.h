/* leg_tls - what a client's leg offers of TLS, for the engines of all
 * protocols. */
#ifndef LETTERLOCK_LEG_TLS_H
#define LETTERLOCK_LEG_TLS_H

enum leg_tls {
	LEG_TLS_NONE,
	LEG_TLS_OFFERED,	/* STARTTLS, STLS */
	LEG_TLS_REQUIRED,	/* ... before anything else */
	LEG_TLS_ACTIVE,		/* from the first byte, or since then */
};

#endif
