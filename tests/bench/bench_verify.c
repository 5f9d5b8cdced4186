/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much longer it takes to verify a ledger than to hash it: bench_verify [--json] [RECORDS].
 *
 * Makes a ledger of realistic lines below TMPDIR with a signed checkpoint, then takes turns, three times:
 * the bare hashing of its leaves and nodes out of memory, and a whole ledger_verify from the file by a
 * process of its own. The best of each counts; CPU time, for the machine has other work to do.
 */
#include "fault.h"
#include "file.h"
#include "mediagate/ledger.h"
#include "note.h"
#include "std.h"
#include "tree.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#define RECORDS 1000000
#define ROUNDS  3
#define ORIGIN  "city.example.jp/mediagate/madoguchi-01/2026"

struct Bench {
	int dir; /* of the ledger */
	uint64_t n, bytes;
	uint32_t *lengths; /* of the lines */
	uint8_t root[HASH_SIZE];
	char vkey[LIMIT_VKEY];
};

struct Timing {
	double wall, cpu;
	double rss; /* MB */
};

static double seconds(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The kinds of line that a year is made of, in their proportion. */
static int make_line(uint64_t n, char *ret, size_t size)
{
	char head[160];
	uint64_t ms = n * 25;

	snprintf(head, sizeof(head), "{\"n\":%" PRIu64 ",\"t\":\"2026-%02u-%02uT%02u:%02u:%02u.%03u+09:00\",",
	        n, (unsigned int)(4 + ms / 86400000 / 28 % 9), (unsigned int)(1 + ms / 86400000 % 28),
	        (unsigned int)(ms / 3600000 % 24), (unsigned int)(ms / 60000 % 60),
	        (unsigned int)(ms / 1000 % 60), (unsigned int)(ms % 1000));
	switch (n % 16) {
	case 0:
		return snprintf(ret, size,
		        "%s\"kind\":\"checkout\",\"terminal\":\"madoguchi-01\",\"actor\":\"supervisor1\","
		        "\"role\":\"supervisor\",\"medium\":\"USB-%04u\",\"checkout\":\"2026-%06" PRIu64 "\","
		        "\"result\":\"done\",\"detail\":{\"clerk\":\"clerk1\",\"purpose\":\"submission\","
		        "\"ground\":\"law\",\"destination\":\"○○県 福祉部 年金課\",\"from\":"
		        "\"2026-11-21T09:00:00.000+09:00\",\"until\":\"2026-11-21T17:00:00.000+09:00\","
		        "\"carry_out\":true,\"encryption\":true,\"password\":true,\"locked_carrier\":true}}",
		        head, (unsigned int)(n % 300), n / 16);
	case 1:
	case 5:
	case 9:
	case 13:
		return snprintf(ret, size,
		        "%s\"kind\":\"device\",\"terminal\":\"madoguchi-01\",\"result\":\"refused\","
		        "\"reason\":\"not-registered\",\"detail\":{\"device\":\"2-1\",\"vendor\":\"0951\","
		        "\"product\":\"1666\",\"serial\":\"36304134344332%010" PRIu64 "\"}}",
		        head, n);
	case 2:
	case 3:
	case 6:
	case 10:
	case 11:
	case 14:
		return snprintf(ret, size,
		        "%s\"kind\":\"open\",\"terminal\":\"madoguchi-01\",\"actor\":\"clerk1\",\"role\":"
		        "\"clerk\",\"medium\":\"USB-%04u\",\"checkout\":\"2026-%06" PRIu64 "\",\"result\":"
		        "\"intent\",\"detail\":{\"device\":\"2-1\",\"interface\":\"2-1:1.0\"}}",
		        head, (unsigned int)(n % 300), n / 16);
	default:
		return snprintf(ret, size,
		        "%s\"kind\":\"file\",\"terminal\":\"madoguchi-01\",\"actor\":\"clerk1\",\"role\":"
		        "\"clerk\",\"medium\":\"USB-%04u\",\"checkout\":\"2026-%06" PRIu64 "\",\"result\":"
		        "\"done\",\"detail\":{\"copy\":\"20261121-k7q2\",\"name\":\"kyufu-%06" PRIu64
		        ".csv\",\"size\":%" PRIu64 ",\"sha256\":"
		        "\"%016" PRIx64 "9f86d081884c7d659a2feaa0c55ad015%016" PRIx64 "\"}}",
		        head, (unsigned int)(n % 300), n / 16, n, n * 977, n * 0x9E3779B97F4A7C15, ~n);
	}
}

static int write_lines(struct Bench *b, struct Crypto *c, struct Tree *tree)
{
	_cleanup_fd_ int fd = openat(b->dir, "records.jsonl", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	_cleanup_free_ char *buffer = malloc(1 << 20);
	size_t have = 0;
	int r;

	if (fd < 0 || !buffer)
		return fd < 0 ? -errno : -ENOMEM;
	for (uint64_t i = 0; i < b->n; i++) {
		uint8_t leaf[HASH_SIZE];
		int n = make_line(i, buffer + have, LIMIT_LINE);

		b->lengths[i] = (uint32_t)n;
		b->bytes += (uint64_t)n + 1;
		r = crypto_leaf(c, buffer + have, (size_t)n, leaf);
		if (r >= 0)
			r = tree_add(tree, c, leaf);
		if (r < 0)
			return r;
		have += (size_t)n;
		buffer[have++] = '\n';
		if (have > (1 << 20) - 2 * LIMIT_LINE || i + 1 == b->n) {
			r = file_write_all(fd, buffer, have);
			if (r < 0)
				return r;
			have = 0;
		}
	}
	return 0;
}

static void key_done(struct Key **k)
{
	key_freep(k);
}

static int write_checkpoint(struct Bench *b, struct Crypto *c, const struct Tree *tree)
{
	_cleanup_(key_done) struct Key *key = NULL;
	struct Checkpoint checkpoint = {.origin = ORIGIN, .size = b->n};
	uint8_t seed[SEED_SIZE] = {7}, public[HASH_SIZE];
	char note[2048];
	struct Vkey vkey;
	ssize_t text, tail;

	if (key_new(seed, &key) < 0 || key_public(key, public) < 0 ||
	        vkey_make(c, ORIGIN, public, &vkey) < 0 || vkey_format(&vkey, b->vkey, sizeof(b->vkey)) < 0 ||
	        tree_root(tree, c, checkpoint.root) < 0)
		return -EIO;
	memcpy(b->root, checkpoint.root, HASH_SIZE);
	text = checkpoint_format(&checkpoint, note, sizeof(note));
	if (text < 0)
		return (int)text;
	tail = note_signature(&vkey, key, note, (size_t)text, note + text, sizeof(note) - (size_t)text);
	if (tail < 0)
		return (int)tail;
	return file_replace_at(b->dir, "checkpoint", note, (size_t)(text + tail), 0600);
}

static int bench_make(struct Bench *b)
{
	_cleanup_(crypto_freep) struct Crypto *c = NULL;
	struct Tree tree = TREE_NULL;
	int r = crypto_new(&c);

	if (r >= 0)
		r = write_lines(b, c, &tree);
	if (r >= 0)
		r = write_checkpoint(b, c, &tree);
	return r;
}

/* The floor: leaves and nodes, nothing else. */
static int hash_once(struct Bench *b, struct Timing *ret)
{
	_cleanup_fd_ int fd = openat(b->dir, "records.jsonl", O_RDONLY | O_CLOEXEC);
	_cleanup_(crypto_freep) struct Crypto *c = NULL;
	struct Tree tree = TREE_NULL;
	uint8_t leaf[HASH_SIZE], root[HASH_SIZE];
	double wall, cpu;
	const char *at;
	char *map;

	if (fd < 0 || crypto_new(&c) < 0)
		return -EIO;
	map = mmap(NULL, b->bytes, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	at = map;
	wall = seconds(CLOCK_MONOTONIC);
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	for (uint64_t i = 0; i < b->n; i++) {
		if (crypto_leaf(c, at, b->lengths[i], leaf) < 0 || tree_add(&tree, c, leaf) < 0)
			return -EIO;
		at += b->lengths[i] + 1;
	}
	if (tree_root(&tree, c, root) < 0 || memcmp(root, b->root, HASH_SIZE))
		return -EIO;
	ret->cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	ret->wall = seconds(CLOCK_MONOTONIC) - wall;
	munmap(map, b->bytes);
	return 0;
}

static int verify_here(struct Bench *b, struct Timing *ret)
{
	_cleanup_fd_ int fd = openat(b->dir, "records.jsonl", O_RDONLY | O_CLOEXEC);
	char checkpoint[2048];
	ssize_t n = file_read_at(b->dir, "checkpoint", checkpoint, sizeof(checkpoint));
	struct LedgerInput in = {.records = fd, .checkpoint = checkpoint, .vkey = b->vkey};
	struct LedgerReport report;
	struct rusage usage;
	double wall, cpu;
	int r;

	if (fd < 0 || n < 0)
		return -EIO;
	in.checkpoint_size = (size_t)n;
	wall = seconds(CLOCK_MONOTONIC);
	cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	r = ledger_verify(&in, &report);
	if (r < 0 || report.fault || report.covered != b->n) {
		fprintf(stderr, "bench_verify: line %" PRIu64 ": %s\n", report.line, report.error);
		return -EIO;
	}
	ret->cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	ret->wall = seconds(CLOCK_MONOTONIC) - wall;
	getrusage(RUSAGE_SELF, &usage);
	ret->rss = (double)usage.ru_maxrss / 1024;
	return 0;
}

/* In a process of its own, so that its memory can be told. */
static int verify_once(struct Bench *b, struct Timing *ret)
{
	int pipes[2], status;
	ssize_t n;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		struct Timing t = {};

		_exit(verify_here(b, &t) < 0 || write(pipes[1], &t, sizeof(t)) != sizeof(t));
	}
	close(pipes[1]);
	n = read(pipes[0], ret, sizeof(*ret));
	close(pipes[0]);
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status))
		return -EIO;
	return n == sizeof(*ret) ? 0 : -EIO;
}

