/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history: the ledger for people, as JSON lines as they stand, or as CSV for a spreadsheet. Verifies first
 * and says so on top. Reads the folder where it may; otherwise the agent hands over the files, or to a
 * clerk their own lines.
 */
#include "by_index.h"
#include "clock.h"
#include "ledger_source.h"
#include "limits.h"
#include "record_journal.h"
#include "record_text.h"
#include "say.h"
#include "show.h"
#include "str.h"
#include "tree.h"
#include "verb.h"
#include "when.h"

struct HistoryArgs {
	const char *medium, *person, *since, *until, *last, *ledger, *config;
	bool csv, journal;
};

static const struct Option history_options[] = {
        {OPTION(struct HistoryArgs, medium, "medium", OPTION_TEXT), N_("NUMBER"), N_("only this medium")},
        {OPTION(struct HistoryArgs, person, "person", OPTION_TEXT), N_("LOGIN"), N_("only this person")},
        {OPTION(struct HistoryArgs, since, "since", OPTION_TEXT), N_("TIME"),
                N_("from then on: 2026-11-21, 2026-11-21T09:00")},
        {OPTION(struct HistoryArgs, until, "until", OPTION_TEXT), N_("TIME"), N_("up to then")},
        {OPTION(struct HistoryArgs, last, "last", OPTION_TEXT), N_("N"), N_("only the newest N of these")},
        {OPTION(struct HistoryArgs, csv, "csv", OPTION_FLAG), NULL, N_("for a spreadsheet")},
        {OPTION(struct HistoryArgs, journal, "journal", OPTION_FLAG), NULL, N_("for systemd-journal-remote")},
        {OPTION(struct HistoryArgs, ledger, "ledger", OPTION_TEXT), N_("DIR"),
                N_("the ledgers in this folder, not this terminal's")},
        {OPTION(struct HistoryArgs, config, "config", OPTION_TEXT), N_("DIR"),
                N_("names of people, purposes and grounds as roster.conf and policy.conf there have them")},
        OPTIONS_END,
};

enum HistoryForm {
	FORM_PEOPLE,
	FORM_JSON,
	FORM_CSV,
	FORM_JOURNAL,
};

struct History {
	const struct HistoryArgs *args;
	enum HistoryForm form;
	struct Names names; /* none: logins and codes as they are on record */
	int64_t since, until;
	uint64_t last;           /* so many of the chosen ones, the newest; 0: all */
	uint64_t found;          /* chosen in the reading under way */
	uint64_t skip;           /* so many of them come before those that are shown */
	bool counting;           /* nothing is shown */
	uint64_t shown;          /* of the ledger at hand */
	bool begun;              /* a ledger was shown before */
	bool failed;             /* a record could not be written */
	char origin[LIMIT_VKEY]; /* of the ledger at hand; empty: not known */
};

/* ------------------------------------------------------------------ choosing */

static bool is_chosen(const struct History *h, const struct LedgerEntry *e, int64_t ms)
{
	struct LedgerSlice clerk = {};

	if (h->args->medium && !ledger_slice_is(e->medium, h->args->medium))
		return false;
	if (h->args->person && !ledger_slice_is(e->actor, h->args->person) &&
	        (ledger_detail(e, "clerk", &clerk) < 0 || !ledger_slice_is(clerk, h->args->person)))
		return false;
	return ms >= h->since && ms <= h->until;
}

/* ------------------------------------------------------------------ one line */

/* RFC 4180; what a spreadsheet would run as a formula gets an apostrophe in front. */
static void cell_write(const char *text, char closing)
{
	putchar('"');
	if (*text && strchr("=+-@\t\r", *text))
		putchar('\'');
	for (const char *p = text; *p; p++) {
		if (*p == '"')
			putchar('"');
		putchar(*p);
	}
	putchar('"');
	if (closing == '\n')
		putchar('\r');
	putchar(closing);
}

static void line_csv(const struct History *h, const struct LedgerEntry *e, const char *time)
{
	_cleanup_free_ char *actor = record_text_actor(e, &h->names),
	                    *terminal = record_text_member(e->terminal);
	_cleanup_free_ char *act = record_text_act(e, &h->names), *result = record_text_result(e, &h->names);
	_cleanup_free_ char *numbers = record_text_member(e->numbers);

	cell_write(time, ',');
	cell_write(actor, ',');
	cell_write(terminal, ',');
	cell_write(act, ',');
	cell_write(result, ',');
	cell_write(numbers, '\n');
}

