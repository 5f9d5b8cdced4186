/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <fcntl.h>

/* The linker puts these in the place of those that the agent's code calls: --wrap in CMakeLists.txt. */
int64_t __wrap_clock_now(void);
int __wrap_ledger_crypto_random(void *ret, size_t n);
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);
int __real_renameat(int from_dir, const char *from, int to_dir, const char *to);
int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to);
int __wrap_fallocate64(int fd, int mode, int64_t offset, int64_t n);

static struct {
	int64_t now;
	struct Draw *keys;
} world;

void world_set(int64_t now, struct Draw *keys)
{
	world.now = now;
	world.keys = keys;
}

int64_t __wrap_clock_now(void)
{
	return world.now;
}

int __wrap_ledger_crypto_random(void *ret, size_t n)
{
	uint8_t *bytes = ret;

	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)draw_bits(world.keys);
	return 0;
}

int __wrap_fsync(int fd _unused_)
{
	return 0;
}

int __wrap_fdatasync(int fd _unused_)
{
	return 0;
}

/* No room is kept: these ledgers do not grow any more. */
int __wrap_fallocate64(int fd _unused_, int mode _unused_, int64_t offset _unused_, int64_t n _unused_)
{
	errno = EOPNOTSUPP;
	return -1;
}

/* In the place of a file that is there ext4 writes the new one to the disk at once, ten thousand times over a
 * year. */
int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	(void)!unlinkat(to_dir, to, 0);
	return __real_renameat(from_dir, from, to_dir, to);
}
