/* SPDX-License-Identifier: Apache-2.0 */
#include "seen_paper.h"

#include "limits.h"
#include "say.h"
#include "tree.h"

#include <inttypes.h>
#include <stdio.h>

#define LETTERS 52
#define GROUP   4
#define SLIPS   2 /* letters; a root that is another one differs in fifty */
#define DIGITS  19

/* ------------------------------------------------------------------ its words */

/* How many letters of base32 the word is; 0: it is something else. */
static size_t letters_of(const char *word)
{
	size_t n = 0;

	for (const char *p = word; *p; p++) {
		bool letter =
		        (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '2' && *p <= '7');

		if (!letter && *p != '-')
			return 0;
		n += letter;
	}
	return n;
}

/* The words from `at` on that are 52 letters together: how many; 0: none are. */
static int words_of_root(int n, char **words, int at)
{
	size_t have = 0;

	for (int i = at; i < n; i++) {
		size_t letters = letters_of(words[i]);

		if (!letters)
			return 0;
		have += letters;
		if (have >= LETTERS)
			return have == LETTERS ? i + 1 - at : 0;
	}
	return 0;
}

static char *join(const char *number, char **words, int n)
{
	size_t size = strlen(number) + 1;
	char *text, *at;

	for (int i = 0; i < n; i++)
		size += strlen(words[i]) + 1;
	text = malloc(size);
	if (!text)
		abort();
	at = stpcpy(text, number);
	for (int i = 0; i < n; i++) {
		*at++ = ' ';
		at = stpcpy(at, words[i]);
	}
	return text;
}

static bool is_number(const char *word)
{
	size_t n = strlen(word);

	return n && n <= DIGITS && strspn(word, "0123456789") == n;
}

int seen_paper_join(struct OptionList *list, int *n, char **words, char **ret_text)
{
	const char **number = NULL;
	int at = 0, count = 0;

	for (size_t i = 0; i < list->n && !number; i++)
		if (is_number(list->items[i]))
			number = &list->items[i];
	/* the folder stands before the letters or behind them */
	if (number && !(count = words_of_root(*n, words, 0)) && *n > 1)
		count = words_of_root(*n, words, at = 1);
	if (count) {
		*number = *ret_text = join(*number, words + at, count);
		*n -= count;
		memmove(words + at, words + at + count, (size_t)(*n - at) * sizeof(*words));
	}
	if (*n > 1 && number && !count)
		return say_usage(
		        "%s", _("from paper come a number and 52 letters, A to Z and 2 to 7, in 13 groups"));
	if (*n > 1)
		return say_usage(_("%s takes no such word"), "verify");
	return EXIT_OK;
}

/* ------------------------------------------------------------------ a hand that slipped */

/* The places in which the letters differ. */
static unsigned int differences(
        const uint8_t a[static HASH_SIZE], const uint8_t b[static HASH_SIZE], unsigned int *ret_group)
{
	char one[LEDGER_PAPER_MOST], other[LEDGER_PAPER_MOST];
	unsigned int n = 0, letter = 0;

	ledger_paper_write(0, a, one);
	ledger_paper_write(0, b, other);
	/* "0 ", then the groups, a space between */
	for (size_t i = 2; one[i]; i++) {
		if (one[i] == ' ')
			continue;
		if (one[i] != other[i] && !n++)
			*ret_group = letter / GROUP + 1;
		letter++;
	}
	return n;
}

/* Numbers of as many digits that differ in one of them. */
static bool is_near(uint64_t a, uint64_t b)
{
	char one[24], other[24];
	int n = snprintf(one, sizeof(one), "%" PRIu64, a), differ = 0;

	if (snprintf(other, sizeof(other), "%" PRIu64, b) != n)
		return false;
	for (int i = 0; i < n; i++)
		differ += one[i] != other[i];
	return differ == 1;
}

struct Search {
	const struct SeenList *seen;
	struct Crypto *crypto;
	struct Tree tree;
	struct SeenSlip *slip;
	bool found;
};

static int search_line(void *owner, const struct LedgerEntry *e)
{
	struct Search *s = owner;
	uint8_t leaf[HASH_SIZE], root[HASH_SIZE];
	int r = crypto_leaf(s->crypto, e->line.text, e->line.size, leaf);

	if (r >= 0)
		r = tree_add(&s->tree, s->crypto, leaf);
	for (size_t i = 0; i < s->seen->n && !r && !s->found; i++) {
		const struct LedgerSeen *seen = &s->seen->items[i];
		bool same = seen->size == s->tree.size;
		unsigned int group = 0, n;

		/* only what came from paper has no origin */
		if (*seen->origin || (!same && !is_near(seen->size, s->tree.size)))
			continue;
		r = tree_root(&s->tree, s->crypto, root);
		n = differences(seen->root, root, &group);
		if (!r && (same ? n && n <= SLIPS : !n)) {
			*s->slip = (struct SeenSlip){i, n, group, s->tree.size};
			s->found = true;
		}
	}
	return r;
}

static bool any_from_paper(const struct SeenList *seen)
{
	for (size_t i = 0; i < seen->n; i++)
		if (!*seen->items[i].origin)
			return true;
	return false;
}

bool seen_slip_find(const struct SeenList *seen, int records, struct SeenSlip *ret)
{
	_cleanup_(crypto_freep) struct Crypto *crypto = NULL;
	struct Search s = {.seen = seen, .tree = TREE_NULL, .slip = ret};
	struct LedgerReport report;

	if (!any_from_paper(seen) || crypto_new(&crypto) < 0)
		return false;
	s.crypto = crypto;
	return ledger_read(records, search_line, &s, &report) == 0 && s.found;
}
