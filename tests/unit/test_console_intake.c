/* SPDX-License-Identifier: Apache-2.0 */
/* What intake makes of good, damaged, rewritten and hostile ledgers, with a real store behind the channel. */
#include "console_rig.h"
#include "intake.h"
#include "ledger_fixture.h"
#include "str.h"

#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

struct Desk {
	struct StoreRig *store; /* reads */
	struct Intake intake;
	struct Fixture *ledger;
	struct IntakeResult result;
	pid_t writer;
};

static int set_up(void **state)
{
	struct Desk *d = calloc(1, sizeof(*d));

	assert_non_null(d);
	d->store = store_rig_new();
	d->store->server.trusted = true;
	d->intake = (struct Intake)INTAKE_NULL;
	d->ledger = fixture_new();
	d->intake.store = store_rig_feed(d->store, &d->writer);
	d->intake.data = open(d->store->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = d;
	return 0;
}

static int tear_down(void **state)
{
	struct Desk *d = *state;
	int status;

	intake_done(&d->intake);
	assert_int_equal(waitpid(d->writer, &status, 0), d->writer);
	assert_int_equal(status, 0);
	store_rig_free(d->store);
	fixture_free(d->ledger);
	free(d);
	return 0;
}

static void put(int dir, const char *name, const void *bytes, size_t n)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	close(fd);
}

/* The ledger as it stands, its records cut after `bytes`, is taken in from a folder. */
static void take_cut(struct Desk *d, bool live, size_t bytes)
{
	char path[128];
	int dir;

	snprintf(path, sizeof(path), "%s/arrived", d->store->path);
	mkdir(path, 0700);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(dir >= 0);
	put(dir, "records.jsonl", d->ledger->records, bytes);
	put(dir, "checkpoint", d->ledger->checkpoint, d->ledger->checkpoint_size);
	put(dir, "vkey", d->ledger->vkey_text, strlen(d->ledger->vkey_text));
	assert_int_equal(intake_folder(&d->intake, dir, path, live, &d->result), 0);
	close(dir);
}

static void take(struct Desk *d)
{
	take_cut(d, false, d->ledger->size);
}

static void add(struct Desk *d, size_t n)
{
	fixture_lines(d->ledger, n);
	fixture_sign(d->ledger, d->ledger->n);
}

/* An ordinary ledger of n records is held. */
static void hold(struct Desk *d, size_t n)
{
	add(d, n);
	take(d);
	assert_int_equal(d->result.outcome, INTAKE_NEW);
	assert_int_equal(d->result.verdict, VERDICT_VERIFIED);
}

/* The ledger from its first record on, written anew. */
static void begin_anew(struct Desk *d)
{
	fixture_free(d->ledger);
	d->ledger = fixture_new();
}

static int64_t records_shown(struct Desk *d)
{
	assert_int_equal(RIG_ASK_ALONE(d->store, QUERY_HISTORY), QUERY_DONE);
	return d->store->answer.rows;
}

static int64_t verdict_shown(struct Desk *d)
{
	assert_int_equal(RIG_ASK_ALONE(d->store, QUERY_LEDGERS), QUERY_DONE);
	assert_int_equal(d->store->answer.rows, 1);
	return d->store->row[LEDGERS_VERDICT_C].number;
}

static void expect(struct Desk *d, enum IntakeOutcome outcome, enum Verdicts verdict)
{
	assert_int_equal(d->result.outcome, outcome);
	assert_int_equal(d->result.verdict, verdict);
	assert_int_equal(verdict_shown(d), verdict);
}

static void a_good_ledger_is_held_and_shown(void **state)
{
	struct Desk *d = *state;

	hold(d, 20);
	assert_int_equal(records_shown(d), 20);
	assert_int_equal(verdict_shown(d), VERDICT_VERIFIED);
}

static void only_new_records_are_added(void **state)
{
	struct Desk *d = *state;

	hold(d, 20);
	add(d, 7);
	take(d);
	expect(d, INTAKE_MORE, VERDICT_VERIFIED);
	assert_int_equal(d->result.added, 7);
	assert_int_equal(records_shown(d), 27);
	take(d);
	expect(d, INTAKE_SAME, VERDICT_VERIFIED);
	assert_int_equal(records_shown(d), 27);
}

