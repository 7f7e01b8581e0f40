#include "policy/crypto/digest.h"

#include <stdlib.h>

#include <nettle/sha2.h>

#include <letterlock/codec.h>
#include <letterlock/mem.h>

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
