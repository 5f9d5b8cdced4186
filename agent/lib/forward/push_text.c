/* SPDX-License-Identifier: Apache-2.0 */
#include "push_text.h"

#include "str.h"

#include <inttypes.h>
#include <stdio.h>

#define PUSH_TITLE  "mediagate/push/v1"
#define REPLY_TITLE "mediagate/reply/v1"

#define WORD_TEXT(name, word) word,
static const char *const words[] = {PUSH_WORDS(WORD_TEXT)};

const char *push_word(enum PushWord word)
{
	return word < _PUSH_WORD_N ? words[word] : "";
}

/* What is read, and where its end is. */
struct Text {
	const char *at, *end;
};

static bool take(struct Text *t, const char *text)
{
	size_t n = strlen(text);

	if ((size_t)(t->end - t->at) < n || memcmp(t->at, text, n))
		return false;
	t->at += n;
	return true;
}

/* Decimal, no leading zero, at most `most`. */
static bool take_number(struct Text *t, uint64_t most, uint64_t *ret)
{
	const char *start = t->at;

	*ret = 0;
	for (; t->at < t->end && *t->at >= '0' && *t->at <= '9'; t->at++) {
		if (t->at - start == 18)
			return false;
		*ret = *ret * 10 + (uint64_t)(*t->at - '0');
	}
	return t->at > start && (*start != '0' || t->at == start + 1) && *ret <= most;
}

static bool take_size(struct Text *t, uint64_t most, size_t *ret)
{
	uint64_t number;

	if (!take(t, " ") || !take_number(t, most, &number))
		return false;
	*ret = (size_t)number;
	return true;
}

/* The next n bytes; NULL when there are fewer. */
static const char *take_bytes(struct Text *t, size_t n)
{
	const char *start = t->at;

	if ((size_t)(t->end - t->at) < n)
		return NULL;
	t->at += n;
	return start;
}

static bool take_line(struct Text *t, char *ret, size_t size)
{
	const char *newline = memchr(t->at, '\n', (size_t)(t->end - t->at));
	size_t n = newline ? (size_t)(newline - t->at) : 0;

	if (!n || !str_is_line(t->at, n) || str_set_n(ret, size, t->at, n) < 0)
		return false;
	t->at = newline + 1;
	return true;
}

/* ------------------------------------------------------------------ the request */

ssize_t push_head(const struct Push *p, char *ret, size_t size)
{
	int n = snprintf(ret, size, PUSH_TITLE "\n%s\n%" PRIu64 " %" PRIu64 " %zu %zu\n", p->vkey, p->base,
	        p->at, p->n_records, p->n_checkpoint);

	return n < (int)size ? n : -E2BIG;
}

int push_read(const char *bytes, size_t n, struct Push *ret)
{
	struct Text t = {bytes, bytes + n};

	*ret = (struct Push){};
	if (!take(&t, PUSH_TITLE "\n") || !take_line(&t, ret->vkey, sizeof(ret->vkey)) ||
	        !take_number(&t, PUSH_BYTES_MOST, &ret->base) || !take(&t, " ") ||
	        !take_number(&t, PUSH_BYTES_MOST, &ret->at) ||
	        !take_size(&t, PUSH_RECORDS, &ret->n_records) ||
	        !take_size(&t, PUSH_CHECKPOINT, &ret->n_checkpoint) || !take(&t, "\n"))
		return -EBADMSG;
	ret->records = take_bytes(&t, ret->n_records);
	ret->checkpoint = ret->records ? take_bytes(&t, ret->n_checkpoint) : NULL;
	return ret->checkpoint && t.at == t.end && ret->at >= ret->base ? 0 : -EBADMSG;
}

/* ------------------------------------------------------------------ the answer */

ssize_t push_reply_write(const struct PushReply *r, char *ret, size_t size)
{
	int n = snprintf(ret, size, REPLY_TITLE "\n%s %" PRIu64 " %zu %zu\n", push_word(r->word), r->number,
	        r->n_cosignature, r->n_checkpoint);
	size_t all = (size_t)n + r->n_cosignature + r->n_checkpoint;

	if (all >= size)
		return -E2BIG;
	if (r->n_cosignature)
		memcpy(ret + n, r->cosignature, r->n_cosignature);
	if (r->n_checkpoint)
		memcpy(ret + (size_t)n + r->n_cosignature, r->checkpoint, r->n_checkpoint);
	return (ssize_t)all;
}

static bool take_word(struct Text *t, enum PushWord *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (take(t, words[i])) {
			*ret = (enum PushWord)i;
			return true;
		}
	return false;
}

int push_reply_read(const char *bytes, size_t n, struct PushReply *ret)
{
	struct Text t = {bytes, bytes + n};

	*ret = (struct PushReply){};
	if (!take(&t, REPLY_TITLE "\n") || !take_word(&t, &ret->word) || !take(&t, " ") ||
	        !take_number(&t, PUSH_BYTES_MOST, &ret->number) ||
	        !take_size(&t, PUSH_COSIGNATURE, &ret->n_cosignature) ||
	        !take_size(&t, PUSH_CHECKPOINT, &ret->n_checkpoint) || !take(&t, "\n"))
		return -EBADMSG;
	ret->cosignature = take_bytes(&t, ret->n_cosignature);
	ret->checkpoint = ret->cosignature ? take_bytes(&t, ret->n_checkpoint) : NULL;
	if (!ret->checkpoint || t.at != t.end)
		return -EBADMSG;
	/* nothing but a receipt is signed, and a receipt always is */
	return (ret->word == PUSH_RECEIVED) == (ret->n_cosignature > 0) &&
	                       (ret->word == PUSH_RECEIVED || !ret->n_checkpoint)
	               ? 0
	               : -EBADMSG;
}
