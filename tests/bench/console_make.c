/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many terminals' ledgers for the console's benchmark: console_make DIR TERMINALS RECORDS, RECORDS for each.
 * Real in form, tree and signature; each terminal has a key of its own. A month of work: lending, copies with
 * their files, refusals.
 */
#include "note.h"
#include "std.h"
#include "str.h"
#include "tree.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>

struct Make {
	struct Crypto *crypto;
	unsigned int terminal;
	uint64_t random, n;
	int64_t minute; /* since the month began */
	struct Tree tree;
	FILE *records;
};

static void must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

static uint64_t draw(struct Make *m, uint64_t below)
{
	m->random ^= m->random << 13;
	m->random ^= m->random >> 7;
	m->random ^= m->random << 17;
	return m->random % below;
}

_format_(2, 3) static void say(struct Make *m, const char *format, ...)
{
	char line[4096];
	uint8_t leaf[HASH_SIZE];
	va_list args;
	int n, more;

	m->minute += (int64_t)draw(m, 3);
	n = snprintf(line, sizeof(line), "{\"n\":%ju,\"t\":\"2026-%02d-%02dT%02d:%02d:%02d.%03d+09:00\",",
	        (uintmax_t)m->n, 4 + (int)(m->minute / 480 / 28) % 8, 1 + (int)(m->minute / 480) % 28,
	        9 + (int)(m->minute / 60) % 8, (int)(m->minute % 60), (int)draw(m, 60), (int)draw(m, 1000));
	va_start(args, format);
	more = vsnprintf(line + n, sizeof(line) - (size_t)n, format, args);
	va_end(args);
	must(more > 0 && n + more < (int)sizeof(line), "line");
	must(crypto_leaf(m->crypto, line, (size_t)(n + more), leaf) == 0, "leaf");
	must(tree_add(&m->tree, m->crypto, leaf) == 0, "tree");
	must(fprintf(m->records, "%s\n", line) > 0, "write");
	m->n++;
}

static void work(struct Make *m)
{
	unsigned int t = m->terminal, medium = t * 4 + (unsigned int)draw(m, 4),
	             clerk = t * 3 + (unsigned int)draw(m, 3);
	uintmax_t id = m->n;

	if (draw(m, 4) == 0) {
		say(m,
		        "\"kind\":\"device\",\"terminal\":\"T-%04u\",\"result\":\"refused\",\"reason\":\"not-"
		        "registered\","
		        "\"detail\":{\"device\":\"2-1\",\"vendor\":\"0951\",\"product\":\"1666\",\"serial\":"
		        "\"363030\"}}",
		        t);
		return;
	}
	say(m,
	        "\"kind\":\"checkout\",\"terminal\":\"T-%04u\",\"actor\":\"supervisor%u\",\"role\":"
	        "\"supervisor\",\"medium\":\"USB-%05u\","
	        "\"checkout\":\"T-%04u-2026-%ju\",\"result\":\"done\",\"detail\":{\"clerk\":\"clerk%u\","
	        "\"supervisor\":\"supervisor%u\","
	        "\"purpose\":\"submission\",\"ground\":\"law\",\"destination\":\"年金事務所\",\"until\":"
	        "\"2026-11-21T17:00:00.000+09:00\","
	        "\"carry_out\":true}}",
	        t, t, medium, t, id, clerk, t);
	say(m,
	        "\"kind\":\"copy\",\"terminal\":\"T-%04u\",\"actor\":\"clerk%u\",\"role\":\"clerk\","
	        "\"medium\":\"USB-%05u\","
	        "\"checkout\":\"T-%04u-2026-%ju\",\"result\":\"intent\",\"detail\":{\"copy\":\"c-%ju\"}}",
	        t, clerk, medium, t, id, id);
	for (uint64_t i = draw(m, 6); i; i--)
		say(m,
		        "\"kind\":\"file\",\"terminal\":\"T-%04u\",\"actor\":\"clerk%u\",\"role\":\"clerk\","
		        "\"medium\":\"USB-%05u\","
		        "\"checkout\":\"T-%04u-2026-%ju\",\"result\":\"done\",\"detail\":{\"name\":\"申請書/"
		        "令和8年 %ju.pdf\",\"size\":48213,"
		        "\"sha256\":\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\","
		        "\"copy\":\"c-%ju\"}}",
		        t, clerk, medium, t, id, (uintmax_t)i, id);
	say(m,
	        "\"kind\":\"copy\",\"terminal\":\"T-%04u\",\"actor\":\"clerk%u\",\"role\":\"clerk\","
	        "\"medium\":\"USB-%05u\","
	        "\"checkout\":\"T-%04u-2026-%ju\",\"result\":\"done\",\"numbers\":%ju,\"detail\":{\"copy\":"
	        "\"c-%ju\",\"parts\":1,\"intent\":%ju}}",
	        t, clerk, medium, t, id, (uintmax_t)draw(m, 40), id, id + 1);
	say(m,
	        "\"kind\":\"return\",\"terminal\":\"T-%04u\",\"actor\":\"supervisor%u\",\"role\":"
	        "\"supervisor\",\"medium\":\"USB-%05u\","
	        "\"checkout\":\"T-%04u-2026-%ju\",\"result\":\"done\",\"detail\":{\"known\":1,\"foreign\":0,"
	        "\"damaged\":0}}",
	        t, t, medium, t, id);
}

