/* SPDX-License-Identifier: Apache-2.0 */
#include "draw.h"

/* splitmix64 */
uint64_t draw_bits(struct Draw *d)
{
	uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

struct Draw draw_stream(uint64_t seed, const char *name, uint64_t number)
{
	struct Draw d = {seed};

	for (; *name; name++) {
		d.state ^= (uint8_t)*name;
		d.state = draw_bits(&d);
	}
	d.state ^= number;
	d.state = draw_bits(&d);
	return d;
}

unsigned int draw_below(struct Draw *d, unsigned int below)
{
	return below ? (unsigned int)((draw_bits(d) >> 32) * below >> 32) : 0;
}

int draw_between(struct Draw *d, int low, int high)
{
	return low + (int)draw_below(d, (unsigned int)MAX(high - low + 1, 1));
}

int draw_bell(struct Draw *d, int low, int high)
{
	int sum = 0;

	for (int i = 0; i < 4; i++)
		sum += draw_between(d, low, high);
	return sum / 4;
}

int draw_count(struct Draw *d, int mean)
{
	int n = 1;

	while (n < 8 * mean && draw_below(d, (unsigned int)MAX(mean, 1)))
		n++;
	return n;
}

bool draw_chance(struct Draw *d, unsigned int per_mille)
{
	return draw_below(d, 1000) < per_mille;
}

void draw_bytes(struct Draw *d, void *ret, size_t n)
{
	uint8_t *bytes = ret;

	for (size_t i = 0; i < n; i++) {
		bytes[i] = (uint8_t)draw_bits(d);
		if (i % 5 == 4)
			bytes[i] |= 0xc0;
	}
}
