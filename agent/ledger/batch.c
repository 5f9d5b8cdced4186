/* SPDX-License-Identifier: Apache-2.0 */
#include "batch.h"

#include "clock.h"
#include "line.h"
#include "mediagate/ledger.h"
#include "names.h"
#include "str.h"

#include <inttypes.h>
#include <stdio.h>

enum CopyEvent {
	COPY_NOTHING,
	COPY_BEGINS,
	COPY_ENDS,
};

/* What is said of an end, a danger or a refusal still finds room on a full disk. */
static const enum RecordKind kept[] = {RECORD_STOP, RECORD_OVERDUE, RECORD_CLOSE, RECORD_RECOVERED,
        RECORD_TAMPER, RECORD_GAP, RECORD_CLOCK, RECORD_HELPER, RECORD_FLOOD};

/* Written by ledger alone: a change of key that the last key has not signed would end the ledger. */
static const enum RecordKind own[] = {RECORD_ENROL, RECORD_KEY, RECORD_CARRY, RECORD_YEAR};

static bool is_own(uint8_t kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if (kind == own[i])
			return true;
	return false;
}

static bool is_act(const struct Record *r)
{
	struct RecordItem item;

	if (r->result == RESULT_REFUSED || r->result == RESULT_FAILED)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(kept) && r->result != RESULT_INTENT; i++)
		if (r->kind == kept[i])
			return false;
	/* the outcome of an act that is on record already */
	return r->result != RESULT_DONE || !record_find(r, KEY_INTENT, &item);
}

static uint8_t copy_event(const struct Record *r, char ret[static LIMIT_ID])
{
	struct RecordItem item;

	ret[0] = '\0';
	if (r->kind != RECORD_COPY || r->result == RESULT_NONE || r->result == RESULT_REFUSED)
		return COPY_NOTHING;
	if (!record_find(r, KEY_COPY, &item) ||
	        str_set_n(ret, LIMIT_ID, (const char *)item.bytes, item.size) < 0)
		return COPY_NOTHING;
	return r->result == RESULT_INTENT ? COPY_BEGINS : COPY_ENDS;
}

static int answer(struct Server *s, uint64_t cookie, uint64_t n, uint16_t fault)
{
	struct MsgAppended m = {.cookie = cookie, .n = n, .fault = fault};

	return server_send(s, MSG_APPENDED, &m, NULL, 0);
}

bool batch_is_full(const struct Server *s)
{
	return s->n_waiting == BATCH_MOST;
}

int batch_add(struct Server *s, const struct MsgAppend *append)
{
	struct LineHead head = {
	        .n = s->store->tree.size + s->n_waiting, .time = clock_now(), .terminal = s->terminal};
	struct Waiting *w = &s->waiting[s->n_waiting];
	char *line = s->lines + s->n_lines;
	struct LedgerEntry entry;
	struct Record record;
	size_t n;
	int r = names_apply(s->store->seal->crypto, &append->record, &record);

	if (r < 0 && r != -EBADMSG)
		return r;
	/* the reader has the last word: a line that it would refuse would close the ledger for ever */
	if (r < 0 || is_own(record.kind) || line_build(&record, &head, line, &n) ||
	        ledger_entry_read(line, n, &entry))
		return answer(s, append->cookie, UINT64_MAX, FAULT_INTERNAL);
	line[n] = '\n';
	*w = (struct Waiting){.cookie = append->cookie, .size = n + 1, .act = is_act(&record)};
	w->event = copy_event(&record, w->copy);
	s->n_lines += n + 1;
	s->n_waiting++;
	return 0;
}

/* The acts are answered: full. What is left moves up and is numbered anew. */
static int batch_drop_acts(struct Server *s)
{
	size_t from = 0, to = 0, left = 0;

	for (size_t i = 0; i < s->n_waiting; i++) {
		struct Waiting w = s->waiting[i];
		char *line = s->lines + from, *rest, start[32];
		int n, r;

		from += w.size;
		if (w.act) {
			r = answer(s, w.cookie, UINT64_MAX, FAULT_LEDGER_FULL);
			if (r < 0)
				return r;
			continue;
		}
		/* a number that is not larger has not more digits */
		rest = memchr(line, ',', w.size);
		n = snprintf(start, sizeof(start), "{\"n\":%" PRIu64, s->store->tree.size + left);
		w.size -= (size_t)(rest - line);
		memmove(s->lines + to + n, rest, w.size);
		memcpy(s->lines + to, start, (size_t)n);
		w.size += (size_t)n;
		to += w.size;
		s->waiting[left++] = w;
	}
	s->n_waiting = left;
	s->n_lines = to;
	return 0;
}

static int batch_answer(struct Server *s, uint64_t first, uint16_t fault)
{
	size_t n = s->n_waiting;

	s->n_waiting = 0;
	s->n_lines = 0;
	for (size_t i = 0; i < n; i++) {
		const struct Waiting *w = &s->waiting[i];
		int r = answer(s, w->cookie, fault ? UINT64_MAX : first + i, fault);

		if (r < 0)
			return r;
		if (fault)
			continue;
		if (w->event == COPY_ENDS)
			copies_end(&s->copies, w->copy);
		/* an id that no note can be made for gets none */
		if (w->event == COPY_BEGINS && copies_begin(&s->copies, w->copy) == -ENOMEM)
			return -ENOMEM;
	}
	return 0;
}

static bool batch_has_act(const struct Server *s)
{
	for (size_t i = 0; i < s->n_waiting; i++)
		if (s->waiting[i].act)
			return true;
	return false;
}

int batch_flush(struct Server *s)
{
	uint64_t first = s->store->tree.size;
	bool act = batch_has_act(s);
	int64_t now = clock_boot();
	int r;

	if (!s->n_waiting)
		return 0;
	r = store_append(s->store, s->lines, s->n_lines, act);
	if (r == STORE_FULL && act) {
		r = batch_drop_acts(s);
		if (!r && s->n_waiting)
			r = store_append(s->store, s->lines, s->n_lines, false);
	}
	if (r < 0)
		return r;
	if (!r && s->n_waiting && !s->oldest)
		s->oldest = now;
	return batch_answer(s, first, r == STORE_FULL ? FAULT_LEDGER_FULL : FAULT_OK);
}
