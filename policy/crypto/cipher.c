#include "policy/crypto/cipher.h"

#include <errno.h>
#include <nettle/gcm.h>
#include <nettle/memops.h>
#include <sys/random.h>

#include <letterlock/secret.h>

int cipher_random(unsigned char *bytes, size_t n, struct err *err)
{
	while (n > 0) {
		ssize_t got = getrandom(bytes, n, 0);

		if (got < 0 && errno != EINTR)
			return err_errno(err, ERR_TEMP, errno, "getting random bytes");
		if (got > 0) {
			bytes += got;
			n -= (size_t)got;
		}
	}
	return 0;
}

static void begin(struct gcm_aes256_ctx *gcm, const unsigned char *key,
		  const uint8_t *nonce, struct span about)
{
	gcm_aes256_set_key(gcm, key);
	gcm_aes256_set_iv(gcm, CIPHER_NONCE_SIZE, nonce);
	gcm_aes256_update(gcm, about.len, (const uint8_t *)about.at);
}

int cipher_seal(const unsigned char key[CIPHER_KEY_SIZE], struct span about,
		struct span plain, struct buf *out, struct err *err)
{
	struct gcm_aes256_ctx gcm;
	uint8_t *room = (uint8_t *)buf_reserve(out, plain.len + CIPHER_MORE);

	if (!room)
		return err_set(err, ERR_TEMP, "it is too large to be kept");
	if (cipher_random(room, CIPHER_NONCE_SIZE, err) < 0)
		return -1;
	begin(&gcm, key, room, about);
	gcm_aes256_encrypt(&gcm, plain.len, room + CIPHER_NONCE_SIZE,
			   (const uint8_t *)plain.at);
	gcm_aes256_digest(&gcm, CIPHER_TAG_SIZE, room + CIPHER_NONCE_SIZE + plain.len);
	secret_erase((char *)&gcm, sizeof(gcm));
	buf_commit(out, plain.len + CIPHER_MORE);
	return 0;
}

int cipher_open(const unsigned char key[CIPHER_KEY_SIZE], struct span about,
		struct span sealed, struct buf *out, struct err *err)
{
	const uint8_t *at = (const uint8_t *)sealed.at;
	uint8_t tag[CIPHER_TAG_SIZE], *room;
	struct gcm_aes256_ctx gcm;
	size_t len;
	bool good;

	if (sealed.len < CIPHER_MORE)
		return err_set(err, ERR_TEMP, "what is kept is damaged");
	len = sealed.len - CIPHER_MORE;
	room = (uint8_t *)buf_reserve(out, len + 1);
	if (!room)
		return err_set(err, ERR_TEMP, "what is kept is too large");
	begin(&gcm, key, at, about);
	gcm_aes256_decrypt(&gcm, len, room, at + CIPHER_NONCE_SIZE);
	gcm_aes256_digest(&gcm, CIPHER_TAG_SIZE, tag);
	secret_erase((char *)&gcm, sizeof(gcm));
	good = memeql_sec(tag, at + CIPHER_NONCE_SIZE + len, CIPHER_TAG_SIZE);
	if (!good) {
		secret_erase((char *)room, len);
		return err_set(err, ERR_TEMP, "what is kept is damaged, or under another key");
	}
	buf_commit(out, len);
	return 0;
}
