/* SPDX-License-Identifier: Apache-2.0 */
#include "drop.h"

#include "cache.h"
#include "file.h"
#include "log.h"
#include "own.h"
#include "str.h"
#include "stream.h"
#include "year.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define NAME 16

static void folder_name(uint32_t year, char ret[static NAME])
{
	snprintf(ret, NAME, "%04u", year % 10000);
}

static void going_name(uint32_t year, char ret[static NAME])
{
	snprintf(ret, NAME, ".%04u.drop", year % 10000);
}

/* The name of the running year's key, which is its origin, with another year at its end. */
static int origin_of(const struct Store *running, uint32_t year, char ret[static LIMIT_VKEY])
{
	const char *name = running->seal->ledger_vkey.name, *slash = strrchr(name, '/');
	int n = snprintf(ret, LIMIT_VKEY, "%.*s/%04u", (int)(slash - name), name, year % 10000);

	return n < 0 || n >= LIMIT_VKEY ? -E2BIG : 0;
}

static uint32_t running_year(const struct Store *running)
{
	return (uint32_t)strtoul(strrchr(running->seal->ledger_vkey.name, '/') + 1, NULL, 10);
}

/* ------------------------------------------------------------------ looking */

static void wrong(struct MsgYearSeen *ret, enum Fault fault, const char *subject)
{
	ret->fault = (uint16_t)fault;
	STR_CUT(ret->subject, subject);
}

struct Head {
	char checkpoint[SEAL_CHECKPOINT], head[SEAL_CHECKPOINT];
};

