/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Of one made ledger another one that a reader has to see through:
 *
 *	ledger_spoil KIND FROM TO TERMINAL YEAR SEED
 *
 * FROM/TERMINAL/YEAR is a ledger of ledger_year's, SEED what it was made with; the other stands in
 *TO/TERMINAL/YEAR.
 *
 *	older      what the ledger was after four fifths of its records: valid
 *	forked     from there on rewritten by who had the key: valid in itself; one copy is missing in it
 *	altered    one digit in the middle is another
 *	truncated  the last twentieth is missing, the checkpoint is not
 *	torn       what a power cut leaves: two lines beyond the checkpoint, and half a one
 */
#include "draw.h"
#include "file.h"
#include "mediagate/ledger.h"
#include "note.h"
#include "tree.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

struct Spoil {
	const char *terminal;
	uint64_t seed;
	struct Crypto *crypto;
	char *bytes; /* records.jsonl */
	size_t size;
	char *checkpoint;
	size_t checkpoint_size;
	char vkey[1024];
	struct Vkey signer; /* in force behind the lines that are kept */
	char *out;          /* the new records.jsonl */
	size_t n_out;
	char hidden[64]; /* id of the copy that a fork leaves out */
};

static void must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

static char *file_take(int dir, const char *name, size_t *ret)
{
	_cleanup_fd_ int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *bytes;

	must(fd >= 0 && fstat(fd, &st) == 0, name);
	bytes = calloc(1, (size_t)st.st_size + 1);
	must(bytes && file_read_all(fd, bytes, (size_t)st.st_size) == st.st_size, name);
	*ret = (size_t)st.st_size;
	return bytes;
}

/* The key that the seed made: one of the 32 bytes in a row that were drawn. */
static struct Key *key_find(const struct Spoil *s)
{
	struct Draw d = draw_stream(s->seed, s->terminal, 0);

	draw_bits(&d); /* the disk's name */
	for (int i = 0; i < 100000; i++) {
		uint8_t seed[SEED_SIZE], public_key[HASH_SIZE];
		struct Key *key = NULL;

		for (size_t k = 0; k < sizeof(seed); k++)
			seed[k] = (uint8_t)draw_bits(&d);
		must(key_new(seed, &key) == 0 && key_public(key, public_key) == 0, "key");
		if (!memcmp(public_key, s->signer.key, HASH_SIZE))
			return key;
		key_freep(&key);
	}
	errno = ENOKEY;
	must(false, "the ledger's key is not of this seed");
	return NULL;
}

static void sign(struct Spoil *s)
{
	struct Tree tree = TREE_NULL;
	struct Checkpoint c = {};
	struct Key *key = key_find(s);
	ssize_t n, tail;
	char *note = calloc(1, 4096);

	for (const char *at = s->out, *end = s->out + s->n_out; at < end;) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		uint8_t leaf[HASH_SIZE];

		must(newline && !crypto_leaf(s->crypto, at, (size_t)(newline - at), leaf) &&
		                !tree_add(&tree, s->crypto, leaf),
		        "tree");
		at = newline + 1;
	}
	c.size = tree.size;
	must(note && !tree_root(&tree, s->crypto, c.root), "tree");
	snprintf(c.origin, sizeof(c.origin), "%s", s->signer.name);
	n = checkpoint_format(&c, note, 4096);
	tail = n < 0 ? n : note_signature(&s->signer, key, note, (size_t)n, note + n, 4096 - (size_t)n);
	must(tail > 0, "checkpoint");
	free(s->checkpoint);
	s->checkpoint = note;
	s->checkpoint_size = (size_t)(n + tail);
	key_freep(&key);
}

static void keep(struct Spoil *s, const char *line, size_t n)
{
	memcpy(s->out + s->n_out, line, n);
	s->n_out += n;
}

static void take_key(struct Spoil *s, const struct LedgerEntry *e)
{
	struct LedgerSlice vkey;

	if (!ledger_slice_is(e->kind, "key"))
		return;
	must(!ledger_detail(e, "vkey", &vkey) && !vkey_parse(s->crypto, vkey.text, vkey.size, &s->signer),
	        "key record");
}

/* The first `whole` lines are kept; those behind them are for `other`. */
typedef void (*Other)(struct Spoil *s, const struct LedgerEntry *e);

static uint64_t count(const struct Spoil *s)
{
	uint64_t n = 0;

	for (const char *at = s->bytes; (at = strchr(at, '\n')); at++)
		n++;
	return n;
}

static void pass(struct Spoil *s, uint64_t whole, Other other)
{
	const char *at = s->bytes, *newline;

	for (uint64_t n = 0; (newline = strchr(at, '\n')); n++, at = newline + 1) {
		struct LedgerEntry e;

		must(!ledger_entry_read(at, (size_t)(newline - at), &e), "a line");
		if (n < whole) {
			take_key(s, &e);
			keep(s, at, (size_t)(newline - at) + 1);
		} else if (other) {
			other(s, &e);
		}
	}
}

