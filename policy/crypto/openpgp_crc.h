/* openpgp_crc - the checksum of armour (RFC 9580 6.1), three octets at a time. */
#ifndef LETTERLOCK_OPENPGP_CRC_H
#define LETTERLOCK_OPENPGP_CRC_H

#include <stdint.h>

enum { OPENPGP_CRC_START = 0xb704ce };

/* table[k][x]: what the octet x does to the sum when k octets stand behind it. */
struct openpgp_crc {
	uint32_t sum;
	uint32_t table[3][256];
};

void openpgp_crc_init(struct openpgp_crc *crc);

static inline void openpgp_crc_one(struct openpgp_crc *crc, unsigned char octet)
{
	crc->sum = (crc->sum << 8 & 0xffffff) ^ crc->table[0][(crc->sum >> 16 ^ octet) & 0xff];
}

/* The sum after three octets more, the first of them in the high bits. */
static inline uint32_t openpgp_crc_three(const struct openpgp_crc *crc, uint32_t sum,
					 uint32_t three)
{
	sum ^= three;
	return crc->table[2][sum >> 16] ^ crc->table[1][sum >> 8 & 0xff] ^
	       crc->table[0][sum & 0xff];
}

#endif
