/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long a start takes after a crash, and a proof: bench_open [--json] [--dir DIR] [--keep] [RECORDS].
 *
 * Makes a ledger as the process itself writes it, a change of key every 1,000 records, with lines that no
 * checkpoint covers and a torn one at its end. Then five times: the folder is verified, its state added up,
 * the crash repaired; without an index, and with one that is 2,000 records old. Beside it bare hashing of the
 * same bytes. DIR is in memory unless given: what is measured is the CPU.
 */
#include "../unit/ledger_rig.h"

#include "by_index.h"
#include "clock.h"
#include "crypto.h"
#include "file.h"
#include "replay.h"
#include "rotate.h"
#include "run.h"
#include "std.h"
#include "str.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#define RECORDS 1000000
#define ROUNDS  5
#define MEDIA   100
#define LENT    20
#define COPY    12 /* lines of one copy: intent, ten files, outcome */

static struct Ledger ledger = LEDGER_NULL;

static void must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

static double seconds(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu(void)
{
	return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

static double elapsed(void)
{
	return seconds(CLOCK_MONOTONIC);
}

static int replay(struct Rig *g, bool cached, struct Ahead *ahead)
{
	char subject[LIMIT_SUBJECT] = "";
	struct Fold fold = {.terminal = RIG_TERMINAL, .fiscal_year = 2026, .next_checkout = 1};
	struct Replay p = {.store = &ledger.store,
	        .fold = &fold,
	        .boot = RIG_BOOT,
	        .ahead = ahead,
	        .cache = cached ? &ledger.cache : NULL};
	int r;

	ledger = (struct Ledger)LEDGER_NULL;
	r = ledger_open(&ledger, g->dir, subject);

	if (!r)
		r = replay_run(&p, subject);
	if (r)
		fprintf(stderr, "replay: %d %s\n", r, subject);
	must(!cached || r || p.audit, "the index was not believed");
	replay_done(&p);
	fold_done(&fold);
	return r;
}

/* A hundred media, twenty of them lent: what the state is made of. */
static size_t make_state_line(uint64_t n, const char *time, char *ret)
{
	uint64_t medium = n % MEDIA;
	const char *head = "\"terminal\":\"" RIG_TERMINAL "\",\"actor\":\"super1\",\"role\":\"supervisor\"";

	if (n < MEDIA)
		return (size_t)sprintf(ret,
		        "{\"n\":%" PRIu64 ",\"t\":\"%s\",\"kind\":\"register\",%s,\"medium\":\"USB-%04" PRIu64
		        "\",\"result\":\"done\",\"detail\":{\"identity\":\"%064" PRIx64
		        "\",\"supervisor\":\"super1\",\"size\":32000000000}}",
		        n, time, head, medium, medium);
	return (size_t)sprintf(ret,
	        "{\"n\":%" PRIu64 ",\"t\":\"%s\",\"kind\":\"checkout\",%s,\"medium\":\"USB-%04" PRIu64
	        "\",\"checkout\":\"" RIG_TERMINAL "-2026-%04" PRIu64
	        "\",\"result\":\"done\",\"detail\":{\"clerk\":\"clerk1\",\"until\":\"2026-11-22T17:00:00.000+"
	        "09:00\"}}",
	        n, time, head, medium, medium + 1);
}

/* Then copies of ten files. */
static size_t make_line(uint64_t n, char *ret)
{
	uint64_t part = n % COPY;
	char time[CLOCK_TEXT];
	const char *head = "\"terminal\":\"" RIG_TERMINAL
	                   "\",\"actor\":\"clerk1\",\"role\":\"clerk\",\"medium\":\"USB-0007\"";
	int k;

	clock_format(INT64_C(1775000000000) + (int64_t)n * 25, time);
	if (n && n < MEDIA + LENT)
		return make_state_line(n, time, ret);
	if (part == 0)
		k = sprintf(ret,
		        "{\"n\":%" PRIu64
		        ",\"t\":\"%s\",\"kind\":\"copy\",%s,\"result\":\"intent\",\"detail\":{"
		        "\"copy\":\"T-01-%08" PRIu64 "\"}}",
		        n, time, head, n);
	else if (part == COPY - 1)
		k = sprintf(ret,
		        "{\"n\":%" PRIu64
		        ",\"t\":\"%s\",\"kind\":\"copy\",%s,\"result\":\"done\",\"detail\":{\"copy\":"
		        "\"T-01-%08" PRIu64 "\",\"parts\":1,\"files\":10,\"bytes\":123456,\"password\":true,"
		        "\"intent\":%" PRIu64 "}}",
		        n, time, head, n - part, n - part);
	else
		k = sprintf(ret,
		        "{\"n\":%" PRIu64
		        ",\"t\":\"%s\",\"kind\":\"file\",%s,\"result\":\"done\",\"detail\":{\"copy\":"
		        "\"T-01-%08" PRIu64 "\",\"name\":\"kyufu-%06" PRIu64 ".csv\",\"size\":%" PRIu64
		        ",\"sha256\":\"%016" PRIx64 "9f86d081884c7d659a2feaa0c55ad015%016" PRIx64 "\"}}",
		        n, time, head, n - part, n, n * 977, n * UINT64_C(0x9E3779B97F4A7C15), ~n);
	return (size_t)k;
}

/* The folder as the crash left it, for each start anew. */
static struct {
	char checkpoint[SEAL_CHECKPOINT];
	ssize_t n;
	uint64_t size; /* of the whole lines */
} crash;

static void crash_take(const struct Store *s)
{
	crash.n = file_read_at(s->dir, "checkpoint", crash.checkpoint, sizeof(crash.checkpoint));
	crash.size = s->size;
	must(crash.n > 0, "checkpoint");
}

static void crash_restore(struct Rig *g)
{
	_cleanup_fd_ int year = rig_year_dir(g),
	                 fd = openat(year, "records.jsonl", O_WRONLY | O_APPEND | O_CLOEXEC);

	must(!ftruncate(fd, (off_t)crash.size) && write(fd, "{\"n\":", 5) == 5, "records.jsonl");
	must(!file_replace_at(year, "checkpoint", crash.checkpoint, (size_t)crash.n, 0640), "checkpoint");
}

static void make(struct Rig *g, uint64_t records)
{
	struct Store *s = &ledger.store;
	char *lines = malloc(ROTATE_EVERY * (LIMIT_LINE + 1)), subject[LIMIT_SUBJECT];

	must(lines && rig_enrol(g) == 0 && replay(g, false, NULL) == 0, "ledger");
	while (s->tree.size < records) {
		if (s->tree.size + 2 * ROTATE_EVERY >= records && !ledger.cache.index.blocks.records)
			must(!cache_refresh(&ledger.cache, s, RIG_TERMINAL, subject), "index");
		size_t n = 0;

		for (uint64_t i = 0; i < ROTATE_EVERY - 1; i++) {
			n += make_line(s->tree.size + i, lines + n);
			lines[n++] = '\n';
		}
		must(store_append(s, lines, n, false) == 0 && rotate(s, RIG_TERMINAL) == 0, "append");
	}
	/* what a crash leaves */
	for (int i = 0; i < 2; i++) {
		size_t n = make_line(s->tree.size, lines);

		lines[n++] = '\n';
		must(store_append(s, lines, n, false) == 0, "append");
	}
	must(write(s->records, "{\"n\":", 5) == 5, "torn");
	crash_take(s);
	ledger_done(&ledger);
	free(lines);
}

struct Timing {
	double opened, opened_cpu,
	        first; /* as the process does it, with a second thread; CPU of both, of the first */
	double alone;  /* by one thread, CPU */
	double cached, hashed, leaves;
	double verify; /* by one thread, the changes of key among it; CPU */
	double rss;    /* MB */
};

/* The floor, as bench_verify's: every leaf and node hashed, out of memory, where the lines end being known. */
static double hash_leaves(int fd, struct Crypto *c, size_t most)
{
	_cleanup_free_ uint32_t *lengths = calloc(most, sizeof(*lengths));
	struct Tree tree = TREE_NULL;
	off_t size = lseek(fd, 0, SEEK_END);
	char *bytes = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0), *newline;
	const char *at = bytes, *end = bytes + size;
	uint8_t leaf[HASH_SIZE];
	size_t n = 0;
	double start;

	must(lengths && bytes != MAP_FAILED, "mmap");
	for (; n < most && (newline = memchr(at, '\n', (size_t)(end - at))); at = newline + 1)
		lengths[n++] = (uint32_t)(newline - at);
	at = bytes;
	start = cpu();
	for (size_t i = 0; i < n; at += lengths[i++] + 1)
		must(!crypto_leaf(c, at, lengths[i], leaf) && !tree_add(&tree, c, leaf), "hash");
	start = cpu() - start;
	munmap(bytes, (size_t)size);
	return start;
}

/* As anybody verifies it. */
static double verify(const char *folder)
{
	struct LedgerReader *reader;
	struct LedgerReport report;
	double start = cpu();

	must(!ledger_reader_open(folder, NULL, &reader), "open");
	must(!ledger_reader_verify(reader, NULL, NULL, &report) && !report.fault, "verify");
	ledger_reader_free(reader);
	return cpu() - start;
}

/* In a process of its own: nothing is warm but the page cache. */
static struct Timing measure(struct Rig *g, const char *folder, size_t records)
{
	struct Timing t = {};
	struct rusage used;
	int ends[2], status;
	pid_t pid;

	must(!pipe(ends), "pipe");
	pid = fork();
	if (!pid) {
		_cleanup_fd_ int year = rig_year_dir(g), fd = openat(year, "records.jsonl", O_RDONLY);
		struct Crypto *c = NULL;
		uint8_t hash[HASH_SIZE];
		double start;

		struct Ahead *ahead;

		crash_restore(g);
		must(!ahead_new(&ahead), "thread");
		start = elapsed();
		t.opened_cpu = cpu();
		t.first = seconds(CLOCK_THREAD_CPUTIME_ID);
		must(replay(g, false, ahead) == 0, "replay");
		t.opened = elapsed() - start;
		t.first = seconds(CLOCK_THREAD_CPUTIME_ID) - t.first;
		t.opened_cpu = cpu() - t.opened_cpu;
		ahead = ahead_free(ahead);
		ledger_done(&ledger);
		crash_restore(g);
		start = cpu();
		must(replay(g, false, NULL) == 0, "replay");
		t.alone = cpu() - start;
		ledger_done(&ledger);
		crash_restore(g);
		start = cpu();
		must(replay(g, true, NULL) == 0, "replay by the index");
		t.cached = cpu() - start;
		must(!crypto_new(&c), "crypto");
		start = cpu();
		must(!crypto_hash_file(c, fd, hash), "hash");
		t.hashed = cpu() - start;
		must(!getrusage(RUSAGE_SELF, &used), "rusage");
		t.rss = (double)used.ru_maxrss / 1e3;
		t.leaves = hash_leaves(fd, c, records);
		t.verify = verify(folder);
		_exit(write(ends[1], &t, sizeof(t)) == sizeof(t) ? 0 : 1);
	}
	close(ends[1]);
	must(read(ends[0], &t, sizeof(t)) == sizeof(t) && waitpid(pid, &status, 0) == pid, "child");
	close(ends[0]);
	return t;
}

#define PROOFS 1000

#define FRESH 21 /* by readers of their own */

struct Proofs {
	double ms[PROOFS], fresh[FRESH];
	size_t most; /* bytes */
};

static int compare(const void *a, const void *b)
{
	double x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

static void prove(const char *folder, struct Proofs *ret)
{
	static char proof[LEDGER_PROOF_MOST];
	static struct LedgerProof opened;
	struct LedgerReader *reader;
	struct LedgerReport report;
	double start;
	size_t size;

	must(!ledger_reader_open(folder, NULL, &reader), "open");
	must(!ledger_reader_verify(reader, NULL, NULL, &report) && !report.fault, "verify");
	for (uint64_t i = 0; i < PROOFS; i++) {
		/* far from one another: none lies in the block of the one before */
		uint64_t n = i * UINT64_C(2654435761) % report.covered;

		start = cpu();
		must(!ledger_reader_prove(reader, n, proof, sizeof(proof), &size), "prove");
		ret->ms[i] = (cpu() - start) * 1e3;
		ret->most = MAX(ret->most, size);
	}
	must(!ledger_proof_verify(proof, size, report.vkey, &opened) && opened.code == LEDGER_E_NONE,
	        "proof");
	qsort(ret->ms, PROOFS, sizeof(ret->ms[0]), compare);
	ledger_reader_free(reader);
}

/* A proof from nothing: files opened, index read, proof made. */
static void prove_fresh(const char *folder, struct Proofs *ret)
{
	static char proof[LEDGER_PROOF_MOST];

	for (uint64_t i = 0; i < FRESH; i++) {
		_cleanup_fd_ int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), index = -1;
		double start = cpu();
		struct LedgerReader *reader;
		struct LedgerReport report;
		size_t size;

		index = openat(dir, INDEX_FILE, O_RDONLY | O_CLOEXEC);
		must(!ledger_reader_open(folder, NULL, &reader) && reader_begin(reader, index, &report),
		        "by the index");
		must(!ledger_reader_prove(reader, i * 40009 % report.covered, proof, sizeof(proof), &size),
		        "prove");
		reader = ledger_reader_free(reader);
		ret->fresh[i] = (cpu() - start) * 1e3;
	}
	qsort(ret->fresh, FRESH, sizeof(ret->fresh[0]), compare);
}

static void print_json(
        unsigned long long records, const struct Timing *best, const struct Proofs *p, const char *folder)
{
	const struct {
		const char *name;
		double value;
	} figures[] = {{"open_s", best->opened}, {"open_cpu_s", best->opened_cpu},
	        {"open_first_thread_s", best->first}, {"open_one_thread_s", best->alone},
	        {"open_leaves_and_nodes_s", best->leaves}, {"open_bare_hashing_s", best->hashed},
	        {"open_mb", best->rss}, {"open_cached_ms", best->cached * 1e3}, {"verify_keys_s", best->verify},
	        {"proof_by_index_ms", p->fresh[FRESH / 2]}, {"proof_p50_ms", p->ms[PROOFS / 2]},
	        {"proof_p99_ms", p->ms[PROOFS - 1 - PROOFS / 100]}};

	printf("{\"ratios\":{\"verify_keys_to_hash\":%.3f},\"figures\":{\"open_records\":%llu,\"proof_"
	       "bytes\":%zu",
	        best->verify / best->leaves, records, p->most);
	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		printf(",\"%s\":%.3f", figures[i].name, figures[i].value);
	printf("},\"folder\":\"%s\"}\n", folder);
}

static void print(
        unsigned long long records, const struct Timing *best, const struct Proofs *p, const char *folder)
{
	printf("%llu records opened after a crash: %.3f s (goal: 0.5 at most for 1,000,000)\n", records,
	        best->opened);
	printf("of CPU: by two threads %.3f s, %.3f of it the first; by one %.3f s\n", best->opened_cpu,
	        best->first, best->alone);
	printf("beside it: leaves and nodes hashed %.3f s, one SHA-256 over the file %.3f s; %.1f MB\n",
	        best->leaves, best->hashed, best->rss);
	printf("by an index: %.2f ms of CPU (goal: 20), all of it being read afterwards\n",
	        best->cached * 1e3);
	printf("verified with its changes of key, one thread: %.3f s, %.3f of the hashing (goal: 1.8)\n",
	        best->verify, best->verify / best->leaves);
	printf("then a proof: p50 %.3f ms, p99 %.3f ms (goal: 5), at most %zu bytes (goal: 2,048)\n",
	        p->ms[PROOFS / 2], p->ms[PROOFS - 1 - PROOFS / 100], p->most);
	printf("a proof from nothing, by the index: p50 %.3f ms (goal: 5)\n", p->fresh[FRESH / 2]);
	if (*folder)
		printf("%s\n", folder);
}

int main(int argc, char **argv)
{
	struct Timing best = {.opened = 1e9,
	        .opened_cpu = 1e9,
	        .first = 1e9,
	        .alone = 1e9,
	        .cached = 1e9,
	        .hashed = 1e9,
	        .leaves = 1e9,
	        .verify = 1e9};
	unsigned long long records = RECORDS;
	const char *dir = "/dev/shm";
	bool json = false, keep = false;
	static struct Proofs proofs;
	char folder[512];
	struct Rig rig;

	for (int i = 1; i < argc; i++) {
		if (str_eq(argv[i], "--json"))
			json = true;
		else if (str_eq(argv[i], "--keep"))
			keep = true;
		else if (str_eq(argv[i], "--dir") && i + 1 < argc)
			dir = argv[++i];
		else
			records = strtoull(argv[i], NULL, 10);
	}
	rig_make(&rig, dir);
	make(&rig, records);
	snprintf(folder, sizeof(folder), "%s/ledger/" RIG_TERMINAL "/%u", rig.path,
	        clock_fiscal_year(clock_now()));
	for (int i = 0; i < ROUNDS; i++) {
		struct Timing t = measure(&rig, folder, records + 2 * ROTATE_EVERY);

		best.opened = MIN(best.opened, t.opened);
		best.opened_cpu = MIN(best.opened_cpu, t.opened_cpu);
		best.first = MIN(best.first, t.first);
		best.alone = MIN(best.alone, t.alone);
		best.leaves = MIN(best.leaves, t.leaves);
		best.cached = MIN(best.cached, t.cached);
		best.hashed = MIN(best.hashed, t.hashed);
		best.verify = MIN(best.verify, t.verify);
		best.rss = MAX(best.rss, t.rss);
	}
	prove(folder, &proofs);
	prove_fresh(folder, &proofs);
	(json ? print_json : print)(records, &best, &proofs, keep ? folder : "");
	if (!keep)
		rig_remove(&rig);
	return 0;
}
