/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every way to alter a ledger without its keys is found: ledger_mutations [--full] [--seed N].
 *
 *	bits		every bit of a ledger of 200 records
 *	far bits	100,000 bits of one of 10,000
 *	cuts		every length shorter than each one's records
 *	lines		each record of both dropped, doubled, swapped with the next, replaced by one of
 *another ledger
 *
 * Without --full a seeded sample of each, for every build. Where a line is wrong in itself or out of its
 * place, it is the one that is named; where only the root tells, none is, or the change of key behind it.
 *
 * Two million verifications of a long ledger from its first line on would take a night. So one reader goes
 * through the file, getting a line with each read(2); before it reads line k, for each alteration that begins
 *in line k the file is altered and the reader forked: the child reads on, as much at once as it likes, to its
 * verdict. That this is the verdict of a reader that begins anew is not taken for granted: with all
 *alterations of the short ledger, and with a sample of those of the long one, both are asked, and their
 *reports must be the same bytes.
 */
#include "base64.h"
#include "mediagate/ledger.h"
#include "note.h"
#include "std.h"
#include "str.h"
#include "tree.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define ORIGIN "city.example.jp/mediagate/t1/2026"
#define LINE   512
#define EPOCH  64 /* records between changes of key */

struct Made {
	struct Crypto *crypto;
	struct Key *key;
	struct Vkey vkey;
	struct Tree tree;
	char first[LIMIT_VKEY]; /* verifier key */
	char *bytes;
	size_t n, *starts; /* of each line; one more behind the last */
	size_t lines;
	char checkpoint[2048];
	size_t n_checkpoint;
	int fd;      /* a file of the bytes, to be altered */
	size_t have; /* so many bytes of it are right, and none behind them is there */
};

enum Kind { FLIP, CUT, DROP, DOUBLE, SPLICE, SWAP };

struct Change {
	uint64_t at;    /* FLIP: the bit; CUT: the length; else the line, from 0 */
	uint32_t first; /* the file is as it was up to this line */
	uint32_t kind;
};

/* In memory that forks share: they then copy no page tables of it. */
struct List {
	struct Change *changes;
	size_t n, room;
};

static struct {
	uint64_t state, done, missed, compared;
	bool full;
} run = {.state = 1};

/* The sanitizer keeps 256 MiB of what was freed, and each of thousands of forks copies the page tables of it.
 */
const char *__asan_default_options(void);
__attribute__((visibility("default"))) const char *__asan_default_options(void)
{
	return "quarantine_size_mb=1";
}

/* The reader that is forked. */
static struct {
	struct Made *m; /* NULL: nobody is under way */
	const struct Made *other;
	const struct List *list;
	uint64_t every;              /* one of so many is judged by a reader that begins anew, too */
	size_t next;                 /* change */
	size_t line;                 /* that is read next */
	struct LedgerReport *report; /* a child's, shared */
	bool child;
} fork_at;

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "%s failed\n", what);
	exit(2);
}

static void *shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	must(p != MAP_FAILED, "memory");
	return p;
}

/* xorshift64*: the same sample for the same seed. */
static uint64_t draw(uint64_t below)
{
	run.state ^= run.state >> 12;
	run.state ^= run.state << 25;
	run.state ^= run.state >> 27;
	return (run.state * UINT64_C(2685821657736338717)) % below;
}

/* ------------------------------------------------------------------ making one */

static void use_key(struct Made *m, uint8_t seed)
{
	uint8_t bytes[SEED_SIZE] = {seed, (uint8_t)m->lines, (uint8_t)(m->lines >> 8)}, public_key[HASH_SIZE];

	key_freep(&m->key);
	must(!key_new(bytes, &m->key) && !key_public(m->key, public_key) &&
	                !vkey_make(m->crypto, ORIGIN, public_key, &m->vkey),
	        "key");
}