static void line_people(const struct History *h, const struct LedgerEntry *e, const char *time)
{
	_cleanup_free_ char *actor = record_text_actor(e, &h->names);
	_cleanup_free_ char *act = record_text_act(e, &h->names), *result = record_text_result(e, &h->names);

	printf("%s  ", time);
	show_cell(*actor ? actor : "-", h->names.n ? 24 : 12);
	printf(" %s", act);
	if (*result)
		printf(" (%s)", result);
	printf("\n");
}

static void line_show(struct History *h, const char *line, size_t size)
{
	_cleanup_free_ char *time = NULL;
	struct LedgerEntry e;
	int64_t ms;

	if (ledger_entry_read(line, size, &e)) {
		/* altered: the top says so; what is there is shown as far as it can be */
		_cleanup_free_ char *safe = say_escape_n(line, MIN(size, 200u));

		if (h->form == FORM_PEOPLE && !h->counting && h->found >= h->skip)
			printf("? %s\n", safe);
		return;
	}
	time = record_text_time(&e, &ms);
	if (!is_chosen(h, &e, ms))
		return;
	if (h->found++ < h->skip || h->counting)
		return;
	h->shown++;
	if (h->form == FORM_JSON)
		printf("%.*s\n", (int)size, line);
	else if (h->form == FORM_CSV)
		line_csv(h, &e, time);
	else if (h->form == FORM_JOURNAL)
		h->failed |= record_journal_write(stdout, h->origin, &e) < 0;
	else
		line_people(h, &e, time);
}

/* ------------------------------------------------------------------ the whole */

/* Bytes from..to; what comes after them is another reading's. */
static int lines_show(struct History *h, int records, uint64_t from, uint64_t to)
{
	_cleanup_free_ char *line = NULL;
	size_t room = 0;
	uint64_t at = from;
	FILE *in;
	ssize_t n;

	if (lseek(records, (off_t)from, SEEK_SET) < 0)
		return FAULT_UNREADABLE;
	in = fdopen(dup(records), "r");
	if (!in)
		return FAULT_UNREADABLE;
	while (at < to && (n = getline(&line, &room, in)) > 0) {
		at += (uint64_t)n;
		if (line[n - 1] == '\n')
			line_show(h, line, (size_t)n - 1);
	}
	fclose(in);
	return 0;
}

static void top_show(const struct History *h, const struct LedgerReport *r)
{
	_cleanup_free_ char *origin = say_escape(r->origin);

	if (h->form != FORM_PEOPLE)
		return;
	if (r->fault == FAULT_OK)
		printf(_("%s: verified, %ju records"), origin, (uintmax_t)r->records);
	else
		printf("%s", _("THIS LEDGER DOES NOT VERIFY: what follows may have been altered"));
	printf("\n\n");
}

static void table_head(struct History *h)
{
	if (h->form == FORM_CSV && !h->begun)
		printf("\xef\xbb\xbf\"日時\",\"職員名\",\"端末番号\",\"操作内容\",\"処理結果\","
		       "\"個人番号参照\"\r\n");
	h->begun = true;
}

/* How many of bytes from..to are chosen: nothing of it is shown. */
static int lines_count(struct History *h, int records, uint64_t from, uint64_t to)
{
	int r;

	h->found = h->skip = 0;
	h->counting = true;
	r = lines_show(h, records, from, to);
	h->counting = false;
	return r;
}

/* Of so many that are chosen only the last are shown. */
static void count_use(struct History *h)
{
	h->skip = h->last && h->found > h->last ? h->found - h->last : 0;
	h->found = 0;
}

/* The records between the times asked for, by the index, from n on: 0; -EBADMSG: they are not what was
   signed. With `show` false they are only looked at. */
static int within_read(struct History *h, struct LedgerReader *reader, uint64_t from, bool show)
{
	uint64_t n = reader_within(reader, from, h->since, h->until);

	for (; n != UINT64_MAX; n = reader_within(reader, n + 1, h->since, h->until)) {
		struct LedgerEntry e;
		int r = ledger_reader_find(reader, n, &e);

		if (r < 0)
			return r;
		if (show)
			line_show(h, e.line.text, e.line.size);
	}
	return 0;
}

