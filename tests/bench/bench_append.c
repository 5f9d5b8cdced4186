/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much longer an append takes than what no program can save: bench_append [--json] [--dir DIR | --program
 * FILE] [N].
 *
 * One at a time, from core's request to the checkpoint that covers it, through a real ledger process over
 * its socket; beside it, in turns and in the same file system, a bare program that does with the same bytes
 * what durability and signature demand: write, fdatasync, Ed25519, temporary file, fdatasync, rename,
 * fsync of the directory. Medians; DIR must be on a disk, for a file system in memory has no floor.
 * With --program the installed process (/usr/libexec/mediagate/ledger) is started, under its own user and
 * in its sandbox, on this machine's own enrolled ledger: as root, while no agent runs.
 */
#include "../unit/ledger_rig.h"

#include "file.h"
#include "note.h"
#include "settings.h"
#include "std.h"
#include "str.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#define APPENDS 2000
#define TURN    25
#define MOST    100000
#define FLOOR   "bench-floor"
#define STATE   "/var/lib/mediagate"

struct Floor {
	int dir, records;
	struct Key *key;
	char line[LIMIT_LINE + 1];
	size_t n;
	char checkpoint[1024];
	size_t n_checkpoint;
};

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

static void bench_record(struct Record *r, unsigned int i)
{
	char name[64];

	record_start(r, RECORD_FILE, RESULT_DONE);
	STR_SET(r->actor, "clerk1");
	r->roles = ROLE_CLERK;
	STR_SET(r->medium, "USB-0007");
	STR_SET(r->checkout, "T-01-2026-0001");
	record_text(r, KEY_COPY, "T-01-20261121-0001");
	snprintf(name, sizeof(name), "申請書/%06u.pdf", i);
	record_text(r, KEY_NAME, name);
	record_number(r, KEY_SIZE, 123456);
	record_bytes(r, KEY_SHA256, "0123456789abcdef0123456789abcdef", 32);
}

static double append_once(struct Rig *g, unsigned int i)
{
	struct Record r;
	double start;
	uint64_t n;

	bench_record(&r, i);
	start = now_ms();
	must(rig_append(g, &r, &n) == 0 && rig_cover(g, n + 1) == 0, "append");
	return now_ms() - start;
}

/* The bare program: the same bytes, the same promises. */
static double floor_once(struct Floor *f)
{
	uint8_t signature[SIGNATURE_SIZE];
	double start = now_ms();
	int fd;

	must(write(f->records, f->line, f->n) == (ssize_t)f->n && !fdatasync(f->records), "write");
	must(!key_sign(f->key, f->checkpoint, f->n_checkpoint, signature), "sign");
	fd = openat(f->dir, "checkpoint.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	must(fd >= 0 && write(fd, f->checkpoint, f->n_checkpoint) == (ssize_t)f->n_checkpoint &&
	                !fdatasync(fd) && !close(fd),
	        "checkpoint");
	must(!renameat(f->dir, "checkpoint.new", f->dir, "checkpoint") && !fsync(f->dir), "rename");
	return now_ms() - start;
}

/* Takes its bytes from the ledger's own last line and checkpoint. */
static void floor_open(struct Floor *f, struct Rig *g)
{
	_cleanup_free_ char *records = NULL, *checkpoint = NULL;
	static const uint8_t seed[SEED_SIZE] = {1};
	const char *last;
	size_t n;

	records = rig_file(g, "records.jsonl", &n);
	checkpoint = rig_file(g, "checkpoint", &f->n_checkpoint);
	must(records && checkpoint && n > 1 && f->n_checkpoint <= sizeof(f->checkpoint), "ledger files");
	last = memrchr(records, '\n', n - 1);
	f->n = n - (size_t)(last + 1 - records);
	memcpy(f->line, last + 1, f->n);
	memcpy(f->checkpoint, checkpoint, f->n_checkpoint);
	must(!mkdirat(g->dir, FLOOR, 0750), "floor");
	f->dir = openat(g->dir, FLOOR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	f->records = openat(f->dir, "records.jsonl", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	must(f->dir >= 0 && f->records >= 0, "floor");
	must(!key_new(seed, &f->key), "key");
}

static int compare(const void *a, const void *b)
{
	double x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

static void print(double *ours, double *floor, unsigned int n, size_t bytes, bool json)
{
	double a, b, a99, b99;

	qsort(ours, n, sizeof(*ours), compare);
	qsort(floor, n, sizeof(*floor), compare);
	a = ours[n / 2];
	b = floor[n / 2];
	a99 = ours[n - 1 - n / 100];
	b99 = floor[n - 1 - n / 100];
	if (json) {
		printf("{\"ratios\":{\"append_to_floor\":%.3f},\"figures\":{\"appends\":%u,\"line_bytes\":%"
		       "zu,"
		       "\"append_p50_ms\":%.4f,\"append_p99_ms\":%.4f,\"floor_p50_ms\":%.4f,"
		       "\"floor_p99_ms\":%.4f}}\n",
		        a / b, n, bytes, a, a99, b, b99);
		return;
	}
	printf("%u appends of %zu bytes, one at a time, until a checkpoint covers each\n", n, bytes);
	printf("%-28s %10s %10s %12s\n", "", "p50 ms", "p99 ms", "p50 /s");
	printf("%-28s %10.3f %10.3f %12.0f\n", "ledger process", a, a99, 1000 / a);
	printf("%-28s %10.3f %10.3f %12.0f\n", "bare writes and signature", b, b99, 1000 / b);
	printf("%-28s %10.3f\n", "ratio (goal: 1.15 at most)", a / b);
}

static void run(struct Rig *g, unsigned int n, bool json)
{
	static double ours[MOST], floor[MOST];
	static struct Floor f;

	must((g->program || rig_enrol(g) == 0) && rig_start(g) == 0, "ledger");
	append_once(g, 0);
	floor_open(&f, g);
	for (unsigned int i = 0; i < 2 * TURN; i++) {
		append_once(g, i);
		floor_once(&f);
	}
	for (unsigned int at = 0; at < n; at += TURN) {
		for (unsigned int i = at; i < MIN(at + TURN, n); i++)
			ours[i] = append_once(g, i);
		for (unsigned int i = at; i < MIN(at + TURN, n); i++)
			floor[i] = floor_once(&f);
	}
	must(rig_stop(g) == 0, "stop");
	print(ours, floor, n, f.n, json);
	key_freep(&f.key);
	close(f.records);
	must(!unlinkat(f.dir, "records.jsonl", 0) && !unlinkat(f.dir, "checkpoint", 0), "floor");
	close(f.dir);
	must(!unlinkat(g->dir, FLOOR, AT_REMOVEDIR), "floor");
}

int main(int argc, char **argv)
{
	unsigned long n = APPENDS;
	const char *dir = NULL, *program = NULL;
	bool json = false;
	struct Rig rig;

	for (int i = 1; i < argc; i++) {
		if (str_eq(argv[i], "--json"))
			json = true;
		else if (str_eq(argv[i], "--dir") && i + 1 < argc)
			dir = argv[++i];
		else if (str_eq(argv[i], "--program") && i + 1 < argc)
			program = argv[++i];
		else
			n = strtoul(argv[i], NULL, 10);
	}
	if (n < 1 || n > MOST) {
		fprintf(stderr, "usage: bench_append [--json] [--dir DIR | --program FILE] [N]\n");
		return 2;
	}
	if (program)
		rig_attach(&rig, STATE, program);
	else
		rig_make(&rig, dir);
	run(&rig, (unsigned int)n, json);
	rig_remove(&rig);
	return 0;
}