static void add_line(struct Made *m, const char *line)
{
	uint8_t leaf[HASH_SIZE];
	size_t n = strlen(line);

	must(!crypto_leaf(m->crypto, line, n, leaf) && !tree_add(&m->tree, m->crypto, leaf), "leaf");
	m->starts[m->lines++] = m->n;
	memcpy(m->bytes + m->n, line, n);
	m->n += n;
	m->bytes[m->n++] = '\n';
	m->starts[m->lines] = m->n;
}

static void add_key(struct Made *m, uint8_t seed)
{
	struct Checkpoint before = {.origin = ORIGIN, .size = m->tree.size};
	char vkey[LIMIT_VKEY], text[REKEY_TEXT], encoded[BASE64_SIZE(SIGNATURE_SIZE)], line[2 * LINE];
	uint8_t signature[SIGNATURE_SIZE];
	struct Key *old = ptr_steal(&m->key);
	ssize_t n;

	use_key(m, seed);
	must(!vkey_format(&m->vkey, vkey, sizeof(vkey)) && !tree_root(&m->tree, m->crypto, before.root),
	        "vkey");
	n = rekey_format(&before, vkey, text, sizeof(text));
	must(n > 0 && !key_sign(old, text, (size_t)n, signature), "sign");
	key_freep(&old);
	base64_encode(signature, sizeof(signature), encoded);
	snprintf(line, sizeof(line),
	        "{\"n\":%zu,\"t\":\"2026-11-21T09:00:00.000+09:00\",\"kind\":\"key\",\"terminal\":\"t1\","
	        "\"result\":"
	        "\"done\",\"detail\":{\"vkey\":\"%s\",\"signature\":\"%s\"}}",
	        m->lines, vkey, encoded);
	add_line(m, line);
}

static void add_plain(struct Made *m, const char *who)
{
	static const char *const rests[] = {
	        "\"result\":\"refused\",\"reason\":\"not-registered\",\"detail\":{"
	        "\"device\":\"2-1\",\"vendor\":\"0951\"}",
	        "\"role\":\"clerk\",\"medium\":\"USB-0007\",\"result\":\"intent\",\"detail\":{\"copy\":"
	        "\"c1\"}",
	        "\"numbers\":0,\"detail\":{\"name\":\"給付\\\"\\u3042.csv\",\"size\":18446744073709551615}",
	        "\"result\":\"done\",\"detail\":{\"a\":[1,{\"b\":true}],\"sha256\":\"9f86d081884c7d65\"}"};
	char line[LINE];

	snprintf(line, sizeof(line),
	        "{\"n\":%zu,\"t\":\"2026-11-21T09:%02zu:%02zu.%03zu+09:00\",\"kind\":\"file\",\"terminal\":"
	        "\"t1\","
	        "\"actor\":\"%s\",%s}",
	        m->lines, m->lines / 60 % 60, m->lines % 60, m->lines % 1000, who,
	        rests[m->lines % ARRAY_SIZE(rests)]);
	add_line(m, line);
}

static void sign(struct Made *m)
{
	struct Checkpoint c = {.origin = ORIGIN, .size = m->tree.size};
	ssize_t n, k;

	must(!tree_root(&m->tree, m->crypto, c.root), "root");
	n = checkpoint_format(&c, m->checkpoint, sizeof(m->checkpoint));
	k = note_signature(&m->vkey, m->key, m->checkpoint, (size_t)n, m->checkpoint + n,
	        sizeof(m->checkpoint) - (size_t)n);
	must(n > 0 && k > 0, "checkpoint");
	m->n_checkpoint = (size_t)(n + k);
}

static struct Made *make(size_t records, uint8_t seed, const char *who)
{
	struct Made *m = calloc(1, sizeof(*m));

	must(m && !crypto_new(&m->crypto), "memory");
	m->bytes = shared(records * 2 * LINE);
	m->starts = shared((records + 1) * sizeof(size_t));
	use_key(m, seed);
	must(!vkey_format(&m->vkey, m->first, sizeof(m->first)), "vkey");
	while (m->lines < records)
		if (m->lines % EPOCH == EPOCH - 1)
			add_key(m, seed);
		else
			add_plain(m, who);
	sign(m);
	m->fd = memfd_create("records", MFD_CLOEXEC);
	must(m->fd >= 0, "file");
	return m;
}

