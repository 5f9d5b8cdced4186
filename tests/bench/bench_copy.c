/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPU time of sealing a cached file to nowhere, against the limit that libcrypto sets: one pass of
 * AES-256-GCM and two of SHA-256 (content digest, part digest), as `openssl speed` measures them in the
 * same run. Both are measured in turns and the best of each counts: the machine may have other work.
 * The key's derivation from the password (600,000 rounds, once per copy, meant to cost) is not a cost per
 * byte: it stands in a row of its own, and the ratio is given with it too.
 *
 * usage: bench_copy [--json] [--mib N] [--runs N] [--dir DIR]
 */
#include "clock.h"
#include "file.h"
#include "openssl_speed.h"
#include "seal.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define COPY "bench-0001"

struct Options {
	bool json;
	unsigned int mib, runs;
	const char *dir;
};

struct Figures {
	double gcm, sha256; /* bytes per second, best */
	double cpu;         /* seconds per byte, best */
	double derive;      /* seconds, once per copy */
	double wall;
};

static double cpu_seconds(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

/* ---- the file, filled once so that it is cached */

static int file_make(const char *dir, uint64_t size)
{
	_cleanup_fd_ int fd = open(dir, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	_cleanup_free_ uint8_t *block = malloc(1 << 20);

	if (fd < 0 || !block || crypto_random(block, 1 << 20))
		return -1;
	for (uint64_t at = 0; at < size; at += 1 << 20) {
		memcpy(block, &at, sizeof(at)); /* no two blocks alike */
		if (file_write_all(fd, block, 1 << 20))
			return -1;
	}
	return fd_steal(&fd);
}

static int null_open(void *owner, const struct PartName *part, const char *name, uint64_t size)
{
	(void)part;
	(void)name;
	(void)size;
	*(int *)owner = open("/dev/null", O_WRONLY | O_CLOEXEC);
	return *(int *)owner < 0 ? -errno : 0;
}

static int null_write(void *owner, const void *bytes, size_t n)
{
	return file_write_all(*(int *)owner, bytes, n);
}

static int null_close(void *owner, const struct PartName *part, const char *name, const uint8_t *sha256)
{
	(void)part;
	(void)name;
	(void)sha256;
	*(int *)owner = fd_close(*(int *)owner);
	return 0;
}

static int seal_data_of(struct Seal *s, int fd)
{
	uint8_t *buffer = seal_buffer(s);

	for (;;) {
		ssize_t n = read(fd, buffer, SEAL_BUFFER);
		int r = n < 0 ? -errno : 0;

		if (n == 0)
			return 0;
		if (r == 0)
			r = seal_data(s, buffer, (size_t)n);
		if (r)
			return r;
	}
}

static int seal_file(int fd, uint64_t size, double *ret_derive)
{
	const char password[] = "7KQ2M-0ZBXW-93HTN-RFC5V-D8G1E";
	struct CmsRecipients recipients = {password, strlen(password), NULL, 0};
	int out = -1;
	struct SealOutput output = {&out, null_open, null_write, null_close};
	struct TarMember m = {"file", size, clock_now() / 1000, 0600};
	_cleanup_(seal_freep) struct Seal *s = NULL;
	struct SealPlan plan;
	uint8_t sha256[32];
	double start = cpu_seconds();
	int r = seal_plan_start(&plan, COPY, clock_now() / 1000);

	if (r == 0)
		r = seal_plan_add(&plan, &m);
	if (r == 0)
		r = seal_plan_end(&plan);
	if (r == 0)
		r = seal_new(&plan, &recipients, &output, &s);
	*ret_derive = cpu_seconds() - start;
	if (r == 0)
		r = seal_begin(s, &m);
	if (r == 0)
		r = seal_data_of(s, fd);
	if (r == 0)
		r = seal_end(s, sha256);
	return r ? r : seal_finish(s);
}

static int measure(int fd, uint64_t size, struct Figures *best)
{
	double gcm = openssl_speed("aes-256-gcm"), sha256 = openssl_speed("sha256");
	double cpu, derive;
	int64_t start;
	int r;

	if (gcm <= 0 || sha256 <= 0 || lseek(fd, 0, SEEK_SET) != 0)
		return -EIO;
	start = clock_boot();
	cpu = cpu_seconds();
	r = seal_file(fd, size, &derive);
	if (r)
		return r;
	cpu = (cpu_seconds() - cpu - derive) / (double)size;
	best->gcm = MAX(best->gcm, gcm);
	best->sha256 = MAX(best->sha256, sha256);
	if (best->cpu <= 0 || cpu < best->cpu) {
		best->cpu = cpu;
		best->derive = derive;
		best->wall = 1e-3 * (double)(clock_boot() - start) / (double)size;
	}
	return 0;
}

static void print_table(const struct Figures *f, const struct Options *o, double limit)
{
	double whole = f->cpu + f->derive / ((double)o->mib * (1 << 20));

	printf("sealing %u MiB from the page cache to /dev/null, best of %u\n\n", o->mib, o->runs);
	printf("  AES-256-GCM, openssl speed        %8.2f GB/s\n", 1e-9 * f->gcm);
	printf("  SHA-256, openssl speed            %8.2f GB/s\n", 1e-9 * f->sha256);
	printf("  limit 1/GCM + 2/SHA-256           %8.3f ns/B  %6.2f GB/s\n", 1e9 * limit, 1e-9 / limit);
	printf("  seal, CPU                         %8.3f ns/B  %6.2f GB/s\n", 1e9 * f->cpu, 1e-9 / f->cpu);
	printf("  seal, elapsed                     %8.3f ns/B  %6.2f GB/s\n", 1e9 * f->wall, 1e-9 / f->wall);
	printf("  CPU to limit                      %8.3f       goal 1.11\n", f->cpu / limit);
	printf("  key from the password, once       %8.3f s     to limit with it: %.3f\n", f->derive,
	        whole / limit);
}

static int options_read(int argc, char **argv, struct Options *ret)
{
	static const struct option LONG[] = {{"json", no_argument, NULL, 'j'},
	        {"mib", required_argument, NULL, 'm'}, {"runs", required_argument, NULL, 'r'},
	        {"dir", required_argument, NULL, 'd'}, {}};
	int c;

	while ((c = getopt_long(argc, argv, "", LONG, NULL)) != -1) {
		if (c == 'j')
			ret->json = true;
		else if (c == 'm')
			ret->mib = (unsigned int)strtoul(optarg, NULL, 10);
		else if (c == 'r')
			ret->runs = (unsigned int)strtoul(optarg, NULL, 10);
		else if (c == 'd')
			ret->dir = optarg;
		else
			return -EINVAL;
	}
	return ret->mib > 0 && ret->runs > 0 && optind == argc ? 0 : -EINVAL;
}

int main(int argc, char **argv)
{
	struct Options o = {.mib = 1024, .runs = 3, .dir = "/var/tmp"};
	struct Figures best = {};
	_cleanup_fd_ int fd = -1;
	double limit;

	if (options_read(argc, argv, &o)) {
		fputs("usage: bench_copy [--json] [--mib N] [--runs N] [--dir DIR]\n", stderr);
		return 2;
	}
	if (crypto_prepare())
		return 1;
	fd = file_make(o.dir, (uint64_t)o.mib << 20);
	if (fd < 0) {
		perror(o.dir);
		return 1;
	}
	for (unsigned int i = 0; i < o.runs; i++) {
		int r = measure(fd, (uint64_t)o.mib << 20, &best);

		if (r) {
			fprintf(stderr, "error: bench_copy: %d\n", r);
			return 1;
		}
	}
	limit = 1 / best.gcm + 2 / best.sha256;
	if (o.json)
		printf("{\"ratios\":{\"seal_cpu_to_limit\":%.4f},\"figures\":{\"seal_gb_per_cpu_second\":%."
		       "3f,\"password_key_seconds\":%.3f}}\n",
		        best.cpu / limit, 1e-9 / best.cpu, best.derive);
	else
		print_table(&best, &o, limit);
	return 0;
}
