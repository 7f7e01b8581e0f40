#include "policy/crypto/openpgp_crc.h"

#include <stddef.h>

static const uint32_t POLYNOMIAL = 0x1864cfb;

void openpgp_crc_init(struct openpgp_crc *crc)
{
	crc->sum = OPENPGP_CRC_START;
	for (uint32_t x = 0; x < 256; x++) {
		uint32_t sum = x << 16;

		for (size_t bit = 0; bit < 24; bit++) {
			sum <<= 1;
			if (sum & 0x1000000)
				sum ^= POLYNOMIAL;
			if (bit % 8 == 7)
				crc->table[bit / 8][x] = sum;
		}
	}
}
