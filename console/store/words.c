/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include "statements.h"

#define PLACES 8192 /* a power of two; a newer text takes the place of an older one */
#define SHORT  48   /* longer ones are asked for each time */

struct Word {
	int64_t number; /* 0: free */
	int what;
	char text[SHORT];
};

struct Words {
	struct Word places[PLACES];
};

int words_new(struct Words **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

void words_freep(struct Words **w)
{
	free(*w);
	*w = NULL;
}

void words_forget(struct Words *w)
{
	memset(w, 0, sizeof(*w));
}

/* FNV-1a. */
static size_t place_of(int what, const char *text)
{
	uint32_t h = 2166136261U ^ (uint32_t)what;

	for (; *text; text++)
		h = (h ^ (uint8_t)*text) * 16777619U;
	return (h ^ h >> 15) & (PLACES - 1);
}

/* The statement's row, 0: none, -errno. */
static int run(struct Db *db, enum LedgerStatement which, int what, const char *text, int64_t *ret)
{
	_cleanup_statement_ struct Statement *s = db_statement(db, which);
	int r;

	if (!s)
		return -EIO;
	bind_number(s, 1, what);
	bind_text(s, 2, text);
	r = statement_step(s);
	if (r == 1)
		*ret = statement_number(s, 0);
	return r;
}

int words_number(struct Words *w, struct Db *db, int what, const char *text, int64_t *ret)
{
	struct Word *word = &w->places[place_of(what, text)];
	int r;

	if (word->number && word->what == what && !strcmp(word->text, text)) {
		*ret = word->number;
		return 0;
	}
	r = run(db, SQL_WORD_FIND, what, text, ret);
	if (r == 0) {
		r = run(db, SQL_WORD_ADD, what, text, ret);
		*ret = db_last_id(db);
	}
	if (r < 0)
		return r;
	if (strlen(text) < SHORT) {
		*word = (struct Word){.number = *ret, .what = what};
		strcpy(word->text, text);
	}
	return 0;
}