static void keep_best(struct Timing *best, const struct Timing *t)
{
	if (best->cpu == 0 || t->cpu < best->cpu)
		best->cpu = t->cpu;
	if (best->wall == 0 || t->wall < best->wall)
		best->wall = t->wall;
	best->rss = MAX(best->rss, t->rss);
}

static void print(const struct Bench *b, const struct Timing *hash, const struct Timing *verify, bool json)
{
	double megabytes = (double)b->bytes / 1e6;

	if (json) {
		printf("{\"ratios\":{\"verify_to_hash\":%.3f},\"figures\":{\"records\":%" PRIu64
		       ",\"megabytes\":%.1f,\"hash_cpu_s\":%.3f,\"hash_wall_s\":%.3f,\"verify_cpu_s\":%.3f,"
		       "\"verify_wall_s\":%.3f,\"verify_peak_rss_mb\":%.1f}}\n",
		        verify->cpu / hash->cpu, b->n, megabytes, hash->cpu, hash->wall, verify->cpu,
		        verify->wall, verify->rss);
		return;
	}
	printf("%" PRIu64 " records, %.1f MB, best of %d\n", b->n, megabytes, ROUNDS);
	printf("%-28s %8s %8s %10s\n", "", "CPU s", "wall s", "records/s");
	printf("%-28s %8.3f %8.3f %10.0f\n", "leaves and nodes hashed", hash->cpu, hash->wall,
	        (double)b->n / hash->cpu);
	printf("%-28s %8.3f %8.3f %10.0f\n", "ledger verified", verify->cpu, verify->wall,
	        (double)b->n / verify->cpu);
	printf("ratio %.3f (goal at most 1.5); memory of the verifier %.1f MB\n", verify->cpu / hash->cpu,
	        verify->rss);
}

