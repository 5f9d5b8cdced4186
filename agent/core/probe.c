/* SPDX-License-Identifier: Apache-2.0 */
#include "probe.h"

#include "clock.h"

#include <sys/random.h>
#include <unistd.h>

#define UNIT  (1ull << 20)
#define TEETH 128 /* of each comb; their square is how many units a disk is taken as */
#define MOST  (2 * TEETH + 64)

struct Probe {
	uint64_t size;
	uint64_t at[MOST];
	size_t n;
	uint64_t random[PROBE_SIZE / sizeof(uint64_t)];
	_Alignas(PROBE_SIZE) uint64_t block[PROBE_SIZE / sizeof(uint64_t)];
};

static void add(struct Probe *p, uint64_t at)
{
	if (at + PROBE_SIZE > p->size)
		return;
	for (size_t i = 0; i < p->n; i++) /* no block reaches into another */
		if (p->at[i] < at + PROBE_SIZE && at < p->at[i] + PROBE_SIZE)
			return;
	p->at[p->n++] = at;
}

static void plan(struct Probe *p)
{
	uint64_t unit = UNIT, teeth = 1;

	while (p->size / unit > (uint64_t)TEETH * TEETH)
		unit *= 2;
	while (teeth * teeth < p->size / unit)
		teeth++;
	add(p, p->size - PROBE_SIZE);
	add(p, PROBE_BASE);
	for (uint64_t power = UNIT; power && power < p->size; power *= 2)
		add(p, PROBE_BASE + power);
	for (uint64_t i = 1; i < teeth; i++)
		add(p, PROBE_BASE + i * unit);
	for (uint64_t i = 1; i <= teeth; i++)
		add(p, PROBE_BASE + i * teeth * unit);
}

/* What belongs at an offset: no word is the same at another. */
static void fill(struct Probe *p, uint64_t at)
{
	for (size_t i = 0; i < ARRAY_SIZE(p->block); i++)
		p->block[i] = p->random[i] ^ at * 0x9e3779b97f4a7c15ull;
}

static int write_one(struct Probe *p, int disk, uint64_t at)
{
	ssize_t n;

	fill(p, at);
	n = pwrite(disk, p->block, PROBE_SIZE, (off_t)at);
	return n < 0 ? -errno : n == PROBE_SIZE ? 0 : -EIO;
}

static int read_one(struct Probe *p, int disk, uint64_t at)
{
	ssize_t n;

	memset(p->block, 0, sizeof(p->block));
	n = pread(disk, p->block, PROBE_SIZE, (off_t)at);
	if (n != PROBE_SIZE)
		return n < 0 ? -errno : -EIO;
	for (size_t i = 0; i < ARRAY_SIZE(p->block); i++)
		if (p->block[i] != (p->random[i] ^ at * 0x9e3779b97f4a7c15ull))
			return PROBE_LIES;
	return 0;
}

int probe_disk(int disk, uint64_t size, int64_t until)
{
	static struct Probe p;
	int64_t half = clock_boot() + (until - clock_boot()) / 2;
	size_t n = 0;
	int r = 0;

	p.size = size;
	p.n = 0;
	if (size < PROBE_SIZE)
		return -EINVAL;
	if (getrandom(p.random, sizeof(p.random), 0) != sizeof(p.random))
		return -EIO;
	plan(&p);
	for (; n < p.n && !r && (n < 3 || clock_boot() < half); n++)
		r = write_one(&p, disk, p.at[n]);
	if (!r && fsync(disk))
		r = -errno;
	for (size_t i = 0; i < n && !r && (i < 3 || clock_boot() < until); i++)
		r = read_one(&p, disk, p.at[i]);
	return r;
}