static void made_free(struct Made *m)
{
	key_freep(&m->key);
	crypto_freep(&m->crypto);
	munmap(m->bytes, m->lines * 2 * LINE);
	munmap(m->starts, (m->lines + 1) * sizeof(size_t));
	close(m->fd);
	free(m);
}

/* ------------------------------------------------------------------ altering */

/* At least so many bytes of the file are right. */
static void file_upto(struct Made *m, size_t n)
{
	if (n <= m->have)
		return;
	must(pwrite(m->fd, m->bytes + m->have, n - m->have, (off_t)m->have) == (ssize_t)(n - m->have),
	        "write");
	m->have = n;
}

static void file_cut(struct Made *m, size_t n)
{
	file_upto(m, n);
	must(!ftruncate(m->fd, (off_t)n), "cut");
	m->have = n;
}

/* Behind `first` lines follow these. */
struct Piece {
	const struct Made *from;
	size_t first, last; /* lines */
};

static void file_pieces(struct Made *m, size_t first, const struct Piece *pieces, size_t n)
{
	size_t at = m->starts[first];

	file_cut(m, at);
	for (size_t i = 0; i < n; i++) {
		const struct Piece *p = &pieces[i];
		size_t size = p->from->starts[p->last] - p->from->starts[p->first];

		must(pwrite(m->fd, p->from->bytes + p->from->starts[p->first], size, (off_t)at) ==
		                (ssize_t)size,
		        "write");
		at += size;
	}
}

static void flip(struct Made *m, size_t bit)
{
	char c = (char)(m->bytes[bit / 8] ^ (1 << bit % 8));

	file_upto(m, m->n);
	must(pwrite(m->fd, &c, 1, (off_t)(bit / 8)) == 1, "write");
}

static void alter(struct Made *m, const struct Made *other, const struct Change *c)
{
	const size_t n = m->lines, i = c->at;
	const struct Piece dropped[] = {{m, i + 1, n}};
	const struct Piece doubled[] = {{m, i, n}};
	const struct Piece spliced[] = {{other, i, i + 1}, {m, i + 1, n}};
	const struct Piece swapped[] = {{m, i + 1, i + 2}, {m, i, i + 1}, {m, i + 2, n}};

	switch (c->kind) {
	case FLIP:
		return flip(m, c->at);
	case CUT:
		return file_cut(m, c->at);
	case DROP:
		return file_pieces(m, i, dropped, ARRAY_SIZE(dropped));
	case DOUBLE:
		return file_pieces(m, i + 1, doubled, ARRAY_SIZE(doubled));
	case SPLICE:
		return file_pieces(m, i, spliced, ARRAY_SIZE(spliced));
	case SWAP:
		return file_pieces(m, i, swapped, ARRAY_SIZE(swapped));
	default:
		must(false, "change");
	}
}

/* What comes before the change is right again; the rest is written when somebody needs it. */
static void restore(struct Made *m, const struct Change *c)
{
	if (c->kind == FLIP)
		must(pwrite(m->fd, m->bytes + c->at / 8, 1, (off_t)(c->at / 8)) == 1, "write");
	else
		file_cut(m, m->have);
}