/* ------------------------------------------------------------------ the kinds */

static void older(struct Spoil *s)
{
	pass(s, count(s) * 4 / 5, NULL);
	sign(s);
}

/* Changes of key become something harmless, for their keys are gone; so does the first copy, for that is what
 * it is about. */
static void rewrite(struct Spoil *s, const struct LedgerEntry *e)
{
	struct LedgerSlice copy = {};
	char line[1024];
	int size;
	bool hide = ledger_slice_is(e->kind, "key");

	if (e->detail.text && !ledger_detail(e, "copy", &copy) && copy.size < sizeof(s->hidden)) {
		if (!*s->hidden && ledger_slice_is(e->result, "intent"))
			memcpy(s->hidden, copy.text, copy.size);
		hide |= ledger_slice_is(copy, s->hidden);
	}
	if (!hide) {
		keep(s, e->line.text, e->line.size + 1);
		return;
	}
	size = snprintf(line, sizeof(line),
	        "{\"n\":%" PRIu64 ",\"t\":\"%.*s\",\"kind\":\"gap\",\"terminal\":\"%s\",\"result\":\"done\","
	        "\"detail\":{\"count\":1}}\n",
	        e->n, (int)e->t.size, e->t.text, s->terminal);
	keep(s, line, (size_t)size);
}

static void forked(struct Spoil *s)
{
	pass(s, count(s) * 4 / 5, rewrite);
	sign(s);
}

static void altered(struct Spoil *s)
{
	size_t at;

	pass(s, count(s), NULL);
	/* the second's last digit of a time in the middle of the file */
	at = (size_t)(strstr(s->out + s->n_out / 2, "\"t\":\"") - s->out) + 5 + 18;
	s->out[at] = (char)(s->out[at] == '9' ? '0' : s->out[at] + 1);
}

static void truncated(struct Spoil *s)
{
	pass(s, count(s) * 19 / 20, NULL);
}

static void torn(struct Spoil *s)
{
	uint64_t n = count(s);
	size_t end;

	pass(s, n - 3, NULL);
	sign(s);
	end = s->n_out;
	s->n_out = 0;
	pass(s, n - 1, NULL);
	/* of the last line a half */
	memcpy(s->out + s->n_out, s->bytes + s->n_out, (s->size - s->n_out) / 2);
	s->n_out += (s->size - s->n_out) / 2;
	must(s->n_out > end, "torn");
}

static const struct {
	const char *word;
	void (*make)(struct Spoil *s);
} kinds[] = {
        {"older", older}, {"forked", forked}, {"altered", altered}, {"truncated", truncated}, {"torn", torn}};

/* ------------------------------------------------------------------ */

static int folder(const char *root, const char *terminal, const char *year, bool make)
{
	char path[4096];
	const char *parts[] = {"", terminal, year};
	int dir, n = snprintf(path, sizeof(path), "%s", root);

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		n += i ? snprintf(path + n, sizeof(path) - (size_t)n, "/%s", parts[i]) : 0;
		must(n < 4000, root);
		must(!make || mkdir(path, 0755) == 0 || errno == EEXIST, path);
	}
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(dir >= 0, path);
	return dir;
}

static void load(struct Spoil *s, int dir)
{
	_cleanup_free_ char *vkey = NULL;
	size_t n;

	s->bytes = file_take(dir, "records.jsonl", &s->size);
	s->checkpoint = file_take(dir, "checkpoint", &s->checkpoint_size);
	vkey = file_take(dir, "vkey", &n);
	must(n && n < sizeof(s->vkey), "vkey");
	memcpy(s->vkey, vkey, n);
	must(!crypto_new(&s->crypto) && !vkey_parse(s->crypto, vkey, strcspn(vkey, "\n"), &s->signer),
	        "vkey");
	s->out = calloc(2, s->size + 1); /* what is put in place of a line may be longer */
	must(s->out != NULL, "memory");
}

static void run(void (*make)(struct Spoil *s), char **argv)
{
	struct Spoil s = {.terminal = argv[2], .seed = strtoull(argv[4], NULL, 10)};
	_cleanup_fd_ int from = folder(argv[0], argv[2], argv[3], false), to = -1;

	load(&s, from);
	make(&s);
	to = folder(argv[1], argv[2], argv[3], true);
	must(!file_replace_at(to, "vkey", s.vkey, strlen(s.vkey), 0644) &&
	                !file_replace_at(to, "records.jsonl", s.out, s.n_out, 0644) &&
	                !file_replace_at(to, "checkpoint", s.checkpoint, s.checkpoint_size, 0644),
	        argv[1]);
	free(s.bytes);
	free(s.out);
	free(s.checkpoint);
	crypto_freep(&s.crypto);
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds) && argc == 7; i++)
		if (!strcmp(argv[1], kinds[i].word)) {
			run(kinds[i].make, argv + 2);
			return 0;
		}
	fprintf(stderr,
	        "usage: ledger_spoil older|forked|altered|truncated|torn FROM TO TERMINAL YEAR SEED\n");
	return 2;
}