static int bench_run(struct Bench *b, bool json)
{
	struct Timing hash = {}, verify = {}, t = {};

	if (bench_make(b) < 0)
		return -EIO;
	for (int i = 0; i < ROUNDS; i++) {
		if (verify_once(b, &t) < 0)
			return -EIO;
		keep_best(&verify, &t);
		t.rss = 0;
		if (hash_once(b, &t) < 0)
			return -EIO;
		keep_best(&hash, &t);
	}
	print(b, &hash, &verify, json);
	return 0;
}

int main(int argc, char **argv)
{
	const char *tmp = getenv("TMPDIR");
	struct Bench b = {.n = RECORDS, .dir = -1};
	char path[512];
	bool json = false;
	int r;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json"))
			json = true;
		else
			b.n = strtoull(argv[i], NULL, 10);
	}
	b.lengths = calloc(b.n, sizeof(*b.lengths));
	snprintf(path, sizeof(path), "%s/bench-verify-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!b.n || !b.lengths || !mkdtemp(path))
		return 1;
	b.dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = b.dir < 0 ? -errno : bench_run(&b, json);
	unlinkat(b.dir, "records.jsonl", 0);
	unlinkat(b.dir, "checkpoint", 0);
	rmdir(path);
	free(b.lengths);
	if (r < 0)
		fprintf(stderr, "bench_verify: %s\n", strerror(-r));
	return r < 0;
}