static size_t line_of(const struct Made *m, size_t at)
{
	size_t low = 0, high = m->lines;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (m->starts[middle] <= at)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* ------------------------------------------------------------------ judging */

static void verify(const struct Made *m, struct LedgerReport *ret)
{
	const struct LedgerInput in = {.records = m->fd,
	        .checkpoint = m->checkpoint,
	        .checkpoint_size = m->n_checkpoint,
	        .vkey = m->first};

	must(!ledger_verify(&in, ret), "verify");
	if (!fork_at.child)
		return;
	memcpy(fork_at.report, ret, sizeof(*ret));
	_exit(0);
}

/* That it is found, and the line that is named where one is to be. */
static void judge(const struct Made *m, const struct Change *c, const struct LedgerReport *r)
{
	static const char *const names[] = {"bit", "cut", "drop", "double", "splice", "swap"};
	const uint64_t last = c->at + 1 == m->lines; /* where nothing follows, none is out of its place */
	uint64_t line = 0;
	bool right = r->fault != 0;

	if (c->kind == FLIP)
		/* what is named is the line itself, or a change of key behind it; a newline gone or come
		 * moves what follows */
		right = right && (!r->line || (r->line > c->first && r->line <= m->lines + 1));
	else if (c->kind == SWAP || ((c->kind == DROP || c->kind == DOUBLE) && !last))
		line = c->first + 1;
	run.done++;
	if (right && (!line || r->line == line))
		return;
	run.missed++;
	printf("MISSED %s at %" PRIu64 " of line %u: fault %d, line %" PRIu64 " (%s)\n", names[c->kind],
	        c->at, c->first + 1, r->fault, r->line, r->error);
}

/* What a reader that begins anew says of the file as it is now altered. */
static void compare(struct Made *m, const struct Change *c, const struct LedgerReport *forked)
{
	struct LedgerReport anew;

	fork_at.m = NULL;
	verify(m, &anew);
	fork_at.m = m;
	run.compared++;
	if (!memcmp(&anew, forked, sizeof(anew)))
		return;
	run.missed++;
	printf("DIFFERS change %u at %" PRIu64 ": line %" PRIu64 " anew, line %" PRIu64 " forked\n", c->kind,
	        c->at, anew.line, forked->line);
}

/* Returns twice: true in the child, which reads on. */
static bool fork_reader(const struct Change *c)
{
	struct Made *m = fork_at.m;
	pid_t pid;
	int status;

	alter(m, fork_at.other, c);
	pid = fork();
	must(pid >= 0, "fork");
	fork_at.child = !pid;
	if (!pid)
		return true;
	must(waitpid(pid, &status, 0) == pid && !status, "child");
	judge(m, c, fork_at.report);
	if (!draw(fork_at.every))
		compare(m, c, fork_at.report);
	restore(m, c);
	return false;
}

ssize_t __real_pread64(int fd, void *bytes, size_t n, off_t at);
ssize_t __wrap_pread64(int fd, void *bytes, size_t n, off_t at);
/* One line for the reader that is forked before each; for all others what there is. */
ssize_t __wrap_pread64(int fd, void *bytes, size_t n, off_t at)
{
	struct Made *m = fork_at.m;
	size_t line = fork_at.line;

	if (!m || fork_at.child)
		return __real_pread64(fd, bytes, n, at);
	must(fd == m->fd && (size_t)at == m->starts[line], "the reader is where a line begins");
	for (; fork_at.next < fork_at.list->n && fork_at.list->changes[fork_at.next].first == line;
	        fork_at.next++)
		if (fork_reader(&fork_at.list->changes[fork_at.next]))
			return __real_pread64(fd, bytes, n, at);
	if (line == m->lines)
		return 0;
	fork_at.line++;
	file_upto(m, m->starts[line + 1]);
	return __real_pread64(fd, bytes, m->starts[line + 1] - m->starts[line], at);
}

/* ------------------------------------------------------------------ which */

static void list_add(struct List *l, const struct Made *m, enum Kind kind, uint64_t at)
{
	uint32_t first = (uint32_t)(kind == FLIP ? line_of(m, at / 8) : kind == CUT ? line_of(m, at) : at);

	must(l->n < l->room, "room");
	l->changes[l->n++] = (struct Change){.at = at, .kind = kind, .first = first + (kind == DOUBLE)};
}

static int list_order(const void *a, const void *b)
{
	struct Change x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	if (x.first != y.first)
		return x.first < y.first ? -1 : 1;
	return (x.kind > y.kind) - (x.kind < y.kind);
}

static struct List list_make(size_t room)
{
	return (struct List){.changes = shared(room * sizeof(struct Change)), .room = room};
}

/* All of them are judged, in the order of their lines, and the list is gone. */
static void judge_all(
        struct Made *m, const struct Made *other, struct List *l, uint64_t every, const char *what)
{
	struct LedgerReport r;

	qsort(l->changes, l->n, sizeof(l->changes[0]), list_order);
	fork_at.m = m;
	fork_at.other = other;
	fork_at.list = l;
	fork_at.every = every;
	fork_at.next = fork_at.line = 0;
	verify(m, &r);
	fork_at.m = NULL;
	must(!r.fault && r.covered == m->lines && fork_at.next == l->n, "the ledger as it was made");
	munmap(l->changes, l->room * sizeof(struct Change));
	printf("%s: %" PRIu64 " alterations so far, %" PRIu64
	       " of them judged from the first line, too, %" PRIu64 " missed\n",
	        what, run.done, run.compared, run.missed);
	fflush(stdout);
}

static void add_moves(struct List *l, const struct Made *m, uint64_t line)
{
	for (enum Kind kind = DROP; kind <= SWAP; kind++)
		if (kind != SWAP || line + 1 < m->lines)
			list_add(l, m, kind, line);
}

static void flip_checkpoint(struct Made *m)
{
	struct LedgerReport r;

	file_upto(m, m->n);
	for (size_t bit = 0; bit < m->n_checkpoint * 8; bit++) {
		m->checkpoint[bit / 8] = (char)(m->checkpoint[bit / 8] ^ (1 << bit % 8));
		verify(m, &r);
		run.done++;
		if (!r.fault && ++run.missed)
			printf("MISSED bit %zu of the checkpoint\n", bit);
		m->checkpoint[bit / 8] = (char)(m->checkpoint[bit / 8] ^ (1 << bit % 8));
	}
}

/* Each is judged both ways. */
static void small(void)
{
	struct Made *m = make(200, 1, "clerk1"), *other = make(200, 2, "clerk2");
	struct List bits = list_make(m->n * 8), moves = list_make(m->lines * 4), cuts = list_make(m->n);

	flip_checkpoint(m);
	for (size_t bit = run.full ? 0 : draw(200); bit < m->n * 8; bit += run.full ? 1 : 1 + draw(200))
		list_add(&bits, m, FLIP, bit);
	judge_all(m, other, &bits, 1, "bits");
	for (size_t i = run.full ? 0 : draw(4); i < m->lines; i += run.full ? 1 : 1 + draw(8))
		add_moves(&moves, m, i);
	judge_all(m, other, &moves, 1, "lines");
	for (size_t to = 0; to < m->n; to += run.full ? 1 : 1 + draw(100))
		list_add(&cuts, m, CUT, to);
	judge_all(m, other, &cuts, 1, "cuts");
	made_free(m);
	made_free(other);
}

static void large(void)
{
	struct Made *m = make(10000, 3, "clerk1"), *other = make(10000, 4, "clerk2");
	const size_t n_bits = run.full ? 100000 : 60, n_cuts = run.full ? m->n : 40,
	             n_moves = run.full ? m->lines : 10;
	struct List bits = list_make(n_bits), moves = list_make(n_moves * 4), cuts = list_make(n_cuts);

	for (size_t i = 0; i < n_bits; i++)
		list_add(&bits, m, FLIP, draw(m->n * 8));
	judge_all(m, other, &bits, run.full ? 200 : 2, "far bits");
	for (size_t i = 0; i < n_moves; i++)
		add_moves(&moves, m, run.full ? i : draw(m->lines));
	judge_all(m, other, &moves, run.full ? 100 : 2, "far lines");
	for (size_t i = 0; i < n_cuts; i++)
		list_add(&cuts, m, CUT, run.full ? i : draw(m->n));
	judge_all(m, other, &cuts, run.full ? 2000 : 2, "far cuts");
	made_free(m);
	made_free(other);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (str_eq(argv[i], "--full"))
			run.full = true;
		else if (str_eq(argv[i], "--seed") && i + 1 < argc)
			run.state = strtoull(argv[++i], NULL, 10) | 1;
		else
			return fprintf(stderr, "usage: ledger_mutations [--full] [--seed N]\n"), 2;
	}
	fork_at.report = shared(sizeof(*fork_at.report));
	small();
	large();
	return run.missed ? 1 : 0;
}
