/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every way to alter a ledger without its keys is found: ledger_mutations [--full] [--seed N].
 *
 *	bits		every bit of a ledger of 200 records
 *	far bits	100,000 bits of one of 10,000
 *	cuts		every length shorter than that one's records
 *	lines		each record dropped, doubled, swapped with the next, replaced by one of another ledger
 *
 * Without --full a seeded sample of each, for every build. Where a line is wrong in itself or out of its
 *place, it is the one that is named; where only the root tells, none is, or the change of key behind it.
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
	int fd; /* the bytes, to be altered */
};

static struct {
	uint64_t state, done, missed;
	bool full;
} run = {.state = 1};

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "%s failed\n", what);
	exit(2);
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

	must(m && (m->bytes = malloc(records * 2 * LINE)) &&
	                (m->starts = calloc(records + 1, sizeof(size_t))) && !crypto_new(&m->crypto),
	        "memory");
	use_key(m, seed);
	must(!vkey_format(&m->vkey, m->first, sizeof(m->first)), "vkey");
	while (m->lines < records)
		if (m->lines % EPOCH == EPOCH - 1)
			add_key(m, seed);
		else
			add_plain(m, who);
	sign(m);
	m->fd = memfd_create("records", MFD_CLOEXEC);
	must(m->fd >= 0 && write(m->fd, m->bytes, m->n) == (ssize_t)m->n, "file");
	return m;
}

static void made_free(struct Made *m)
{
	key_freep(&m->key);
	crypto_freep(&m->crypto);
	free(m->bytes);
	free(m->starts);
	close(m->fd);
	free(m);
}

/* ------------------------------------------------------------------ judging */

static void verify(const struct Made *m, struct LedgerReport *ret)
{
	const struct LedgerInput in = {.records = m->fd,
	        .checkpoint = m->checkpoint,
	        .checkpoint_size = m->n_checkpoint,
	        .vkey = m->first};

	must(!ledger_verify(&in, ret), "verify");
}

/* That it is found; and the line, where one is named. `line` 0: only that it is found. */
static void expect(const struct Made *m, const char *what, size_t at, uint64_t line)
{
	struct LedgerReport r;

	verify(m, &r);
	run.done++;
	if (r.fault && (!line || r.line == line))
		return;
	run.missed++;
	printf("MISSED %s at %zu: fault %d, line %" PRIu64 ", not %" PRIu64 " (%s)\n", what, at, r.fault,
	        r.line, line, r.error);
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

static void flip(const struct Made *m, size_t bit)
{
	struct LedgerReport r;
	size_t at = bit / 8, line = line_of(m, at);
	char c = (char)(m->bytes[at] ^ (1 << bit % 8));
	uint64_t n = m->lines;

	must(pwrite(m->fd, &c, 1, (off_t)at) == 1, "write");
	verify(m, &r);
	run.done++;
	/* what is named is the line itself, or a change of key behind it; a newline gone or come moves what
	 * follows */
	if (!r.fault || (r.line && r.line < line + 1) || (r.line && r.line > n + 1)) {
		run.missed++;
		printf("MISSED bit %zu of line %zu: fault %d, line %" PRIu64 "\n", bit, line + 1, r.fault,
		        r.line);
	}
	must(pwrite(m->fd, m->bytes + at, 1, (off_t)at) == 1, "write");
}

static void flip_checkpoint(struct Made *m)
{
	for (size_t bit = 0; bit < m->n_checkpoint * 8; bit++) {
		m->checkpoint[bit / 8] = (char)(m->checkpoint[bit / 8] ^ (1 << bit % 8));
		expect(m, "checkpoint", bit, 0);
		m->checkpoint[bit / 8] = (char)(m->checkpoint[bit / 8] ^ (1 << bit % 8));
	}
}

/* The file becomes these pieces, is judged, and becomes what it was. */
struct Piece {
	const struct Made *from;
	size_t first, last; /* lines */
};
static void rebuilt(
        const struct Made *m, const struct Piece *pieces, size_t n, const char *what, uint64_t line)
{
	must(!ftruncate(m->fd, 0) && !lseek(m->fd, 0, SEEK_SET), "cut");
	for (size_t i = 0; i < n; i++) {
		const struct Piece *p = &pieces[i];
		size_t size = p->from->starts[p->last] - p->from->starts[p->first];

		must(write(m->fd, p->from->bytes + p->from->starts[p->first], size) == (ssize_t)size,
		        "write");
	}
	expect(m, what, pieces[0].last, line);
	must(!ftruncate(m->fd, 0) && pwrite(m->fd, m->bytes, m->n, 0) == (ssize_t)m->n, "restore");
}

static void line_mutations(const struct Made *m, const struct Made *other, size_t i)
{
	size_t n = m->lines;
	const struct Piece dropped[] = {{m, 0, i}, {m, i + 1, n}};
	const struct Piece doubled[] = {{m, 0, i + 1}, {m, i, n}};
	const struct Piece spliced[] = {{m, 0, i}, {other, i, i + 1}, {m, i + 1, n}};
	const struct Piece swapped[] = {{m, 0, i}, {m, i + 1, i + 2}, {m, i, i + 1}, {m, i + 2, n}};

	rebuilt(m, dropped, 2, "drop", i + 1 < n ? i + 1 : 0);
	rebuilt(m, doubled, 2, "double", i + 1 < n ? i + 2 : 0);
	rebuilt(m, spliced, 3, "splice", 0);
	if (i + 1 < n)
		rebuilt(m, swapped, 4, "swap", i + 1);
}

static void cut(const struct Made *m, size_t to)
{
	must(!ftruncate(m->fd, (off_t)to), "cut");
	expect(m, "cut", to, 0);
	must(pwrite(m->fd, m->bytes + to, m->n - to, (off_t)to) == (ssize_t)(m->n - to), "restore");
}

static void tell(const char *what)
{
	printf("%s: %" PRIu64 " alterations so far, %" PRIu64 " missed\n", what, run.done, run.missed);
	fflush(stdout);
}

static void small(void)
{
	struct Made *m = make(200, 1, "clerk1"), *other = make(200, 2, "clerk2");
	struct LedgerReport r;

	verify(m, &r);
	must(!r.fault && r.keys == 3, "the ledger as it was made");
	flip_checkpoint(m);
	for (size_t bit = run.full ? 0 : draw(200); bit < m->n * 8; bit += run.full ? 1 : 1 + draw(200))
		flip(m, bit);
	tell("bits");
	for (size_t i = run.full ? 0 : draw(4); i < m->lines; i += run.full ? 1 : 1 + draw(8))
		line_mutations(m, other, i);
	tell("lines");
	for (size_t to = 0; to < m->n; to += run.full ? 1 : 1 + draw(100))
		cut(m, to);
	tell("cuts");
	made_free(m);
	made_free(other);
}

static void large(void)
{
	struct Made *m = make(10000, 3, "clerk1"), *other = make(10000, 4, "clerk2");
	size_t flips = run.full ? 100000 : 60, cuts = run.full ? m->n : 40, moves = run.full ? m->lines : 10;

	for (size_t i = 0; i < flips; i++)
		flip(m, draw(m->n * 8));
	tell("far bits");
	for (size_t i = 0; i < moves; i++)
		line_mutations(m, other, run.full ? i : draw(m->lines));
	tell("far lines");
	for (size_t i = 0; i < cuts; i++)
		cut(m, run.full ? i : draw(m->n));
	tell("far cuts");
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
	small();
	large();
	return run.missed ? 1 : 0;
}