/* Its own note of where the held records end is not believed: without a good one all is read. */
static void a_note_of_where_it_ended_that_is_spoilt_spoils_nothing(void **state)
{
	struct Desk *d = *state;
	char path[128];

	hold(d, 20);
	snprintf(path, sizeof(path), "%s/ledgers/000001", d->store->path);
	for (size_t i = 0; i < 3; i++) {
		static const char *const spoilt[] = {"", "mediagate/state/v1\n0 0 0 0 0\n\n\nk\n", "x\n"};
		int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		put(dir, "state", spoilt[i], strlen(spoilt[i]));
		close(dir);
		add(d, 7);
		take(d);
		expect(d, INTAKE_MORE, VERDICT_VERIFIED);
	}
	assert_int_equal(records_shown(d), 41);
}

static void records_beyond_the_checkpoint_wait_until_one_covers_them(void **state)
{
	struct Desk *d = *state;

	add(d, 10);
	fixture_lines(d->ledger, 3);
	take(d);
	expect(d, INTAKE_NEW, VERDICT_VERIFIED);
	assert_int_equal(records_shown(d), 10);
	fixture_sign(d->ledger, 13);
	take(d);
	expect(d, INTAKE_MORE, VERDICT_VERIFIED);
	assert_int_equal(records_shown(d), 13);
}

static void a_change_of_key_is_followed(void **state)
{
	struct Desk *d = *state;

	hold(d, 10);
	fixture_rekey(d->ledger, 2);
	add(d, 5);
	take(d);
	expect(d, INTAKE_MORE, VERDICT_VERIFIED);
}

static void an_altered_record_is_told_and_nothing_of_it_is_taken(void **state)
{
	struct Desk *d = *state;

	hold(d, 20);
	add(d, 10);
	memcpy(strstr(d->ledger->records, "\"n\":5,") + 40, "2020", 4);
	take(d);
	expect(d, INTAKE_WRONG, VERDICT_ALTERED);
	assert_int_equal(records_shown(d), 20);
}

static void a_ledger_altered_before_it_was_ever_held_shows_no_record(void **state)
{
	struct Desk *d = *state;

	add(d, 20);
	*strstr(d->ledger->records, "clerk1") = 'C';
	take(d);
	expect(d, INTAKE_WRONG, VERDICT_ALTERED);
	assert_int_equal(records_shown(d), 0);
	*strstr(d->ledger->records, "Clerk1") = 'c';
	take(d);
	expect(d, INTAKE_NEW, VERDICT_VERIFIED);
}

static void a_record_altered_under_the_same_checkpoint_is_told(void **state)
{
	struct Desk *d = *state;

	hold(d, 20);
	*strstr(d->ledger->records, "clerk1") = 'C';
	take(d);
	expect(d, INTAKE_WRONG, VERDICT_ALTERED);
}

static void fewer_lines_than_the_checkpoint_says_are_truncated(void **state)
{
	struct Desk *d = *state;

	hold(d, 20);
	take_cut(d, false, (size_t)(strstr(d->ledger->records, "{\"n\":15,") - d->ledger->records));
	expect(d, INTAKE_WRONG, VERDICT_TRUNCATED);
	assert_int_equal(records_shown(d), 20);
}

static void a_record_of_another_terminal_is_told_with_its_number(void **state)
{
	struct Desk *d = *state;

	fixture_lines(d->ledger, 4);
	fixture_line(d->ledger, "{\"n\":4,\"t\":\"2026-11-21T09:00:00.000+09:00\",\"kind\":\"copy\","
	                        "\"terminal\":\"t2\",\"result\":\"done\"}");
	add(d, 3);
	take(d);
	expect(d, INTAKE_WRONG, VERDICT_FOREIGN);
	assert_int_equal(d->store->row[LEDGERS_BAD_C].number, 4);
}

static void an_older_copy_is_no_alarm(void **state)
{
	struct Desk *d = *state;

	hold(d, 20);
	add(d, 10);
	take(d);
	fixture_sign(d->ledger, 20);
	take_cut(d, false, (size_t)(strstr(d->ledger->records, "{\"n\":20,") - d->ledger->records));
	expect(d, INTAKE_OLDER, VERDICT_VERIFIED);
	assert_int_equal(records_shown(d), 30);
}