/* From the end back until so many are chosen: *ret is where to begin. As above. */
static int last_find(
        const struct History *h, struct LedgerReader *reader, uint64_t covered, uint64_t want, uint64_t *ret)
{
	*ret = covered;
	for (uint64_t n = covered; want && n;) {
		_cleanup_free_ char *time = NULL;
		struct LedgerEntry e;
		int64_t ms;
		int r;

		n--;
		/* nothing of its block is of that time */
		if (reader_within(reader, n, h->since, h->until) != n) {
			n -= n % TREE_BLOCK_SIZE;
			continue;
		}
		r = ledger_reader_find(reader, n, &e);
		if (r < 0)
			return r;
		time = record_text_time(&e, &ms);
		if (!is_chosen(h, &e, ms))
			continue;
		*ret = n;
		want--;
	}
	return 0;
}

/* Where in the ledger the records that are to be shown begin, all of them looked at; those behind its
   checkpoint are counted. 0 or less. */
static int within_begin(struct History *h, struct LedgerReader *reader, int records,
        const struct LedgerReport *report, uint64_t *ret)
{
	uint64_t tail = reader_covered_bytes(reader);

	*ret = 0;
	if (!h->last)
		return within_read(h, reader, 0, false);
	if (lines_count(h, records, tail, report->bytes))
		return -EIO;
	tail = MIN(h->found, h->last);
	count_use(h);
	return last_find(h, reader, report->covered, h->last - tail, ret);
}

static void reader_done(struct LedgerReader **r)
{
	*r = ledger_reader_free(*r);
}

/* Only some of the time, or the newest, is asked about and there is an index: the rest need not be read. True
   when that was shown; everything that stands there was compared with what was signed before any of it is. */
static bool within_show(struct History *h, const struct LedgerFiles *files)
{
	_cleanup_(reader_done) struct LedgerReader *reader = NULL;
	_cleanup_free_ char *origin = NULL;
	struct LedgerReport report;
	uint64_t from, skip;

	if ((h->since == INT64_MIN && h->until == INT64_MAX && !h->last) ||
	        ledger_files_quick(files, &report, &reader) || !reader ||
	        within_begin(h, reader, files->records, &report, &from) < 0)
		return false;
	origin = say_escape(report.origin);
	STR_CUT(h->origin, report.origin);
	if (h->form == FORM_PEOPLE) {
		printf(_("%s: %ju records, those shown here are verified"), origin,
		        (uintmax_t)report.records);
		printf("\n\n");
	}
	table_head(h);
	skip = h->skip;
	h->skip = 0; /* of the signed ones none is too many */
	if (within_read(h, reader, from, true) < 0)
		return false;
	h->skip = skip;
	h->found = 0;
	return lines_show(h, files->records, reader_covered_bytes(reader), report.bytes) == 0;
}

/* Where it was altered is a question that another verb answers. */
static int altered_say(const struct History *h, int fault, const char *subject)
{
	_cleanup_free_ char *sentence = NULL, *folder = NULL;
	bool named = h->args->ledger != NULL; /* verify takes this terminal's without being told */

	if (fault != FAULT_LEDGER_ALTERED)
		return say_fault(fault, subject, NULL);
	sentence = say_sentence(fault, subject);
	folder = say_escape(named ? subject : "");
	say_error("%s", sentence);
	say_hint(_("keep the folder as it is and tell the auditor; which record it is: mediagate verify%s%s"),
	        named ? " " : "", folder);
	return fault_row(fault)->status;
}

static int history_show(struct History *h, const struct LedgerFiles *files, bool whole, const char *subject)
{
	struct LedgerReport report = {};
	uint64_t end;
	int r;

	if (whole && within_show(h, files)) {
		if (!h->shown && h->form == FORM_PEOPLE)
			printf("%s\n", _("no such records"));
		return EXIT_OK;
	}
	r = whole ? ledger_files_verify(files, &(struct LedgerCheck){}, &report) : 0;
	/* a journal has no place for the doubt */
	if (!r && report.fault && h->form == FORM_JOURNAL)
		r = report.fault;
	if (r)
		return say_fault(r, subject, NULL);
	STR_CUT(h->origin, report.origin);
	if (whole)
		top_show(h, &report);
	else if (h->form == FORM_PEOPLE)
		printf("%s\n\n",
		        _("Your own records. Somebody with the right to the whole ledger can verify it."));
	table_head(h);
	end = whole && report.fault == FAULT_OK ? report.bytes : UINT64_MAX;
	r = h->last ? lines_count(h, files->records, 0, end) : 0;
	count_use(h);
	if (!r)
		r = lines_show(h, files->records, 0, end);
	if (r)
		return say_fault(r, subject, NULL);
	if (!h->shown && h->form == FORM_PEOPLE)
		printf("%s\n", _("no such records"));
	return altered_say(h, report.fault, subject);
}

