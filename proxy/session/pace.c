#include "proxy/session/pace.h"

void pace_begin(struct pace *pace, uint64_t now)
{
	*pace = (struct pace){ .began = now };
}

uint64_t pace_more(struct pace *pace, uint64_t now, size_t octets)
{
	uint64_t end;

	pace->octets += octets;
	pace->since += octets;
	if (pace->since < PACE_BLOCK_LEAST)
		return 0;
	pace->since = 0;
	end = pace->began + PACE_TOTAL + pace->octets;
	if (end <= now)
		return 1;	/* too late already */
	return end - now < PACE_BLOCK ? end - now : PACE_BLOCK;
}