static void fewer_records_sent_live_are_a_rollback(void **state)
{
	struct Desk *d = *state;

	hold(d, 20);
	fixture_sign(d->ledger, 12);
	take_cut(d, true, (size_t)(strstr(d->ledger->records, "{\"n\":12,") - d->ledger->records));
	expect(d, INTAKE_OLDER, VERDICT_ROLLED_BACK);
	assert_int_equal(records_shown(d), 20);
}

/* The same terminal and key, record `at` written differently, n records in all. */
static void rewrite(struct Desk *d, size_t at, size_t n)
{
	char line[256];

	begin_anew(d);
	fixture_lines(d->ledger, at);
	snprintf(line, sizeof(line),
	        "{\"n\":%zu,\"t\":\"2026-11-21T09:00:00.000+09:00\",\"kind\":\"stop\",\"terminal\":\"t1\","
	        "\"result\":\"done\"}",
	        at);
	fixture_line(d->ledger, line);
	add(d, n - at - 1);
}

static void records_rewritten_and_signed_again_are_a_fork_for_good(void **state)
{
	struct Desk *d = *state;

	hold(d, 20);
	rewrite(d, 11, 25);
	take(d);
	expect(d, INTAKE_WRONG, VERDICT_FORKED);
	assert_int_equal(records_shown(d), 20);
	begin_anew(d);
	add(d, 22);
	take(d);
	assert_int_equal(d->result.verdict, VERDICT_FORKED);
	assert_int_equal(verdict_shown(d), VERDICT_FORKED);
}

static void a_shorter_rewritten_copy_is_a_fork_and_no_older_copy(void **state)
{
	struct Desk *d = *state;

	hold(d, 20);
	rewrite(d, 5, 12);
	take(d);
	expect(d, INTAKE_WRONG, VERDICT_FORKED);
}

static void the_key_that_was_seen_first_is_the_terminals(void **state)
{
	struct Desk *d = *state;

	hold(d, 10);
	begin_anew(d);
	fixture_key(d->ledger, 9);
	assert_int_equal(
	        vkey_format(&d->ledger->vkey, d->ledger->vkey_text, sizeof(d->ledger->vkey_text)), 0);
	add(d, 15);
	take(d);
	expect(d, INTAKE_WRONG, VERDICT_OTHER_KEY);
	assert_int_equal(records_shown(d), 10);
}

static void a_checkpoint_that_is_none_is_unreadable(void **state)
{
	struct Desk *d = *state;

	add(d, 5);
	d->ledger->checkpoint_size = 10;
	take(d);
	assert_int_equal(d->result.verdict, VERDICT_UNREADABLE);
	assert_int_equal(
	        RIG_ASK(d->store, QUERY_LEDGERS, cell_text(NULL), CELL_OF_TEXT(NULL), CELL_OF_NUMBER(1)),
	        QUERY_DONE);
	assert_int_equal(d->store->answer.rows, 1);
}

static void a_hostile_terminals_texts_are_texts(void **state)
{
	static const char actor[] = "x' OR 1=1; DROP TABLE records;--";
	struct Desk *d = *state;

	fixture_line(d->ledger,
	        "{\"n\":0,\"t\":\"2026-11-21T09:00:00.000+09:00\",\"kind\":\"copy\",\"terminal\":\"t1\","
	        "\"actor\":\"x' OR 1=1; DROP TABLE "
	        "records;--\",\"medium\":\"\\u001b[2J\\u0007<script>\",\"result\":\"done\"}");
	add(d, 3);
	take(d);
	expect(d, INTAKE_NEW, VERDICT_VERIFIED);
	assert_int_equal(RIG_ASK(d->store, QUERY_HISTORY, cell_text(NULL), cell_text(NULL), cell_text(actor)),
	        QUERY_DONE);
	assert_int_equal(d->store->answer.rows, 1);
	assert_string_equal(d->store->row[HISTORY_ACTOR_C].text, actor);
	assert_string_equal(d->store->row[HISTORY_MEDIUM_C].text, "\\x1b[2J\\x07<script>");
	assert_int_equal(records_shown(d), 4);
}

#define LINE(n, hour, rest) "{\"n\":" #n ",\"t\":\"2026-11-21T" #hour ":00:00.000+09:00\",\"kind\":" rest "}"

