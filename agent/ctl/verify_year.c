/* SPDX-License-Identifier: Apache-2.0 */
#include "verify_year.h"

#include "clock.h"
#include "dir.h"
#include "fault.h"
#include "file.h"
#include "receipt.h"
#include "say.h"
#include "str.h"
#include "stream.h"

#include <fcntl.h>
#include <stdio.h>

#define HEAD_MOST 65536

/* Record 0 and its line, which it points into. */
struct First {
	char line[LIMIT_LINE + 1];
	struct LedgerEntry entry;
	const char *vkey;
};

static bool first_read(const struct LedgerFiles *files, struct First *ret)
{
	ssize_t n = pread(files->records, ret->line, sizeof(ret->line), 0);
	const char *newline = n > 0 ? memchr(ret->line, '\n', (size_t)n) : NULL;
	const struct LedgerReport none = {.fault = FAULT_UNREADABLE};

	ret->vkey = files->vkey ? files->vkey : "";
	return newline && !ledger_entry_read(ret->line, (size_t)(newline - ret->line), &ret->entry) &&
	       ledger_year_follows(&ret->entry, ret->vkey, &none) != -ENOENT;
}

static bool text_of(const struct LedgerEntry *e, const char *key, char *ret, size_t size)
{
	struct LedgerSlice s;

	return !ledger_detail(e, key, &s) && ledger_unescape(s, ret, size) >= 0;
}

/* ------------------------------------------------------------------ who dropped it */

/* The last confirmation that the drop of this origin has in one ledger. */
struct Search {
	const char *origin;
	bool maybe; /* the words are there */
	bool found;
	struct YearBefore *ret;
};

static int search_line(void *owner, char *line, size_t n, const char *readable _unused_)
{
	struct Search *s = owner;

	s->maybe = memmem(line, n, "\"kind\":\"drop\"", 13) && memmem(line, n, s->origin, strlen(s->origin));
	return s->maybe ? -ECANCELED : 0;
}

static int search_entry(void *owner, const struct LedgerEntry *e)
{
	struct Search *s = owner;
	struct YearBefore *y = s->ret;
	char origin[LIMIT_VKEY];

	if (!ledger_slice_is(e->kind, "drop") || !ledger_slice_is(e->result, "intent") ||
	        !text_of(e, "origin", origin, sizeof(origin)) || !str_eq(origin, s->origin) ||
	        !text_of(e, "vkey", y->vkey, sizeof(y->vkey)) ||
	        !text_of(e, "asked_by", y->asked_by, sizeof(y->asked_by)) ||
	        ledger_unescape(e->actor, y->confirmed_by, sizeof(y->confirmed_by)) < 0)
		return 0;
	s->found = true;
	y->record = e->n;
	return 0;
}