static void media(struct Make *m)
{
	for (unsigned int i = 0; i < 4; i++)
		say(m,
		        "\"kind\":\"register\",\"terminal\":\"T-%04u\",\"actor\":\"supervisor%u\",\"role\":"
		        "\"supervisor\",\"medium\":\"USB-%05u\","
		        "\"result\":\"done\",\"detail\":{\"vendor\":\"0951\",\"product\":\"1666\","
		        "\"supervisor\":\"supervisor%u\",\"size\":32010928128}}",
		        m->terminal, m->terminal, m->terminal * 4 + i, m->terminal);
}

static void put(int dir, const char *name, const char *text, size_t n)
{
	_cleanup_fd_ int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	must(fd >= 0 && write(fd, text, n) == (ssize_t)n, name);
}

static void sign(struct Make *m, int dir, const char *origin)
{
	struct Checkpoint c = {.size = m->tree.size};
	const uint8_t seed[SEED_SIZE] = {1, (uint8_t)m->terminal, (uint8_t)(m->terminal >> 8)};
	uint8_t public[HASH_SIZE];
	struct Key *key = NULL;
	struct Vkey vkey;
	char text[2048], vkey_text[LIMIT_VKEY];
	ssize_t n, tail;

	STR_SET(c.origin, origin);
	must(tree_root(&m->tree, m->crypto, c.root) == 0, "root");
	must(key_new(seed, &key) == 0 && key_public(key, public) == 0, "key");
	must(vkey_make(m->crypto, origin, public, &vkey) == 0, "vkey");
	must(vkey_format(&vkey, vkey_text, sizeof(vkey_text)) == 0, "vkey");
	n = checkpoint_format(&c, text, sizeof(text));
	must(n > 0, "checkpoint");
	tail = note_signature(&vkey, key, text, (size_t)n, text + n, sizeof(text) - (size_t)n);
	must(tail > 0, "signature");
	key_freep(&key);
	put(dir, "checkpoint", text, (size_t)(n + tail));
	put(dir, "vkey", vkey_text, strlen(vkey_text));
}

static void make_terminal(struct Make *m, int below, uint64_t records)
{
	_cleanup_fd_ int dir = -1;
	char name[64], origin[128];
	int fd;

	snprintf(name, sizeof(name), "T-%04u", m->terminal);
	snprintf(origin, sizeof(origin), "city.example/mediagate/T-%04u/2026", m->terminal);
	must(mkdirat(below, name, 0700) == 0 || errno == EEXIST, name);
	dir = openat(below, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = openat(dir, "records.jsonl", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	m->records = fdopen(fd, "w");
	must(m->records != NULL, "records.jsonl");
	media(m);
	while (m->n < records)
		work(m);
	must(fclose(m->records) == 0, "records.jsonl");
	sign(m, dir, origin);
}

int main(int argc, char **argv)
{
	_cleanup_fd_ int below = -1;
	struct Make m = {};

	must(argc == 4, "console_make DIR TERMINALS RECORDS");
	must(mkdir(argv[1], 0700) == 0 || errno == EEXIST, argv[1]);
	below = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(below >= 0 && crypto_new(&m.crypto) == 0, argv[1]);
	for (unsigned int t = 0; t < (unsigned int)atoi(argv[2]); t++) {
		m.terminal = t;
		m.random = 88172645463325252ULL + t;
		m.n = 0;
		m.minute = 0;
		m.tree = (struct Tree)TREE_NULL;
		make_terminal(&m, below, (uint64_t)atoll(argv[3]));
	}
	crypto_freep(&m.crypto);
	return 0;
}