static void media_and_checkouts_follow_the_records(void **state)
{
	struct Desk *d = *state;

	fixture_line(d->ledger,
	        LINE(0, 09,
	                "\"register\",\"terminal\":\"t1\",\"medium\":\"USB-0007\",\"result\":\"done\","
	                "\"detail\":{\"vendor\":\"0951\",\"supervisor\":\"supervisor1\",\"size\":32000000}"));
	fixture_line(d->ledger, LINE(1, 10,
	                                "\"checkout\",\"terminal\":\"t1\",\"medium\":\"USB-0007\","
	                                "\"checkout\":\"c-1\",\"result\":\"done\","
	                                "\"detail\":{\"clerk\":\"clerk1\",\"destination\":\"年金\",\"until\":"
	                                "\"2026-11-20T17:00:00.000+09:00\"}"));
	fixture_sign(d->ledger, 2);
	take(d);
	assert_int_equal(RIG_ASK_ALONE(d->store, QUERY_MEDIA), QUERY_DONE);
	assert_int_equal(d->store->row[MEDIA_SLOT_C].number, 7);
	assert_string_equal(d->store->row[MEDIA_SERIES_C].text, "USB-");
	assert_string_equal(d->store->row[MEDIA_HOLDER_C].text, "clerk1");
	assert_int_equal(RIG_ASK(d->store, QUERY_CHECKOUTS, CELL_OF_NUMBER(CHECKOUT_STATE_OUT)), QUERY_DONE);
	assert_int_equal(d->store->answer.rows, 1);
	assert_string_equal(d->store->row[CHECKOUTS_DESTINATION_C].text, "年金");
	fixture_line(d->ledger, LINE(2, 11,
	                                "\"return\",\"terminal\":\"t1\",\"medium\":\"USB-0007\",\"checkout\":"
	                                "\"c-1\",\"result\":\"done\""));
	fixture_sign(d->ledger, 3);
	take(d);
	assert_int_equal(RIG_ASK_ALONE(d->store, QUERY_MEDIA), QUERY_DONE);
	assert_int_equal(d->store->row[MEDIA_STATE_C].number, MEDIUM_IN);
	assert_int_equal(RIG_ASK(d->store, QUERY_CHECKOUTS, CELL_OF_NUMBER(CHECKOUT_STATE_OUT)), QUERY_DONE);
	assert_int_equal(d->store->answer.rows, 0);
	assert_int_equal(RIG_ASK_ALONE(d->store, QUERY_CHECKOUTS), QUERY_DONE);
	assert_int_equal(d->store->row[CHECKOUTS_STATE_C].number, CHECKOUT_STATE_RETURNED);
}