/* The year's checkpoint, if heads/<year>.note, which stays, is the same: its size, or -errno. */
static ssize_t head_read(const struct DropPlace *p, uint32_t year, struct Head *ret)
{
	_cleanup_fd_ int heads = -1, dir = -1;
	char name[NAME], note[32];
	ssize_t n, m;

	folder_name(year, name);
	snprintf(note, sizeof(note), "%s.note", name);
	dir = openat(p->terminal_dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	heads = openat(p->terminal_dir, YEAR_HEADS, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (dir < 0 || heads < 0)
		return -errno;
	n = file_read_at(dir, STORE_CHECKPOINT, ret->checkpoint, sizeof(ret->checkpoint));
	m = file_read_at(heads, note, ret->head, sizeof(ret->head));
	if (n < 0 || m < 0)
		return n < 0 ? n : m;
	return n == m && !memcmp(ret->checkpoint, ret->head, (size_t)n) ? n : -EBADMSG;
}

struct Asked {
	const char *origin;
	struct MsgYearSeen *seen;
};

/* Who asked last; a confirmation uses that up, whatever came of it. */
static int asked_line(void *owner, char *line, size_t n, const char *readable _unused_)
{
	struct Asked *a = owner;
	char origin[LIMIT_VKEY];
	struct LedgerEntry e;
	struct View v;

	if (!memmem(line, n, "\"kind\":\"drop", 12) || ledger_entry_read(line, n, &e))
		return 0;
	view_make(&e, &v);
	if (!view_text(&v, KEY_ORIGIN, origin, sizeof(origin)) || !str_eq(origin, a->origin))
		return 0;
	if (v.kind == RECORD_DROP && v.result == RESULT_INTENT)
		a->seen->asked_by[0] = '\0';
	if (v.kind != RECORD_DROP_ASKED || v.result != RESULT_DONE)
		return 0;
	STR_SET(a->seen->asked_by, v.actor);
	a->seen->asked = e.n;
	a->seen->asked_at = v.time;
	return 0;
}

static int asked_find(const struct DropPlace *p, struct MsgYearSeen *ret)
{
	struct Asked asked = {ret->origin, ret};
	uint64_t torn;
	int r = stream_lines(p->running->records, asked_line, &asked, &torn);

	if (r == -ENOMEM)
		return r;
	if (r)
		wrong(ret, FAULT_UNREADABLE, STORE_RECORDS);
	return 0;
}

/* The whole year, as anybody verifies it, and as it was when the next one began. */
static void year_verify(const struct DropPlace *p, uint32_t year, int dir, struct MsgYearSeen *ret)
{
	struct LedgerReport report;
	struct Head head;
	int r = ledger_verify_folder(dir, NULL, NULL, NULL, &report);

	if (r < 0)
		wrong(ret, FAULT_UNREADABLE, ret->subject);
	else if (report.fault)
		wrong(ret, (enum Fault)report.fault, report.error);
	else if (!str_eq(report.origin, ret->origin))
		wrong(ret, FAULT_LEDGER_ALTERED, "the folder holds another year or terminal");
	else if (report.records != report.covered)
		wrong(ret, FAULT_LEDGER_ALTERED, "there are lines behind the year's last checkpoint");
	else if (head_read(p, year, &head) < 0)
		wrong(ret, FAULT_LEDGER_ALTERED, "the year's last checkpoint is not in heads");
	ret->size = report.covered;
	memcpy(ret->root, report.root, sizeof(ret->root));
	STR_CUT(ret->vkey, report.vkey);
}

int drop_look(const struct DropPlace *p, uint32_t year, struct MsgYearSeen *ret)
{
	_cleanup_fd_ int dir = -1;
	char name[NAME];
	int r = origin_of(p->running, year, ret->origin);

	folder_name(year, name);
	STR_SET(ret->subject, name);
	if (r < 0 || year >= running_year(p->running)) {
		wrong(ret, FAULT_YEAR_NOT_OVER, name);
		return 0;
	}
	dir = openat(p->terminal_dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (dir < 0) {
		wrong(ret, errno == ENOENT ? FAULT_NO_SUCH_YEAR : FAULT_UNREADABLE, name);
		return 0;
	}
	year_verify(p, year, dir, ret);
	return ret->fault ? 0 : asked_find(p, ret);
}

/* ------------------------------------------------------------------ going */

/* What the agent makes in a year's folder, and nothing else: a folder with more in it stays, without them. */
static const char *const files[] = {STORE_RECORDS, STORE_CHECKPOINT, STORE_VKEY, STORE_RESERVE, STORE_TORN,
        INDEX_FILE, STORE_RECORDS ".new", STORE_CHECKPOINT ".new", STORE_VKEY ".new", STORE_TORN ".new",
        INDEX_FILE ".new"};

static int folder_remove(int terminal_dir, const char *name)
{
	_cleanup_fd_ int dir = openat(terminal_dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (dir < 0)
		return errno == ENOENT ? 0 : -errno;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (unlinkat(dir, files[i], 0) && errno != ENOENT)
			return -errno;
	if (fsync(dir))
		return -errno;
	if (unlinkat(terminal_dir, name, AT_REMOVEDIR)) {
		if (errno != ENOTEMPTY && errno != EEXIST)
			return -errno;
		log_warning("%s: files that are not the ledger's are left in it", name);
	}
	return fsync(terminal_dir) ? -errno : 0;
}

/* That the year is still the one whose checkpoint the intent names. */
static bool is_seen(const struct DropPlace *p, const struct MsgYearDrop *order)
{
	struct Checkpoint c;
	struct Head head;
	ssize_t n = head_read(p, order->year, &head);
	size_t text;

	return n >= 0 && !note_split(head.checkpoint, (size_t)n, &text) &&
	       checkpoint_parse(head.checkpoint, text, &c) >= 0 && c.size == order->size &&
	       !memcmp(c.root, order->root, sizeof(c.root));
}

int drop_year(const struct DropPlace *p, const struct MsgYearDrop *order)
{
	char name[NAME], going[NAME];
	int r;

	folder_name(order->year, name);
	going_name(order->year, going);
	if (order->year >= running_year(p->running))
		return FAULT_YEAR_NOT_OVER;
	if (!is_seen(p, order))
		return FAULT_LEDGER_ALTERED;
	/* of a year that went before and was put back since */
	r = folder_remove(p->terminal_dir, going);
	if (r < 0 || renameat(p->terminal_dir, name, p->terminal_dir, going))
		return store_is_full(r < 0 ? -r : errno) ? FAULT_LEDGER_FULL : FAULT_INTERNAL;
	/* nothing can be taken back from here on, whatever the disk says */
	if (fsync(p->terminal_dir))
		return -EIO;
	return folder_remove(p->terminal_dir, going);
}

/* ------------------------------------------------------------------ at a start */

/* The outcome that core would have written. */
static int outcome_append(struct Store *running, const struct Fold *f, const struct PendingRow *row)
{
	char origin[LIMIT_VKEY];
	struct Record record;
	int r = origin_of(running, row->year, origin);

	if (r < 0)
		return r;
	record_start(&record, RECORD_DROP, RESULT_DONE);
	STR_SET(record.actor, row->actor);
	record_text(&record, KEY_ORIGIN, origin);
	record_number(&record, KEY_INTENT, row->n);
	return own_append(running, f->terminal, &record);
}

/* Whether the year went, or its folder is there still. 0; FAULT_*; -errno. */
static int settle_one(struct Store *running, const struct Fold *f, const struct PendingRow *row,
        int terminal_dir, bool *ret_went)
{
	char name[NAME], going[NAME];
	struct stat st;
	int r;

	folder_name(row->year, name);
	going_name(row->year, going);
	*ret_went = fstatat(terminal_dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0;
	if (!*ret_went)
		return 0;
	if (errno != ENOENT)
		return -errno;
	r = folder_remove(terminal_dir, going);
	return r ? r : outcome_append(running, f, row);
}

int drop_settle(struct Store *running, struct Fold *fold, int terminal_dir)
{
	for (size_t i = 0; i < fold->n_pending;) {
		const struct PendingRow *row = &fold->pending[i];
		bool went = false;
		int r = row->kind == RECORD_DROP && row->year
		                ? settle_one(running, fold, row, terminal_dir, &went)
		                : 0;

		if (r)
			return r;
		if (went)
			memmove(&fold->pending[i], &fold->pending[i + 1],
			        (--fold->n_pending - i) * sizeof(fold->pending[0]));
		else
			i++;
	}
	return 0;
}