/* Only what a ledger says that verifies, and only what is signed of it. */
static bool search_year(int years, const char *name, struct Search *s)
{
	_cleanup_fd_ int dir = openat(years, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_fd_ int records = openat(dir, "records.jsonl", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct LedgerReport report;
	uint64_t torn;

	s->maybe = s->found = false;
	if (dir < 0 || records < 0)
		return false;
	(void)!stream_lines(records, search_line, s, &torn);
	return s->maybe && ledger_verify_folder(dir, NULL, search_entry, s, &report) >= 0 && !report.fault &&
	       s->found && s->ret->record < report.covered && STR_SET(s->ret->year, name) == 0;
}

static bool dropped_find(const char *folder, struct YearBefore *ret)
{
	struct Search s = {.origin = ret->origin, .ret = ret};
	_cleanup_fd_ int year = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir_ DIR *all = dir_open_at(year, "..");
	bool found = false;

	for (const struct dirent *e = all ? readdir(all) : NULL; e && !found; e = readdir(all))
		found = clock_year_read(e->d_name) && search_year(dirfd(all), e->d_name, &s);
	return found;
}

/* ------------------------------------------------------------------ what is left of it */

/* heads/<year>.note beside the folder, closed by NUL; NULL: there is none. */
static char *head_read(const char *folder, const char *origin, size_t *ret_size)
{
	_cleanup_fd_ int year = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ char *note = malloc(HEAD_MOST + 1);
	const char *name = strrchr(origin, '/');
	char path[64];
	ssize_t n;

	if (year < 0 || !note || !name || !clock_year_read(name + 1))
		return NULL;
	snprintf(path, sizeof(path), "../heads/%s.note", name + 1);
	n = file_read_at(year, path, note, HEAD_MOST);
	if (n < 0)
		return NULL;
	note[n] = '\0';
	*ret_size = (size_t)n;
	return ptr_steal(&note);
}

/* Under the head itself, or under a receipt of the very same checkpoint. */
static void cosigned_find(const struct YearAsk *ask, const struct LedgerSlice *head, struct YearBefore *ret)
{
	_cleanup_free_ char *receipt = ask->own ? malloc(RECEIPT_MOST) : NULL;
	ssize_t n = receipt ? receipt_read(RECEIPT_ROOT, ret->origin, receipt) : -ENOENT;
	struct LedgerSeen seen;

	ret->asked = ask->console != NULL;
	cosigned_look(head->text, head->size, ask->console, &ret->cosigned);
	if (n > 0 && !ledger_seen_read(receipt, (size_t)n, &seen) && str_eq(seen.origin, ret->origin) &&
	        seen.size == ret->size && !memcmp(seen.root, ret->root, sizeof(seen.root)))
		cosigned_look(receipt, (size_t)n, ask->console, &ret->cosigned);
}

static enum Follows head_follows(const struct YearAsk *ask, const struct First *first, struct YearBefore *ret)
{
	struct LedgerSlice head = {};
	struct LedgerSeen seen;
	_cleanup_free_ char *note = head_read(ask->folder, ret->origin, &head.size);

	if (!note)
		return FOLLOWS_ALONE;
	head.text = note;
	if (ledger_year_follows_head(&first->entry, first->vkey, &head, NULL) != 1 ||
	        ledger_seen_read(head.text, head.size, &seen) < 0)
		return FOLLOWS_NO;
	ret->size = seen.size;
	memcpy(ret->root, seen.root, sizeof(ret->root));
	cosigned_find(ask, &head, ret);
	if (!dropped_find(ask->folder, ret))
		return FOLLOWS_HEAD;
	return ledger_year_follows_head(&first->entry, first->vkey, &head, ret->vkey) == 1 ? FOLLOWS_DROPPED
	                                                                                   : FOLLOWS_NO;
}

void verify_year(const struct YearAsk *ask, struct YearBefore *ret)
{
	const struct LedgerReport *before = ask->before;
	const char *year = strrchr(ask->report->origin, '/');
	struct First first;

	*ret = (struct YearBefore){.follows = FOLLOWS_FIRST};
	if (!year || !first_read(ask->files, &first))
		return;
	if (!text_of(&first.entry, "origin", ret->origin, sizeof(ret->origin))) {
		ret->follows = FOLLOWS_NO;
		return;
	}
	/* an older one may be here while the year before is not: it was dropped, or kept elsewhere */
	if (before && str_eq(before->origin, ret->origin))
		ret->follows =
		        ledger_year_follows(&first.entry, first.vkey, before) == 1 ? FOLLOWS_YES : FOLLOWS_NO;
	else
		ret->follows = head_follows(ask, &first, ret);
}

/* ------------------------------------------------------------------ saying it */

static void cosigned_json(struct Json *j, const struct YearBefore *y)
{
	static const char *const words[] = {
	        [COSIGNED_NO] = "no", [COSIGNED_SAID] = "not-judged", [COSIGNED_HELD] = "yes"};
	const struct Cosigned *c = &y->cosigned;
	char time[CLOCK_TEXT];

	if (c->how == COSIGNED_NO && !y->asked)
		return;
	json_text(j, "before_cosigned", words[c->how]);
	if (c->how == COSIGNED_NO)
		return;
	clock_format(c->time, time);
	json_text(j, "cosigned_by", c->by);
	json_text(j, "cosigned_at", time);
}

void verify_year_json(struct Json *j, const struct YearBefore *y)
{
	static const char *const words[] = {[FOLLOWS_ALONE] = "unknown",
	        [FOLLOWS_YES] = "yes",
	        [FOLLOWS_NO] = "no",
	        [FOLLOWS_HEAD] = "head",
	        [FOLLOWS_DROPPED] = "dropped"};
	char paper[LEDGER_PAPER_MOST];

	if (y->follows == FOLLOWS_FIRST)
		return;
	json_text(j, "follows", words[y->follows]);
	if (y->follows != FOLLOWS_HEAD && y->follows != FOLLOWS_DROPPED)
		return;
	ledger_paper_write(y->size, y->root, paper);
	json_text(j, "before", y->origin);
	json_text(j, "before_paper", paper);
	cosigned_json(j, y);
	if (y->follows != FOLLOWS_DROPPED)
		return;
	json_text(j, "before_key", y->vkey);
	json_text(j, "asked_by", y->asked_by);
	json_text(j, "confirmed_by", y->confirmed_by);
	json_text(j, "dropped_in", y->year);
	json_number(j, "dropped_record", y->record);
}

static void cosigned_people(const struct YearBefore *y)
{
	_cleanup_free_ char *by = say_escape(y->cosigned.by);
	char time[CLOCK_TEXT];

	clock_format(y->cosigned.time, time);
	if (y->cosigned.how == COSIGNED_HELD)
		printf(_("  it rests on %s, which saw that checkpoint on %s and signed it, as the key given "
		         "tells\n"),
		        by, time);
	else if (y->cosigned.how == COSIGNED_SAID)
		printf(_("  with it is a signature of %s from %s; who has that key judges it with "
		         "--console\n"),
		        by, time);
	else if (y->asked)
		printf("  %s\n", _("no signature by the key given with --console is with it"));
}

static void head_people(const struct YearBefore *y)
{
	_cleanup_free_ char *asked = say_escape(y->asked_by), *confirmed = say_escape(y->confirmed_by);
	char paper[LEDGER_PAPER_MOST];

	ledger_paper_write(y->size, y->root, paper);
	printf("  ");
	if (y->follows == FOLLOWS_DROPPED)
		printf(_("the year before was dropped: %s asked, %s confirmed (record %ju of %s)"), asked,
		        confirmed, (uintmax_t)y->record, y->year);
	else
		printf("%s",
		        _("the year before is not here; its last checkpoint, in heads, is the one that this "
		          "year names"));
	printf("\n  %s\n", y->follows == FOLLOWS_DROPPED
	                           ? _("its last checkpoint, in heads, is by the key named there, which "
	                               "vouches for this "
	                               "year")
	                           : _("which key signed it only the records of that year tell"));
	cosigned_people(y);
	printf("  %s %s\n",
	        y->cosigned.how == COSIGNED_HELD
	                ? _("for paper:")
	                : _("it rests on that checkpoint kept elsewhere, by a console or on paper:"),
	        paper);
}

void verify_year_people(const struct YearBefore *y)
{
	if (y->follows == FOLLOWS_YES)
		printf(_("  follows %s, whose last key vouches for it\n"), y->origin);
	else if (y->follows == FOLLOWS_ALONE)
		printf("  %s\n", _("the year before is not here: this one rests on its own key"));
	else if (y->follows == FOLLOWS_HEAD || y->follows == FOLLOWS_DROPPED)
		head_people(y);
}