/* A checkout under which something was copied, refused and returned, at hours from 10 on; t: its middle. */
static void handle(struct Desk *d)
{
	static const char *const lines[] = {
	        LINE(0, 10,
	                "\"checkout\",\"terminal\":\"t1\",\"actor\":\"supervisor1\",\"medium\":\"USB-0007\","
	                "\"checkout\":\"c-1\",\"result\":\"done\","
	                "\"detail\":{\"clerk\":\"clerk1\",\"carry_out\":true,\"locked_carrier\":true}"),
	        LINE(1, 11,
	                "\"copy\",\"terminal\":\"t1\",\"actor\":\"clerk1\",\"medium\":\"USB-0007\","
	                "\"checkout\":\"c-1\",\"result\":\"done\",\"numbers\":30"),
	        LINE(2, 12,
	                "\"copy\",\"terminal\":\"t1\",\"medium\":\"USB-0007\",\"checkout\":\"c-1\","
	                "\"result\":\"done\",\"numbers\":12"),
	        LINE(3, 13,
	                "\"copy\",\"terminal\":\"t1\",\"actor\":\"clerk2\",\"medium\":\"USB-0007\","
	                "\"checkout\":\"c-1\",\"result\":\"refused\",\"reason\":\"other-loan\",\"numbers\":"
	                "500"),
	        LINE(4, 14,
	                "\"return\",\"terminal\":\"t1\",\"medium\":\"USB-0007\",\"checkout\":\"c-1\","
	                "\"result\":\"done\",\"detail\":{\"known\":2}"),
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		fixture_line(d->ledger, lines[i]);
	fixture_sign(d->ledger, ARRAY_SIZE(lines));
	take(d);
	assert_int_equal(d->result.verdict, VERDICT_VERIFIED);
}

static void a_handling_holds_what_was_done_under_its_checkout(void **state)
{
	struct Desk *d = *state;
	const struct Cell *row = d->store->row;

	handle(d);
	assert_int_equal(
	        RIG_ASK(d->store, QUERY_HANDLINGS, cell_text(NULL), cell_text("USB-0007")), QUERY_DONE);
	assert_int_equal(d->store->answer.rows, 1);
	assert_int_equal(row[HANDLINGS_COPIES_C].number, 2);
	assert_int_equal(row[HANDLINGS_NUMBERS_C].number, 42);
	assert_int_equal(row[HANDLINGS_READS_C].number, 0);
	assert_non_null(strstr(row[HANDLINGS_LINE_C].text, "{\"n\":0,"));
	assert_non_null(strstr(row[HANDLINGS_LINE_C].text, "\"locked_carrier\":true}}"));
	assert_non_null(strstr(row[HANDLINGS_RETURN_LINE_C].text, "\"detail\":{\"known\":2}}"));
	assert_int_equal(row[HANDLINGS_VERDICT_C].number, VERDICT_VERIFIED);
	assert_int_equal(
	        RIG_ASK(d->store, QUERY_HANDLINGS, cell_text(NULL), cell_text("USB-0008")), QUERY_DONE);
	assert_int_equal(d->store->answer.rows, 0);
	/* a ledger that forked vouches for none of it */
	begin_anew(d);
	add(d, 9);
	take(d);
	assert_int_equal(RIG_ASK_ALONE(d->store, QUERY_HANDLINGS), QUERY_DONE);
	assert_int_equal(row[HANDLINGS_VERDICT_C].number, VERDICT_FORKED);
}

/* The copy that was altered behind the console's back: no answer may break off for it. */
static void a_line_that_cannot_be_sent_is_none(void **state)
{
	struct Desk *d = *state;
	char path[128];
	int fd;

	handle(d);
	snprintf(path, sizeof(path), "%s/ledgers/000001/records.jsonl", d->store->path);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, "\x01", 1, 40), 1);
	close(fd);
	assert_int_equal(RIG_ASK_ALONE(d->store, QUERY_HANDLINGS), QUERY_DONE);
	assert_string_equal(d->store->row[HANDLINGS_LINE_C].text, "");
	assert_non_null(strstr(d->store->row[HANDLINGS_RETURN_LINE_C].text, "\"known\":2"));
	assert_int_equal(RIG_ASK(d->store, QUERY_RECORD, CELL_OF_NUMBER(RECORD_ID(1, 0))), QUERY_DONE);
	assert_int_equal(d->store->row[RECORD_HELD_C].number, 0);
}

static void evidence_counts_each_kind_by_its_results(void **state)
{
	struct Desk *d = *state;
	const struct Cell *row = d->store->row;
	/* 12:00 of that day: what came before it is counted */
	const int64_t noon = 1795186800000 + 12 * 3600000LL;

	handle(d);
	assert_int_equal(
	        RIG_ASK(d->store, QUERY_EVIDENCE, cell_text(NULL), cell_text(NULL), cell_text("checkout")),
	        QUERY_DONE);
	assert_int_equal(d->store->answer.rows, 2);
	assert_string_equal(row[EVIDENCE_KIND_C].text, "copy");
	assert_int_equal(row[EVIDENCE_RECORDS_C].number, 3);
	assert_int_equal(row[EVIDENCE_DONE_C].number, 2);
	assert_int_equal(row[EVIDENCE_REFUSED_C].number, 1);
	assert_int_equal(row[EVIDENCE_NO_RIGHT_C].number, 1);
	assert_int_equal(row[EVIDENCE_UNNAMED_C].number, 1);
	assert_int_equal(row[EVIDENCE_NUMBERS_C].number, 42);
	assert_int_equal(row[EVIDENCE_UNVERIFIED_C].number, 0);
	assert_int_equal(RIG_ASK(d->store, QUERY_EVIDENCE, cell_text(NULL), CELL_OF_NUMBER(noon),
	                         cell_text("checkout")),
	        QUERY_DONE);
	assert_int_equal(d->store->answer.rows, 1);
	assert_int_equal(row[EVIDENCE_DONE_C].number, 1);
	assert_int_equal(row[EVIDENCE_NUMBERS_C].number, 30);
}

