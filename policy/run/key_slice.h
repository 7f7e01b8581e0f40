/* key_slice - the few keys of the index that one message could need. Pure. */
#ifndef LETTERLOCK_KEY_SLICE_H
#define LETTERLOCK_KEY_SLICE_H

struct ask;
struct conf;
struct key_index;

/* Those of the recipients, of the login's own addresses, and of what the
 * rules encrypt to besides; usable or not. The caller frees it. */
struct key_index *key_slice(const struct key_index *index,
			    const struct conf *conf, const struct ask *ask);

#endif