static int history_read_times(struct History *h)
{
	const struct HistoryArgs *a = h->args;
	int64_t now = clock_now();
	const char *bad = NULL;

	if (a->since && when_parse(a->since, now, WHEN_START, &h->since) < 0)
		bad = a->since;
	else if (a->until && when_parse(a->until, now, WHEN_END, &h->until) < 0)
		bad = a->until;
	if (bad) {
		_cleanup_free_ char *safe = say_escape(bad);

		return say_usage(_("\"%s\" is no time; 2026-11-21T17:00 is one"), safe);
	}
	return EXIT_OK;
}

static int history_read_last(struct History *h)
{
	const char *last = h->args->last;
	const struct LedgerSlice s = {last, last ? strlen(last) : 0};

	if (last && (s.size > 18 || strspn(last, "0123456789") != s.size || ledger_number(s, &h->last) ||
	                    !h->last))
		return say_usage("%s", _("--last needs a number, such as 20"));
	return EXIT_OK;
}

/* This terminal's records are read with its own configuration. Another's may have other people under the same
   logins: they get names only from the folder that is named. Programs get what is on record. */
static int history_names(struct History *h)
{
	const char *folder = h->args->config;
	int fault;

	if (h->form == FORM_JSON || h->form == FORM_JOURNAL || (!folder && h->args->ledger))
		return EXIT_OK;
	fault = names_read(folder ? folder : NAMES_FOLDER, &h->names);
	return folder ? say_fault(fault, h->names.problem, NULL) : EXIT_OK;
}

static int history_folder(struct History *h, const char *folder)
{
	_cleanup_ledger_files_ struct LedgerFiles files = LEDGER_FILES_NULL;
	int r = ledger_files_open(folder, &files);

	if (h->begun && h->form == FORM_PEOPLE)
		printf("\n");
	h->shown = 0;
	return r ? say_fault(r, folder, NULL) : history_show(h, &files, true, folder);
}

/* All ledgers below the folder that was given. */
static int history_folders(struct History *h, const char *path)
{
	_cleanup_folders_ struct Folders folders = FOLDERS_NULL;
	int status = EXIT_OK, r = folders_find(path, &folders);

	if (r || !folders.n)
		return say_fault(FAULT_UNREADABLE, path, NULL);
	for (size_t i = 0; i < folders.n; i++) {
		int one = history_folder(h, folders.paths[i]);

		status = MAX(status, one);
	}
	return status;
}

/* This terminal's: the running year, if we may. */
static int history_here(const struct Context *c, struct History *h)
{
	_cleanup_ledger_source_ struct LedgerSource source = LEDGER_SOURCE_NULL;
	int status = ledger_source_open(c, NULL, &source);

	return status ? status : history_show(h, &source.files, source.whole, source.name);
}

static int history_run(const struct Context *c, const void *args, int n _unused_, char **words _unused_)
{
	const struct HistoryArgs *a = args;
	struct History h = {.args = a, .names = NAMES_NULL, .since = INT64_MIN, .until = INT64_MAX};
	int status;

	if (a->csv + c->json + a->journal > 1)
		return say_usage("%s", _("--csv, --journal and --json do not go together"));
	h.form = a->csv ? FORM_CSV : a->journal ? FORM_JOURNAL : c->json ? FORM_JSON : FORM_PEOPLE;
	status = history_read_times(&h);
	if (!status)
		status = history_read_last(&h);
	if (!status)
		status = history_names(&h);
	if (!status)
		status = a->ledger ? history_folders(&h, a->ledger) : history_here(c, &h);
	names_done(&h.names);
	return h.failed ? say_fault(FAULT_INTERNAL, "stdout", NULL) : status;
}

const struct Command verb_history = {
        .name = "history",
        .arguments = "",
        .summary = N_("the records: who did what with which medium, and how it ended"),
        .options = history_options,
        .args_size = sizeof(struct HistoryArgs),
        .run = history_run,
};