/* The command has no session: what is an act, or about accounts, is not its to ask. */
static void the_command_reads_and_does_nothing(void **state)
{
	static const enum Query about_people[] = {QUERY_WHO, QUERY_SIGN_IN, QUERY_LINK, QUERY_ACCOUNTS,
	        QUERY_ACCOUNT_ADD, QUERY_SIGN_INS, QUERY_TOKENS, QUERY_TOKEN_ADD, QUERY_INCIDENT_OPEN,
	        QUERY_FINDING_OPEN};
	static const enum Query reads[] = {QUERY_COUNTS, QUERY_HANDLINGS, QUERY_EVIDENCE, QUERY_HITS,
	        QUERY_PLANS, QUERY_REVIEWS, QUERY_ROUTE, QUERY_INCIDENTS, QUERY_FINDINGS};
	struct Desk *d = *state;
	size_t acts = 0;

	handle(d);
	for (size_t i = 0; query_at(i); i++) {
		if (query_at(i)->n_columns)
			continue;
		assert_int_equal(RIG_ASK_ALONE(d->store, query_at(i)->query), QUERY_FORBIDDEN);
		acts++;
	}
	assert_true(acts > 15);
	for (size_t i = 0; i < ARRAY_SIZE(about_people); i++)
		assert_int_equal(RIG_ASK_ALONE(d->store, about_people[i]), QUERY_FORBIDDEN);
	for (size_t i = 0; i < ARRAY_SIZE(reads); i++)
		assert_int_equal(RIG_ASK_ALONE(d->store, reads[i]), QUERY_DONE);
}

/* Observe mode: the verdict was a refusal, the medium was let in. */
static void what_was_refused_and_let_in_is_no_refusal(void **state)
{
	struct Desk *d = *state;

	fixture_line(d->ledger,
	        LINE(0, 09,
	                "\"device\",\"terminal\":\"t1\",\"result\":\"refused\",\"reason\":\"not-registered\","
	                "\"detail\":{\"observed\":true}"));
	fixture_line(d->ledger, LINE(1, 10,
	                                "\"device\",\"terminal\":\"t1\",\"result\":\"refused\",\"reason\":"
	                                "\"not-registered\""));
	fixture_sign(d->ledger, 2);
	take(d);
	assert_int_equal(RIG_ASK_ALONE(d->store, QUERY_HISTORY), QUERY_DONE);
	assert_int_equal(d->store->answer.rows, 2);
	assert_string_equal(d->store->row[HISTORY_RESULT_C].text, "refused"); /* the newest first */
	assert_true(answer_next(&d->store->answer, d->store->row));
	assert_string_equal(d->store->row[HISTORY_RESULT_C].text, "observed");
}

static void pages_of_the_history_leave_nothing_out_and_say_nothing_twice(void **state)
{
	struct Desk *d = *state;
	bool seen[250] = {};
	struct Cell cells[HISTORY_N_P], row[QUERY_CELLS_MOST];
	size_t n = 0;

	for (size_t i = 0; i < HISTORY_N_P; i++)
		cells[i] = cell_text(NULL);
	hold(d, 250); /* many at the same moment */
	do {
		int64_t t = 0, id = 0;

		assert_int_equal(store_rig_ask(d->store, QUERY_HISTORY, cells, HISTORY_N_P), QUERY_DONE);
		assert_int_equal(answer_read(d->store->frame, d->store->frame_size, &d->store->answer), 0);
		while (answer_next(&d->store->answer, row)) {
			id = row[HISTORY_ID_C].number;
			t = row[HISTORY_T_C].number;
			assert_false(seen[RECORD_NUMBER(id)]);
			seen[RECORD_NUMBER(id)] = true;
			n++;
		}
		cells[HISTORY_BEFORE_T_P] = CELL_OF_NUMBER(t);
		cells[HISTORY_BEFORE_ID_P] = CELL_OF_NUMBER(id);
	} while (d->store->answer.more);
	assert_int_equal(n, 250);
}

