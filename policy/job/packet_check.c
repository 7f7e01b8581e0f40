#include "policy/job/packet_check.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "policy/crypto/openpgp_packets.h"
#include "policy/keys/key_index.h"

enum { PIECE = 16 * 1024 };

static int feed(struct openpgp_packets *packets, int fd, uint64_t at, uint64_t end,
		struct err *err)
{
	char piece[PIECE];

	while (at < end) {
		size_t want = end - at < sizeof(piece) ? (size_t)(end - at) : sizeof(piece);
		ssize_t n = pread(fd, piece, want, (off_t)at);

		if (n <= 0)
			return err_errno(err, ERR_TEMP, n < 0 ? errno : EIO,
					 "reading what was encrypted");
		openpgp_packets_feed(packets, span_of(piece, (size_t)n));
		at += (uint64_t)n;
	}
	return 0;
}

static bool has_id(const struct key *key, uint64_t id)
{
	for (size_t i = 0; i < key->encryption_n; i++)
		if (id != 0 && key->encryption[i].id == id)
			return true;
	return false;
}

/* Which key the id is of; n when it is of none. */
static size_t owner(const struct key *const *keys, size_t n, uint64_t id)
{
	size_t i = 0;

	while (i < n && !has_id(keys[i], id))
		i++;
	return i;
}

/* As many ids as keys, each of one of them, none twice. */
static int compare(const struct openpgp_packets_found *found, const struct key *const *keys,
		   size_t n, struct err *err)
{
	if (found->kind != OPENPGP_PACKETS_ENCRYPTED || !found->armored || found->text_around)
		return err_set(err, ERR_BUG, "gpg wrote no encrypted message: %s",
			       found->why ? found->why : "another kind");
	if (found->passwords > 0)
		return err_set(err, ERR_BUG, "gpg encrypted to a passphrase, too");
	if (found->ids_n != n)
		return err_set(err, ERR_BUG, "gpg encrypted to %zu keys instead of %zu",
			       found->ids_n, n);
	for (size_t i = 0; i < n; i++) {
		size_t mine = owner(keys, n, found->ids[i]);

		if (mine == n)
			return err_set(err, ERR_BUG,
				       "gpg encrypted to %016" PRIX64 ", which nobody chose",
				       found->ids[i]);
		for (size_t k = 0; k < i; k++)
			if (owner(keys, n, found->ids[k]) == mine)
				return err_set(err, ERR_BUG, "gpg encrypted to %s twice",
					       keys[mine]->fingerprint);
	}
	return 0;
}

int packet_check(int fd, uint64_t begin, uint64_t end, const struct key *const *keys,
		 size_t n, struct err *err)
{
	struct openpgp_packets *packets = openpgp_packets_new();
	int result = feed(packets, fd, begin, end, err);

	if (result == 0)
		result = compare(openpgp_packets_end(packets), keys, n, err);
	openpgp_packets_free(packets);
	return result;
}
