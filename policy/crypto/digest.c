#include "policy/crypto/digest.h"

#include <stdlib.h>

#include <nettle/hmac.h>
#include <nettle/sha2.h>

#include <letterlock/codec.h>
#include <letterlock/mem.h>
#include <letterlock/secret.h>

struct digest {
	struct sha256_ctx sha;
};

struct digest *digest_new(void)
{
	struct digest *digest = mem_new(sizeof(*digest));

	sha256_init(&digest->sha);
	return digest;
}

void digest_free(struct digest *digest)
{
	free(digest);
}

void digest_put(struct digest *digest, struct span bytes)
{
	sha256_update(&digest->sha, bytes.len, (const uint8_t *)bytes.at);
}

void digest_end(struct digest *digest, unsigned char sum[DIGEST_SIZE])
{
	/* which starts it over */
	sha256_digest(&digest->sha, DIGEST_SIZE, sum);
}

void digest_end_hex(struct digest *digest, char hex[DIGEST_HEX_SIZE])
{
	unsigned char sum[DIGEST_SIZE];

	digest_end(digest, sum);
	codec_hex(sum, sizeof(sum), hex);
}

void digest_keyed_hex(struct span key, struct span bytes, char hex[DIGEST_HEX_SIZE])
{
	struct hmac_sha256_ctx hmac;
	unsigned char sum[DIGEST_SIZE];

	hmac_sha256_set_key(&hmac, key.len, (const uint8_t *)key.at);
	hmac_sha256_update(&hmac, bytes.len, (const uint8_t *)bytes.at);
	hmac_sha256_digest(&hmac, sizeof(sum), sum);
	secret_erase((char *)&hmac, sizeof(hmac));
	codec_hex(sum, sizeof(sum), hex);
}