static void a_record_opens_to_its_line_and_its_proof(void **state)
{
	struct Desk *d = *state;
	static struct LedgerProof proof;
	const char *line;

	hold(d, 300);
	assert_int_equal(RIG_ASK(d->store, QUERY_RECORD, CELL_OF_NUMBER(RECORD_ID(1, 258))), QUERY_DONE);
	line = strstr(d->ledger->records, "{\"n\":258,");
	assert_int_equal(
	        strncmp(line, d->store->row[RECORD_LINE_C].text, d->store->row[RECORD_LINE_C].size), 0);
	assert_int_equal(line[d->store->row[RECORD_LINE_C].size], '\n');
	assert_int_equal(RIG_ASK(d->store, QUERY_PROOF, CELL_OF_NUMBER(RECORD_ID(1, 258))), QUERY_DONE);
	assert_int_equal(ledger_proof_verify(
	                         d->store->row[0].text, d->store->row[0].size, d->ledger->vkey_text, &proof),
	        0);
	assert_int_equal(proof.code, LEDGER_E_NONE);
	assert_int_equal(RIG_ASK(d->store, QUERY_PROOF, CELL_OF_NUMBER(RECORD_ID(1, 300))), QUERY_REFUSED);
	assert_int_equal(RIG_ASK(d->store, QUERY_RECORD, CELL_OF_NUMBER(RECORD_ID(2, 0))), QUERY_REFUSED);
}

/* ------------------------------------------------------------------ silence and clocks */

/* A record of the next number, whose own clock says `t` (as JSON has it); the rest of the line behind it. */
static void add_at(struct Desk *d, const char *t, const char *rest)
{
	char line[1024];

	snprintf(line, sizeof(line), "{\"n\":%ju,\"t\":\"%s\",%s}", (uintmax_t)d->ledger->n, t, rest);
	fixture_line(d->ledger, line);
	fixture_sign(d->ledger, d->ledger->n);
}

static const char stop[] = "\"kind\":\"stop\",\"terminal\":\"t1\",\"result\":\"done\"";

static int64_t ledger_shows(struct Desk *d, int column)
{
	assert_int_equal(RIG_ASK_ALONE(d->store, QUERY_LEDGERS), QUERY_DONE);
	return d->store->row[column].number;
}

static void an_old_folder_is_no_word_of_its_terminal(void **state)
{
	struct Desk *d = *state;
	int64_t last;

	hold(d, 20);
	last = ledger_shows(d, LEDGERS_LAST_T_C);
	assert_int_equal(ledger_shows(d, LEDGERS_HEARD_C), last);
	take(d);
	assert_int_equal(d->result.outcome, INTAKE_SAME);
	assert_int_equal(ledger_shows(d, LEDGERS_HEARD_C), last);
	/* and one that continues what is held, as far as its own records say */
	add(d, 5);
	take(d);
	assert_int_equal(d->result.outcome, INTAKE_MORE);
	assert_int_equal(ledger_shows(d, LEDGERS_HEARD_C), ledger_shows(d, LEDGERS_LAST_T_C));
	/* the terminal itself is heard, whatever it brings */
	take_cut(d, true, d->ledger->size);
	assert_true(ledger_shows(d, LEDGERS_HEARD_C) > ledger_shows(d, LEDGERS_LAST_T_C));
}

static int64_t clocks_shown(struct Desk *d)
{
	const struct Cell cells[LEDGERS_N_P] = {[LEDGERS_CLOCK_P] = CELL_OF_NUMBER(1)};

	assert_int_equal(store_rig_ask(d->store, QUERY_LEDGERS, cells, LEDGERS_N_P), QUERY_DONE);
	return d->store->answer.rows;
}

static void a_clock_that_is_ahead_is_told_until_it_is_right(void **state)
{
	struct Desk *d = *state;

	hold(d, 20);
	assert_int_equal(clocks_shown(d), 0);
	add_at(d, "2046-01-01T09:00:00.000+09:00", stop);
	take(d);
	assert_int_equal(clocks_shown(d), 1);
	take_cut(d, true, d->ledger->size); /* that it is heard of once more is no proof */
	assert_int_equal(clocks_shown(d), 1);
	assert_true(ledger_shows(d, LEDGERS_CLOCK_OFF_C) > 0);
	add_at(d, "2026-01-02T09:00:00.000+09:00", stop);
	take(d);
	assert_int_equal(clocks_shown(d), 0);
}

