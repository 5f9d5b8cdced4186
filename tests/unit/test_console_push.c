/* SPDX-License-Identifier: Apache-2.0 */
/* What terminals send themselves: in parts, once more, rewritten, fewer than before, and in another's name.
 */
#include "clock.h"
#include "console_rig.h"
#include "ledger_fixture.h"
#include "push_desk.h"
#include "str.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#define COSIGNED "— console AAAA\n"

struct Desk {
	struct StoreRig *store;
	struct Intake intake;
	struct PushDesk desk;
	struct Fixture *ledger;
	pid_t writer;
	int witness; /* the test's end */
	char request[PUSH_MOST], answer[PUSH_REPLY_MOST];
	struct PushReply reply;
};

static int set_up(void **state)
{
	struct Desk *d = calloc(1, sizeof(*d));
	int pair[2];

	assert_non_null(d);
	d->store = store_rig_new();
	d->store->server.trusted = true;
	d->ledger = fixture_new();
	d->intake = (struct Intake)INTAKE_NULL;
	d->intake.store = store_rig_feed(d->store, &d->writer);
	d->intake.data = open(d->store->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	d->witness = pair[0];
	d->desk = (struct PushDesk)PUSH_DESK_NULL;
	d->desk.quota = 1 << 20;
	d->desk.newcomers = true;
	assert_int_equal(push_desk_open(&d->desk, &d->intake, pair[1]), 0);
	*state = d;
	return 0;
}

static int tear_down(void **state)
{
	struct Desk *d = *state;
	int status;

	push_desk_done(&d->desk);
	intake_done(&d->intake);
	close(d->witness);
	assert_int_equal(waitpid(d->writer, &status, 0), d->writer);
	assert_int_equal(status, 0);
	store_rig_free(d->store);
	fixture_free(d->ledger);
	free(d);
	return 0;
}

/* ------------------------------------------------------------------ a terminal */

/* Bytes `at`..`end` of the ledger's records as one request; `last`: with the checkpoint. */
static enum PushWord send_part(struct Desk *d, uint64_t base, uint64_t at, uint64_t end, bool last)
{
	struct Push p = {.base = base,
	        .at = at,
	        .n_records = (size_t)(end - at),
	        .n_checkpoint = last ? d->ledger->checkpoint_size : 0};
	char asked[2048];
	ssize_t n;

	STR_SET(p.vkey, d->ledger->vkey_text);
	p.vkey[strcspn(p.vkey, "\n")] = '\0';
	n = push_head(&p, d->request, sizeof(d->request));
	assert_true(n > 0);
	memcpy(d->request + n, d->ledger->records + at, p.n_records);
	memcpy(d->request + n + p.n_records, d->ledger->checkpoint, p.n_checkpoint);
	/* who cosigns, always; it is asked or not */
	assert_true(send(d->witness, COSIGNED, strlen(COSIGNED), 0) > 0);
	n = push_take(&d->desk, d->request, (size_t)n + p.n_records + p.n_checkpoint, d->answer);
	assert_true(n > 0);
	assert_int_equal(push_reply_read(d->answer, (size_t)n, &d->reply), 0);
	if (d->reply.word == PUSH_RECEIVED)
		assert_true(recv(d->witness, asked, sizeof(asked), MSG_DONTWAIT) > 0);
	else
		assert_true(recv(d->desk.witness, asked, sizeof(asked), MSG_DONTWAIT) > 0);
	return d->reply.word;
}

/* All of it behind `base` at once. */
static enum PushWord send_from(struct Desk *d, uint64_t base)
{
	return send_part(d, base, base, d->ledger->size, true);
}

/* As a terminal does: where the console says, at most three times. */
static enum PushWord send_on(struct Desk *d, uint64_t base)
{
	enum PushWord word = send_from(d, base);

	for (int i = 0; i < 2 && word == PUSH_AGAIN; i++)
		word = send_from(d, d->reply.number <= d->ledger->size ? d->reply.number : 0);
	return word;
}

static void add(struct Desk *d, size_t n)
{
	fixture_lines(d->ledger, n);
	fixture_sign(d->ledger, d->ledger->n);
}

static void begin_anew(struct Desk *d)
{
	fixture_free(d->ledger);
	d->ledger = fixture_new();
}

static void hold(struct Desk *d, size_t n)
{
	add(d, n);
	assert_int_equal(send_from(d, 0), PUSH_RECEIVED);
}

/* One ledger is held: so many records, this verdict. */
static void expect(struct Desk *d, int64_t records, enum Verdicts verdict)
{
	assert_int_equal(RIG_ASK_ALONE(d->store, QUERY_LEDGERS), QUERY_DONE);
	assert_int_equal(d->store->answer.rows, 1);
	assert_int_equal(d->store->row[LEDGERS_SIZE_C].number, records);
	assert_int_equal(d->store->row[LEDGERS_VERDICT_C].number, verdict);
}

static int64_t heard(struct Desk *d)
{
	assert_int_equal(RIG_ASK_ALONE(d->store, QUERY_LEDGERS), QUERY_DONE);
	return d->store->row[LEDGERS_HEARD_C].number;
}

/* ------------------------------------------------------------------ the claims */

static void what_a_terminal_sends_is_verified_held_and_cosigned(void **state)
{
	struct Desk *d = *state;

	hold(d, 20);
	expect(d, 20, VERDICT_VERIFIED);
	assert_int_equal(d->reply.number, d->ledger->size);
	assert_int_equal(d->reply.n_cosignature, strlen(COSIGNED));
	assert_memory_equal(d->reply.cosignature, COSIGNED, strlen(COSIGNED));
}

static void only_the_new_lines_are_sent_and_read(void **state)
{
	struct Desk *d = *state;
	size_t before;

	hold(d, 20);
	before = d->ledger->size;
	fixture_rekey(d->ledger, 9);
	add(d, 5);
	/* the lines before are not even the same any more here: nobody asks for them */
	memset(d->ledger->records, 'x', before);
	assert_int_equal(send_from(d, before), PUSH_RECEIVED);
	expect(d, 26, VERDICT_VERIFIED);
	assert_int_equal(send_from(d, d->ledger->size), PUSH_RECEIVED);
	expect(d, 26, VERDICT_VERIFIED);
}

static void parts_wait_until_the_checkpoint_comes(void **state)
{
	struct Desk *d = *state;
	uint64_t third;

	add(d, 30);
	third = d->ledger->size / 3; /* in the middle of a line */
	assert_int_equal(send_part(d, 0, 0, third, false), PUSH_MORE);
	assert_int_equal(d->reply.number, third);
	assert_int_equal(send_part(d, 0, third, 2 * third, false), PUSH_MORE);
	assert_int_equal(RIG_ASK_ALONE(d->store, QUERY_LEDGERS), QUERY_DONE);
	assert_int_equal(d->store->answer.rows, 0);
	assert_int_equal(send_part(d, 0, 2 * third, d->ledger->size, true), PUSH_RECEIVED);
	expect(d, 30, VERDICT_VERIFIED);
}

static void a_part_that_is_not_the_next_begins_anew(void **state)
{
	struct Desk *d = *state;

	add(d, 30);
	assert_int_equal(send_part(d, 0, 0, 1000, false), PUSH_MORE);
	assert_int_equal(send_part(d, 0, 1200, 1300, false), PUSH_AGAIN);
	assert_int_equal(d->reply.number, 0);
	assert_int_equal(send_on(d, 0), PUSH_RECEIVED);
}

static void a_terminal_that_has_forgotten_is_told_where_to_begin(void **state)
{
	struct Desk *d = *state;
	size_t before;

	hold(d, 20);
	before = d->ledger->size;
	add(d, 5);
	assert_int_equal(send_from(d, 10), PUSH_AGAIN);
	assert_int_equal(d->reply.number, before);
	assert_int_equal(send_from(d, before), PUSH_RECEIVED);
	add(d, 5);
	assert_int_equal(send_from(d, 0), PUSH_RECEIVED); /* all of it is as good */
	expect(d, 30, VERDICT_VERIFIED);
}

static void fewer_records_than_were_cosigned_are_a_rollback(void **state)
{
	struct Desk *d = *state;
	int64_t last;

	hold(d, 20);
	last = heard(d);
	begin_anew(d);
	add(d, 12);
	assert_int_equal(send_on(d, d->ledger->size), PUSH_WRONG);
	expect(d, 20, VERDICT_ROLLED_BACK);
	assert_int_equal(heard(d), last);
	begin_anew(d);
	add(d, 21);
	assert_int_equal(send_on(d, 0), PUSH_RECEIVED);
	expect(d, 21, VERDICT_VERIFIED);
}

static void another_history_is_a_fork_for_good(void **state)
{
	struct Desk *d = *state;

	hold(d, 20);
	begin_anew(d);
	add(d, 19);
	fixture_line(d->ledger,
	        "{\"n\":19,\"t\":\"2026-11-21T10:00:00.000+09:00\",\"kind\":\"stop\",\"terminal\":\"t1\","
	        "\"result\":\"done\"}");
	add(d, 5);
	assert_int_equal(send_on(d, d->ledger->size), PUSH_WRONG);
	expect(d, 20, VERDICT_FORKED);
	begin_anew(d);
	add(d, 24);
	assert_int_equal(
	        send_on(d, 0), PUSH_WRONG); /* what continues is held, and still somebody must look */
	expect(d, 24, VERDICT_FORKED);
}

static void fewer_lines_than_the_checkpoint_says_are_truncated(void **state)
{
	struct Desk *d = *state;
	size_t all;

	hold(d, 20);
	add(d, 10);
	all = d->ledger->size;
	d->ledger->size -= 200;
	assert_int_equal(send_on(d, 0), PUSH_WRONG);
	expect(d, 20, VERDICT_TRUNCATED);
	d->ledger->size = all;
	assert_int_equal(send_on(d, 0), PUSH_RECEIVED);
	expect(d, 30, VERDICT_VERIFIED);
}

static void an_altered_record_is_told_and_nothing_of_it_is_held(void **state)
{
	struct Desk *d = *state;
	size_t before;

	hold(d, 20);
	before = d->ledger->size;
	add(d, 10);
	memcpy(strstr(d->ledger->records + before, "09:00:"), "08", 2);
	assert_int_equal(send_from(d, before), PUSH_AGAIN); /* altered, or a fork? */
	assert_int_equal(d->reply.number, 0);
	assert_int_equal(send_from(d, 0), PUSH_WRONG);
	expect(d, 20, VERDICT_ALTERED);
}

static void who_has_not_the_key_is_not_the_terminal(void **state)
{
	struct Desk *d = *state;
	int64_t last;

	hold(d, 20);
	last = heard(d);
	begin_anew(d);
	fixture_key(d->ledger, 77);
	assert_int_equal(
	        vkey_format(&d->ledger->vkey, d->ledger->vkey_text, sizeof(d->ledger->vkey_text)), 0);
	add(d, 30);
	assert_int_equal(send_on(d, 0), PUSH_WRONG);
	expect(d, 20, VERDICT_OTHER_KEY);
	assert_int_equal(heard(d), last);
}

static void an_older_copy_imported_after_a_push_is_no_alarm(void **state)
{
	struct Desk *d = *state;
	struct IntakeResult result;
	char path[128];
	int dir, fd;

	hold(d, 20);
	begin_anew(d);
	add(d, 12);
	snprintf(path, sizeof(path), "%s/late", d->store->path);
	assert_int_equal(mkdir(path, 0700), 0);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < 3; i++) {
		const char *const names[] = {"records.jsonl", "checkpoint", "vkey"};
		const char *const texts[] = {d->ledger->records, d->ledger->checkpoint, d->ledger->vkey_text};
		const size_t sizes[] = {
		        d->ledger->size, d->ledger->checkpoint_size, strlen(d->ledger->vkey_text)};

		fd = openat(dir, names[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		assert_int_equal(write(fd, texts[i], sizes[i]), sizes[i]);
		close(fd);
	}
	assert_int_equal(intake_folder(&d->intake, dir, path, false, &result), 0);
	close(dir);
	assert_int_equal(result.outcome, INTAKE_OLDER);
	expect(d, 20, VERDICT_VERIFIED);
}

/* `kind`, at this moment and so many minutes. */
static void line_at(struct Desk *d, const char *kind, int64_t minutes)
{
	char text[256], t[CLOCK_TEXT];

	clock_format(clock_now() + minutes * 60000, t);
	snprintf(text, sizeof(text),
	        "{\"n\":%zu,\"t\":\"%s\",\"kind\":\"%s\",\"terminal\":\"t1\",\"result\":\"done\"}",
	        d->ledger->n, t, kind);
	fixture_line(d->ledger, text);
	fixture_sign(d->ledger, d->ledger->n);
}

static int64_t clocks_in_trouble(struct Desk *d)
{
	struct Cell cells[LEDGERS_N_P] = {};

	cells[LEDGERS_CLOCK_P] = CELL_OF_NUMBER(1);
	assert_int_equal(store_rig_ask(d->store, QUERY_LEDGERS, cells, LEDGERS_N_P), QUERY_DONE);
	return d->store->answer.rows;
}

static void a_clock_that_is_ahead_is_shown(void **state)
{
	struct Desk *d = *state;

	line_at(d, "copy", 4);
	assert_int_equal(send_from(d, 0), PUSH_RECEIVED);
	assert_int_equal(clocks_in_trouble(d), 0);
	line_at(d, "copy", 10);
	assert_int_equal(send_from(d, 0), PUSH_RECEIVED);
	assert_int_equal(clocks_in_trouble(d), 1);
}

static void a_clock_that_was_set_is_shown_for_a_while(void **state)
{
	struct Desk *d = *state;

	d->store->server.silent_ms = 3600 * 1000;
	line_at(d, "clock", -90);
	assert_int_equal(send_from(d, 0), PUSH_RECEIVED);
	assert_int_equal(clocks_in_trouble(d), 0); /* longer ago than what is news */
	line_at(d, "clock", -30);
	assert_int_equal(send_from(d, 0), PUSH_RECEIVED);
	assert_int_equal(clocks_in_trouble(d), 1);
}

static void nobody_new_is_taken_in_where_that_is_said(void **state)
{
	struct Desk *d = *state;

	d->desk.newcomers = false;
	add(d, 5);
	assert_int_equal(send_from(d, 0), PUSH_REFUSED);
	assert_int_equal(RIG_ASK_ALONE(d->store, QUERY_LEDGERS), QUERY_DONE);
	assert_int_equal(d->store->answer.rows, 0);
}

static void more_than_the_quota_is_refused(void **state)
{
	struct Desk *d = *state;

	add(d, 100);
	d->desk.quota = d->ledger->size - 1;
	assert_int_equal(send_from(d, 0), PUSH_REFUSED);
	d->desk.quota++;
	assert_int_equal(send_from(d, 0), PUSH_RECEIVED);
}

static void while_an_import_runs_a_terminal_comes_later(void **state)
{
	struct Desk *d = *state;
	int lock = openat(d->intake.data, "intake.lock", O_RDWR | O_CLOEXEC);

	add(d, 5);
	assert_int_equal(flock(lock, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(send_from(d, 0), PUSH_LATER);
	close(lock);
	assert_int_equal(send_from(d, 0), PUSH_RECEIVED);
}

static void what_is_no_ledgers_is_refused(void **state)
{
	struct Desk *d = *state;

	add(d, 5);
	STR_SET(d->ledger->vkey_text, "nobody+00000000+AAAA");
	assert_int_equal(send_from(d, 0), PUSH_REFUSED);
	STR_SET(d->ledger->vkey_text, "city.example.jp/mediagate/t2/2026+00000000+AAAA");
	assert_int_equal(send_from(d, 0), PUSH_REFUSED); /* the checkpoint is another's */
	begin_anew(d);
	add(d, 5);
	d->ledger->checkpoint_size = 3;
	assert_int_equal(send_from(d, 0), PUSH_REFUSED);
	assert_int_equal(RIG_ASK_ALONE(d->store, QUERY_LEDGERS), QUERY_DONE);
	assert_int_equal(d->store->answer.rows, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        CASE(what_a_terminal_sends_is_verified_held_and_cosigned),
	        CASE(only_the_new_lines_are_sent_and_read),
	        CASE(parts_wait_until_the_checkpoint_comes),
	        CASE(a_part_that_is_not_the_next_begins_anew),
	        CASE(a_terminal_that_has_forgotten_is_told_where_to_begin),
	        CASE(fewer_records_than_were_cosigned_are_a_rollback),
	        CASE(another_history_is_a_fork_for_good),
	        CASE(fewer_lines_than_the_checkpoint_says_are_truncated),
	        CASE(an_altered_record_is_told_and_nothing_of_it_is_held),
	        CASE(who_has_not_the_key_is_not_the_terminal),
	        CASE(an_older_copy_imported_after_a_push_is_no_alarm),
	        CASE(a_clock_that_is_ahead_is_shown),
	        CASE(a_clock_that_was_set_is_shown_for_a_while),
	        CASE(nobody_new_is_taken_in_where_that_is_said),
	        CASE(more_than_the_quota_is_refused),
	        CASE(while_an_import_runs_a_terminal_comes_later),
	        CASE(what_is_no_ledgers_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