static void a_clock_that_is_behind_a_receipt_is_told_until_another_says_otherwise(void **state)
{
	/* 2026-01-01T00:00:00Z: 0x6955b900 */
	static const char receipt[] =
	        "\"kind\":\"receipt\",\"terminal\":\"t1\",\"result\":\"done\",\"detail\":{\"cosignature\":"
	        "\"00112233000000006955b900aa\"}";
	struct Desk *d = *state;

	hold(d, 20);
	add_at(d, "2026-01-01T08:56:00.000+09:00", receipt);
	take(d);
	assert_int_equal(clocks_shown(d), 0); /* four minutes */
	add_at(d, "2026-01-01T08:00:00.000+09:00", receipt);
	add_at(d, "2026-01-01T08:10:00.000+09:00", stop);
	take(d);
	assert_int_equal(clocks_shown(d), 1);
	assert_int_equal(ledger_shows(d, LEDGERS_CLOCK_OFF_C), -3600000);
	add_at(d, "2026-01-01T08:20:00.000+09:00", stop); /* nothing that says it was mended */
	take(d);
	assert_int_equal(clocks_shown(d), 1);
	add_at(d, "2026-01-01T09:00:01.000+09:00", receipt);
	take(d);
	assert_int_equal(clocks_shown(d), 0);
}

/* Intake reads a stranger's bytes: what it says is bounded where it is heard, too. */
static void numbers_that_no_sum_or_slot_can_bear_are_not_heard(void **state)
{
	static const struct {
		int64_t number;
		bool good;
	} rows[] = {{-2, false}, {-1, true}, {0, true}, {INT32_MAX, true}, {INT32_MAX + INT64_C(1), false},
	        {INT64_MAX, false}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct {
			struct FeedRows head;
			struct FeedRow row;
			char texts[_FEED_TEXT_N];
		} packet = {.head = {.type = FEED_ROWS, .n = 1}, .row.numbers = rows[i].number};
		struct FeedEvent event = {
		        .type = FEED_EVENT, .event = FEED_REGISTER, .slot = rows[i].number, .medium = "m"};
		size_t size = offsetof(typeof(packet), texts) + sizeof(packet.texts), at = 0;
		struct FeedRecord record;

		assert_int_equal(feed_row(&packet, size, &at, &record), rows[i].good ? 1 : -EBADMSG);
		assert_int_equal(feed_check(&event, sizeof(event)), rows[i].good ? 0 : -EBADMSG);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        CASE(a_good_ledger_is_held_and_shown),
	        CASE(only_new_records_are_added),
	        CASE(a_note_of_where_it_ended_that_is_spoilt_spoils_nothing),
	        CASE(records_beyond_the_checkpoint_wait_until_one_covers_them),
	        CASE(a_change_of_key_is_followed),
	        CASE(an_altered_record_is_told_and_nothing_of_it_is_taken),
	        CASE(a_ledger_altered_before_it_was_ever_held_shows_no_record),
	        CASE(a_record_altered_under_the_same_checkpoint_is_told),
	        CASE(fewer_lines_than_the_checkpoint_says_are_truncated),
	        CASE(a_record_of_another_terminal_is_told_with_its_number),
	        CASE(an_older_copy_is_no_alarm),
	        CASE(fewer_records_sent_live_are_a_rollback),
	        CASE(records_rewritten_and_signed_again_are_a_fork_for_good),
	        CASE(a_shorter_rewritten_copy_is_a_fork_and_no_older_copy),
	        CASE(the_key_that_was_seen_first_is_the_terminals),
	        CASE(a_checkpoint_that_is_none_is_unreadable),
	        CASE(a_hostile_terminals_texts_are_texts),
	        CASE(media_and_checkouts_follow_the_records),
	        CASE(a_handling_holds_what_was_done_under_its_checkout),
	        CASE(a_line_that_cannot_be_sent_is_none),
	        CASE(evidence_counts_each_kind_by_its_results),
	        CASE(the_command_reads_and_does_nothing),
	        CASE(what_was_refused_and_let_in_is_no_refusal),
	        CASE(pages_of_the_history_leave_nothing_out_and_say_nothing_twice),
	        CASE(a_record_opens_to_its_line_and_its_proof),
	        CASE(an_old_folder_is_no_word_of_its_terminal),
	        CASE(a_clock_that_is_ahead_is_told_until_it_is_right),
	        CASE(a_clock_that_is_behind_a_receipt_is_told_until_another_says_otherwise),
	        CASE(numbers_that_no_sum_or_slot_can_bear_are_not_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
