/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger process as core meets it, over its channel. */
#include "ledger_rig.h"

#include "clock.h"
#include "crypto.h"
#include "note.h"
#include "run.h"
#include "settings.h"
#include "str.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cmocka.h>

static struct Rig rig;

static int setup(void **state)
{
	(void)state;
	rig_make(&rig, NULL);
	assert_int_equal(rig_enrol(&rig), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_remove(&rig);
	return 0;
}

static uint64_t append(const struct Record *r)
{
	uint64_t n = UINT64_MAX;

	assert_int_equal(rig_append(&rig, r, &n), FAULT_OK);
	return n;
}

static uint64_t append_simple(enum RecordKind kind, enum RecordResult result)
{
	struct Record r;

	record_start(&r, kind, result);
	STR_SET(r.actor, "clerk1");
	return append(&r);
}

static uint64_t append_copy(enum RecordResult result, const char *id, uint64_t intent)
{
	struct Record r;

	record_start(&r, RECORD_COPY, result);
	STR_SET(r.actor, "clerk1");
	STR_SET(r.medium, "USB-0007");
	record_text(&r, KEY_COPY, id);
	if (result != RESULT_INTENT)
		record_number(&r, KEY_INTENT, intent);
	if (result == RESULT_DONE)
		record_bytes(&r, KEY_NOTE, "0123456789abcdef0123456789abcdef", 32);
	return append(&r);
}

static void start(void)
{
	assert_int_equal(rig_start(&rig), 0);
}

static void assert_whole(uint64_t records)
{
	struct LedgerReport report;

	rig_verify(&rig, &report);
	assert_string_equal(report.error, "");
	assert_int_equal(report.fault, 0);
	assert_int_equal(report.records, records);
	assert_int_equal(report.covered, records);
	assert_int_equal(report.torn, 0);
}

static void test_an_enrolled_terminal_starts_with_its_enrolment_and_a_key_of_this_start(void **state)
{
	(void)state;
	start();
	assert_int_equal(rig.end.n, 2);
	assert_int_equal(rig.end.n_rows, 0);
	assert_int_equal(rig.end.next_checkout, 1);
	assert_int_equal(rig.end.fiscal_year, clock_fiscal_year(clock_now()));
	assert_string_equal(rig.end.terminal, RIG_TERMINAL);
	assert_string_equal(rig.end.domain, RIG_DOMAIN);
	assert_in_range(rig.end.last_time, clock_now() - 60000, clock_now());
	assert_int_equal(rig_stop(&rig), 0);
	assert_whole(2);
}

static void test_a_start_and_stop_without_a_record_writes_its_change_of_key_alone(void **state)
{
	(void)state;
	start();
	assert_int_equal(rig_stop(&rig), 0);
	assert_whole(2);
	start();
	assert_int_equal(rig_stop(&rig), 0);
	assert_whole(3);
}

static void test_an_append_is_answered_with_its_number_and_then_covered(void **state)
{
	(void)state;
	start();
	assert_int_equal(append_simple(RECORD_START, RESULT_NONE), 2);
	assert_int_equal(rig_cover(&rig, 3), 0);
	assert_whole(3);
	assert_int_equal(append_simple(RECORD_LIST, RESULT_DONE), 3);
	assert_int_equal(rig_cover(&rig, 4), 0);
	assert_int_equal(rig_stop(&rig), 0);
	assert_whole(4);
}

static void test_waiting_appends_share_a_write_and_a_checkpoint(void **state)
{
	enum { N = 300 };
	struct MsgAppend m = {};
	uint64_t answered = 0, checkpoints = 0, covered = 0;

	(void)state;
	start();
	record_start(&m.record, RECORD_FILE, RESULT_DONE);
	record_text(&m.record, KEY_NAME, "f");
	for (m.cookie = 0; m.cookie < N;) {
		struct pollfd p = {.fd = rig.channel, .events = POLLIN | POLLOUT};
		struct Message got;

		assert_int_equal(poll(&p, 1, 5000), 1);
		if (p.revents & POLLOUT) {
			assert_int_equal(channel_send(rig.channel, MSG_APPEND, &m, NULL, 0), 0);
			m.cookie++;
			continue;
		}
		assert_int_equal(channel_receive(rig.channel, &got), 0);
		answered += got.type == MSG_APPENDED;
		checkpoints += got.type == MSG_COVERED;
	}
	while (covered < N + 2) {
		struct Message got;

		assert_int_equal(channel_receive(rig.channel, &got), 0);
		if (got.type == MSG_APPENDED) {
			assert_int_equal(got.body.APPENDED.cookie, answered);
			assert_int_equal(got.body.APPENDED.n, answered + 2);
			assert_int_equal(got.body.APPENDED.fault, FAULT_OK);
			answered++;
		} else {
			covered = got.body.COVERED.size;
			checkpoints++;
		}
	}
	assert_int_equal(answered, N);
	assert_in_range(checkpoints, 1, N / 2);
	assert_int_equal(rig_stop(&rig), 0);
	assert_whole(N + 2);
}

/* The ledger's clock goes on by this much whenever it is looked at; children have what was set at their start. */
static int64_t clock_step, clock_extra;

int64_t __real_clock_boot(void);
int64_t __wrap_clock_boot(void);
int64_t __wrap_clock_boot(void)
{
	return __real_clock_boot() + (clock_extra += clock_step);
}

/* Appends, a question after each, which has the ledger write what waits; until the channel takes no more, to a
   ledger that is not running meanwhile. */
static uint64_t append_what_fits(void)
{
	struct MsgAppend m = {};
	struct MsgDigest ask = {.identity = {.serial_size = 2, .n_interfaces = 1}};
	struct pollfd p = {.fd = rig.channel, .events = POLLOUT};

	record_start(&m.record, RECORD_FILE, RESULT_DONE);
	record_text(&m.record, KEY_NAME, "f");
	assert_int_equal(kill(rig.pid, SIGSTOP), 0);
	while (poll(&p, 1, 0) == 1) {
		assert_int_equal(channel_send(rig.channel, MSG_APPEND, &m, NULL, 0), 0);
		m.cookie++;
		if (poll(&p, 1, 0) == 1)
			assert_int_equal(channel_send(rig.channel, MSG_DIGEST, &ask, NULL, 0), 0);
	}
	assert_int_equal(kill(rig.pid, SIGCONT), 0);
	return m.cookie;
}

/* By its clock: a record waits 100 ms at most until its checkpoint is begun, also while more come without end. */
static void test_a_stream_of_records_does_not_put_off_the_checkpoint(void **state)
{
	uint64_t n, checkpoints = 0;

	(void)state;
	clock_step = 60;
	start();
	clock_step = 0;
	n = append_what_fits();
	assert_true(n >= 4);
	for (uint64_t covered = 0; covered < n + 2;) {
		struct Message got;

		assert_int_equal(channel_receive(rig.channel, &got), 0);
		if (got.type != MSG_COVERED)
			continue;
		assert_in_range(got.body.COVERED.size - covered, 1, covered ? 3 : 5);
		covered = got.body.COVERED.size;
		checkpoints++;
	}
	assert_in_range(checkpoints, 2, n);
	assert_int_equal(rig_stop(&rig), 0);
	assert_whole(n + 2);
}

static void test_a_malformed_record_is_refused_and_not_written(void **state)
{
	struct Record r;
	uint64_t n;

	(void)state;
	start();
	record_start(&r, RECORD_START, RESULT_NONE);
	STR_SET(r.actor, "a\"b");
	assert_int_equal(rig_append(&rig, &r, &n), FAULT_INTERNAL);
	assert_int_equal(n, UINT64_MAX);
	/* nor what ledger alone may say */
	record_start(&r, RECORD_KEY, RESULT_DONE);
	record_text(&r, KEY_VKEY, "city.example/mediagate/T-01/2026+00000000+AAAA");
	assert_int_equal(rig_append(&rig, &r, &n), FAULT_INTERNAL);
	assert_int_equal(append_simple(RECORD_STOP, RESULT_NONE), 2);
	assert_int_equal(rig_stop(&rig), 0);
	assert_whole(3);
}

/* A registration, a checkout and a copy cut short. */
static uint64_t tell_story(char id[static 64])
{
	uint8_t identity[DIGEST_SIZE];
	uint64_t intent, copy;
	struct Record r;

	memset(identity, 0xa5, sizeof(identity));
	snprintf(id, 64, RIG_TERMINAL "-%u-0041", rig.end.fiscal_year);
	record_start(&r, RECORD_REGISTER, RESULT_INTENT);
	STR_SET(r.actor, "supervisor1");
	STR_SET(r.medium, "USB-0007");
	intent = append(&r);
	record_start(&r, RECORD_REGISTER, RESULT_DONE);
	STR_SET(r.medium, "USB-0007");
	record_bytes(&r, KEY_IDENTITY, identity, sizeof(identity));
	record_text(&r, KEY_SUPERVISOR, "supervisor1");
	record_number(&r, KEY_SIZE, 16000000000);
	record_number(&r, KEY_INTENT, intent);
	append(&r);
	rig_checkout("USB-0007", id, &r);
	append(&r);
	copy = append_copy(RESULT_INTENT, "C-1", 0);
	return copy;
}

static void assert_story_is_back(const char *id, uint64_t copy)
{
	uint8_t identity[DIGEST_SIZE];

	memset(identity, 0xa5, sizeof(identity));
	assert_int_equal(rig.n_media, 1);
	assert_string_equal(rig.media[0].number, "USB-0007");
	assert_string_equal(rig.media[0].supervisor, "supervisor1");
	assert_memory_equal(rig.media[0].identity, identity, sizeof(identity));
	assert_int_equal(rig.media[0].size, 16000000000);
	assert_int_equal(rig.n_checkouts, 1);
	assert_string_equal(rig.checkouts[0].id, id);
	assert_string_equal(rig.checkouts[0].clerk, "clerk1");
	assert_string_equal(rig.checkouts[0].purpose, "submission");
	assert_string_equal(rig.checkouts[0].ground, "law");
	assert_string_equal(rig.checkouts[0].destination, "税務署 \"本館\"");
	assert_string_equal(rig.checkouts[0].terminals, "T-01,T-02");
	assert_int_equal(rig.checkouts[0].from, INT64_C(1790000000000));
	assert_int_equal(rig.checkouts[0].until, INT64_C(1790000360123));
	assert_int_equal(rig.checkouts[0].carry_out, 1);
	assert_int_equal(rig.checkouts[0].locked_carrier, 1);
	assert_int_equal(rig.checkouts[0].state, CHECKOUT_OPEN);
	assert_int_equal(rig.n_pending, 1);
	assert_int_equal(rig.pending[0].n, copy);
	assert_int_equal(rig.pending[0].kind, RECORD_COPY);
	assert_string_equal(rig.pending[0].copy, "C-1");
	assert_string_equal(rig.pending[0].actor, "clerk1");
	assert_int_equal(rig.end.next_checkout, 42);
}

static void test_state_comes_back_after_a_restart(void **state)
{
	struct Record r;
	uint64_t copy;
	char id[64];

	(void)state;
	start();
	copy = tell_story(id);
	assert_int_equal(rig_stop(&rig), 0);
	start();
	assert_story_is_back(id, copy);

	append_copy(RESULT_FAILED, "C-1", copy);
	record_start(&r, RECORD_OVERDUE, RESULT_DONE);
	STR_SET(r.medium, "USB-0007");
	STR_SET(r.checkout, id);
	append(&r);
	assert_int_equal(rig_stop(&rig), 0);
	start();
	assert_int_equal(rig.n_pending, 0);
	assert_int_equal(rig.checkouts[0].state, CHECKOUT_OVERDUE);
	record_start(&r, RECORD_RETURN, RESULT_DONE);
	STR_SET(r.medium, "USB-0007");
	STR_SET(r.checkout, id);
	append(&r);
	assert_int_equal(rig_stop(&rig), 0);
	start();
	assert_int_equal(rig.n_media, 1);
	assert_int_equal(rig.n_checkouts, 0);
	assert_int_equal(rig.end.next_checkout, 42);
	assert_int_equal(rig_stop(&rig), 0);
}

static void test_an_identity_digest_is_that_of_the_documented_text(void **state)
{
	static const char text[] = "mediagate/identity/v1\n0781:5581:0100\n4131\n08:06:50\n";
	_cleanup_(crypto_freep) struct Crypto *crypto = NULL;
	struct Bytes bytes = {text, sizeof(text) - 1};
	struct MsgDigest ask = {.cookie = 77};
	uint8_t expected[DIGEST_SIZE];
	struct Message m;

	(void)state;
	ask.identity = (struct Identity){
	        .vendor = 0x0781, .product = 0x5581, .revision = 0x0100, .serial_size = 2, .n_interfaces = 1};
	memcpy(ask.identity.serial, "A1", 2);
	ask.identity.interfaces[0] = (struct InterfaceSetting){1, 0, 0, 8, 6, 0x62};
	assert_int_equal(crypto_new(&crypto), 0);
	assert_int_equal(crypto_hash(crypto, &bytes, 1, expected), 0);
	start();
	assert_int_equal(rig_ask(&rig, MSG_DIGEST, &ask, MSG_DIGESTED, &m), 0);
	assert_int_equal(m.body.DIGESTED.cookie, 77);
	assert_memory_equal(m.body.DIGESTED.digest, expected, sizeof(expected));
	assert_int_equal(rig_stop(&rig), 0);
}

static void test_a_label_is_made_from_fields_and_known_again(void **state)
{
	struct MsgLabelMake ask = {.cookie = 9, .counter = 3, .number = "USB-1", .registration = "T-01-R1",
	        .checkout = {.id = "T-01-2026-0001", .clerk = "clerk1", .terminals = "T-01", .until = 5}};
	static struct MsgLabelLook look;
	static struct Message made, m;

	(void)state;
	assert_int_equal(rig_enrol(&rig), 0);
	assert_int_equal(rig_start(&rig), 0);
	assert_int_equal(rig_ask(&rig, MSG_LABEL_MAKE, &ask, MSG_LABEL_MADE, &made), 0);
	assert_int_equal(made.body.LABEL_MADE.fault, 0);
	memcpy(look.bytes, made.body.LABEL_MADE.bytes, LABEL_SIZE);
	assert_int_equal(rig_ask(&rig, MSG_LABEL_LOOK, &look, MSG_LABEL_SEEN, &m), 0);
	assert_int_equal(m.body.LABEL_SEEN.seen.state, LABEL_STATE_VALID);
	assert_int_equal(m.body.LABEL_SEEN.seen.counter, 3);
	assert_string_equal(m.body.LABEL_SEEN.seen.checkout, "T-01-2026-0001");
	assert_memory_equal(m.body.LABEL_SEEN.seen.sha256, made.body.LABEL_MADE.sha256, DIGEST_SIZE);
	look.bytes[40] ^= 1;
	assert_int_equal(rig_ask(&rig, MSG_LABEL_LOOK, &look, MSG_LABEL_SEEN, &m), 0);
	assert_int_equal(m.body.LABEL_SEEN.seen.state, LABEL_STATE_FORGED);
	/* another terminal's eyes: not its key, whatever it says */
	look.bytes[40] ^= 1;
	strcpy(look.vkey, "city.example.jp/mediagate/madoguchi-01/label+2a53e3a9+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4");
	assert_int_equal(rig_ask(&rig, MSG_LABEL_LOOK, &look, MSG_LABEL_SEEN, &m), 0);
	assert_int_equal(m.body.LABEL_SEEN.seen.state, LABEL_STATE_STRANGER);
	strcpy(look.vkey, "not a key");
	assert_int_equal(rig_ask(&rig, MSG_LABEL_LOOK, &look, MSG_LABEL_SEEN, &m), 0);
	assert_int_equal(m.body.LABEL_SEEN.seen.state, LABEL_STATE_STRANGER);
	/* no two labels are the same */
	assert_int_equal(rig_ask(&rig, MSG_LABEL_MAKE, &ask, MSG_LABEL_MADE, &m), 0);
	assert_memory_not_equal(m.body.LABEL_MADE.sha256, made.body.LABEL_MADE.sha256, DIGEST_SIZE);
	/* what no label can hold is refused, and the ledger goes on */
	strcpy(ask.checkout.clerk, "山田");
	assert_int_equal(rig_ask(&rig, MSG_LABEL_MAKE, &ask, MSG_LABEL_MADE, &m), 0);
	assert_int_equal(m.body.LABEL_MADE.fault, FAULT_INTERNAL);
	strcpy(ask.checkout.clerk, "clerk1");
	ask.counter = 0;
	assert_int_equal(rig_ask(&rig, MSG_LABEL_MAKE, &ask, MSG_LABEL_MADE, &m), 0);
	assert_int_equal(m.body.LABEL_MADE.fault, FAULT_INTERNAL);
	assert_int_equal(rig_stop(&rig), 0);
}

static void test_files_are_digested_from_their_start_whatever_their_offset(void **state)
{
	_cleanup_(crypto_freep) struct Crypto *crypto = NULL;
	_cleanup_fd_ int a = memfd_create("a", MFD_CLOEXEC), b = memfd_create("b", MFD_CLOEXEC);
	_cleanup_fd_ int pipe_end = -1, other_end = -1;
	struct MsgFilesDigest ask = {.cookie = 5};
	struct Bytes bytes = {"abc", 3};
	uint8_t expected[DIGEST_SIZE];
	struct Message m;
	int ends[2];

	(void)state;
	assert_int_equal(crypto_new(&crypto), 0);
	assert_int_equal(crypto_hash(crypto, &bytes, 1, expected), 0);
	assert_int_equal(write(a, "abc", 3), 3);
	start();
	assert_int_equal(channel_send(rig.channel, MSG_FILES_DIGEST, &ask, (int[]){a, b}, 2), 0);
	assert_int_equal(rig_receive(&rig, &m), 0);
	assert_int_equal(m.type, MSG_FILES_DIGESTED);
	assert_int_equal(m.body.FILES_DIGESTED.n, 2);
	assert_memory_equal(m.body.FILES_DIGESTED.digest[0], expected, sizeof(expected));
	assert_memory_not_equal(m.body.FILES_DIGESTED.digest[1], expected, sizeof(expected));
	/* what has no offset is no file: said, not waited for */
	assert_int_equal(pipe(ends), 0);
	pipe_end = ends[0];
	other_end = ends[1];
	assert_int_equal(channel_send(rig.channel, MSG_FILES_DIGEST, &ask, (int[]){a, pipe_end}, 2), 0);
	assert_int_equal(rig_receive(&rig, &m), 0);
	assert_int_equal(m.body.FILES_DIGESTED.n, 0);
	assert_int_equal(rig_stop(&rig), 0);
}

static void note_line(const char *copy, const char *name)
{
	struct MsgNoteLine line = {};

	STR_SET(line.copy, copy);
	STR_SET(line.name, name);
	memset(line.sha256, 0x5a, sizeof(line.sha256));
	assert_int_equal(channel_send(rig.channel, MSG_NOTE_LINE, &line, NULL, 0), 0);
}

static uint16_t note_sign(const char *copy, uint32_t n_lines, struct Message *ret)
{
	struct MsgNoteSign sign = {.cookie = 9, .n_lines = n_lines};

	STR_SET(sign.copy, copy);
	assert_int_equal(rig_ask(&rig, MSG_NOTE_SIGN, &sign, MSG_NOTE, ret), 0);
	assert_int_equal(ret->body.NOTE.cookie, 9);
	assert_int_equal(ret->n_fds, ret->body.NOTE.fault ? 0 : 1);
	return ret->body.NOTE.fault;
}

static void test_a_note_is_signed_by_the_label_key_once_and_only_for_a_copy_under_way(void **state)
{
	static struct Enrolment e;
	_cleanup_(crypto_freep) struct Crypto *crypto = NULL;
	char note[4096];
	uint8_t digest[HASH_SIZE];
	struct Bytes bytes = {note, 0};
	size_t text, key;
	struct Message m;
	struct Vkey vkey;
	uint64_t intent;
	ssize_t n;

	(void)state;
	start();
	note_line("C-1", "C-1-001of001.p7m");
	assert_int_equal(note_sign("C-1", 2, &m), FAULT_NO_SUCH_COPY);
	intent = append_copy(RESULT_INTENT, "C-1", 0);
	assert_int_equal(note_sign("C-1", 0, &m), FAULT_INCOMPLETE);
	note_line("C-1", "C-1-001of001.p7m");
	note_line("C-1", "OPEN.txt");
	assert_int_equal(note_sign("C-1", 3, &m), FAULT_INCOMPLETE);
	assert_int_equal(note_sign("C-1", 2, &m), FAULT_OK);

	assert_int_equal(
	        fcntl(m.fds[0], F_GET_SEALS), F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
	n = read(m.fds[0], note, sizeof(note) - 1);
	assert_true(n > 0);
	note[n] = '\0';
	message_done(&m);
	bytes.size = (size_t)n;
	assert_int_equal(crypto_new(&crypto), 0);
	assert_int_equal(crypto_hash(crypto, &bytes, 1, digest), 0);
	assert_memory_equal(digest, m.body.NOTE.sha256, sizeof(digest));
	assert_int_equal(enrolment_read_at(rig.dir, &e), 0);
	assert_int_equal(vkey_parse(crypto, e.label_vkey, strlen(e.label_vkey), &vkey), 0);
	assert_string_equal(vkey.name, RIG_DOMAIN "/mediagate/" RIG_TERMINAL "/label");
	assert_int_equal(note_verify(note, (size_t)n, &vkey, 1, &text, &key), 0);
	assert_ptr_equal(strstr(note, "mediagate/copy/v1\nC-1\n5a5a"), note);

	assert_int_equal(note_sign("C-1", 2, &m), FAULT_INCOMPLETE);
	append_copy(RESULT_DONE, "C-1", intent);
	assert_int_equal(note_sign("C-1", 2, &m), FAULT_NO_SUCH_COPY);
	assert_int_equal(rig_stop(&rig), 0);
}

static void test_a_copy_is_found_with_its_medium_and_note(void **state)
{
	struct MsgFindCopy ask = {.cookie = 3};
	struct Message m;
	uint64_t intent;

	(void)state;
	start();
	STR_SET(ask.copy, "C-1");
	assert_int_equal(rig_ask(&rig, MSG_FIND_COPY, &ask, MSG_FOUND_COPY, &m), 0);
	assert_int_equal(m.body.FOUND_COPY.known, 0);
	intent = append_copy(RESULT_INTENT, "C-1", 0);
	append_copy(RESULT_INTENT, "C-11", 0);
	assert_int_equal(rig_ask(&rig, MSG_FIND_COPY, &ask, MSG_FOUND_COPY, &m), 0);
	assert_int_equal(m.body.FOUND_COPY.known, 1);
	assert_int_equal(m.body.FOUND_COPY.complete, 0);
	append_copy(RESULT_DONE, "C-1", intent);
	assert_int_equal(rig_ask(&rig, MSG_FIND_COPY, &ask, MSG_FOUND_COPY, &m), 0);
	assert_int_equal(m.body.FOUND_COPY.cookie, 3);
	assert_int_equal(m.body.FOUND_COPY.complete, 1);
	assert_string_equal(m.body.FOUND_COPY.medium, "USB-0007");
	assert_memory_equal(m.body.FOUND_COPY.note, "0123456789abcdef0123456789abcdef", 32);
	assert_int_equal(rig_stop(&rig), 0);
}

static void copies_on_are(uint64_t from, const char *expected)
{
	struct MsgCopiesOn ask = {.cookie = 9, .from = from};
	struct Message m;

	STR_SET(ask.medium, "USB-0007");
	assert_int_equal(rig_ask(&rig, MSG_COPIES_ON, &ask, MSG_COPIES_ARE, &m), 0);
	assert_int_equal(m.body.COPIES_ARE.cookie, 9);
	assert_int_equal(m.body.COPIES_ARE.next, 0);
	assert_string_equal(m.body.COPIES_ARE.copies, expected);
}

static void append_event(enum RecordKind kind, const char *medium, const char *copy)
{
	struct Record r;

	record_start(&r, kind, RESULT_DONE);
	STR_SET(r.medium, medium);
	if (*copy)
		record_text(&r, KEY_COPY, copy);
	if (kind == RECORD_COPY)
		record_bytes(&r, KEY_NOTE, "0123456789abcdef0123456789abcdef", 32);
	append(&r);
}

static void test_the_copies_that_ought_to_be_on_a_medium_are_known(void **state)
{
	(void)state;
	start();
	copies_on_are(0, "");
	append_copy(RESULT_INTENT, "C-1", 0); /* begun is not there */
	copies_on_are(0, "");
	append_event(RECORD_COPY, "USB-0007", "C-1");
	append_event(RECORD_COPY, "USB-0008", "C-2");
	append_event(RECORD_COPY, "USB-0007", "C-3");
	append_event(RECORD_COPY, "USB-0007", "C-33");
	append_event(RECORD_READ, "USB-0007", "C-4");
	copies_on_are(0, "C-1\nC-3\nC-33\n");
	copies_on_are(2, "C-33\n");
	copies_on_are(4, "");
	append_event(RECORD_MISSING, "USB-0007", "C-3"); /* said once */
	copies_on_are(0, "C-1\nC-33\n");
	append_event(RECORD_REGISTER, "USB-0007", ""); /* another stick under the number, or one that was erased */
	copies_on_are(0, "");
	append_event(RECORD_COPY, "USB-0007", "C-5");
	copies_on_are(0, "C-5\n");
	assert_int_equal(rig_stop(&rig), 0);
}

/* More than one answer holds go into several. */
static void test_many_copies_on_a_medium_are_told_in_pieces(void **state)
{
	struct MsgCopiesOn ask = {.cookie = 9};
	size_t seen = 0, answers = 0;

	(void)state;
	start();
	for (unsigned int i = 0; i < 100; i++) {
		char id[LIMIT_ID];

		snprintf(id, sizeof(id), "C-%038u", i);
		append_event(RECORD_COPY, "USB-0007", id);
	}
	STR_SET(ask.medium, "USB-0007");
	do {
		struct Message m;

		assert_int_equal(rig_ask(&rig, MSG_COPIES_ON, &ask, MSG_COPIES_ARE, &m), 0);
		for (const char *at = m.body.COPIES_ARE.copies; *at; at = strchr(at, '\n') + 1)
			assert_int_equal(strtoul(at + 2, NULL, 10), seen++);
		ask.from = m.body.COPIES_ARE.next;
		answers++;
	} while (ask.from);
	assert_int_equal(seen, 100);
	assert_in_range(answers, 2, 4);
	assert_int_equal(rig_stop(&rig), 0);
}

static void test_reading_gives_the_files_or_one_persons_lines(void **state)
{
	_cleanup_free_ char *records = NULL;
	struct MsgRead ask = {.cookie = 4};
	struct Message m;
	struct Record r;
	static char bytes[4096];
	size_t n_records;
	ssize_t n;

	(void)state;
	start();
	append_simple(RECORD_LIST, RESULT_DONE);
	record_start(&r, RECORD_LIST, RESULT_DONE);
	STR_SET(r.actor, "clerk11");
	record_text(&r, KEY_SUBJECT, "\"actor\":\"clerk1\"");
	append(&r);
	append_simple(RECORD_READ, RESULT_REFUSED);
	assert_int_equal(rig_ask(&rig, MSG_READ, &ask, MSG_READABLE, &m), 0);
	assert_int_equal(m.body.READABLE.fault, FAULT_OK);
	assert_int_equal(m.n_fds, 3);
	records = rig_file(&rig, "records.jsonl", &n_records);
	n = read(m.fds[0], bytes, sizeof(bytes));
	assert_int_equal(n, n_records);
	assert_memory_equal(bytes, records, n_records);
	for (int i = 0; i < 3; i++)
		assert_int_equal(fcntl(m.fds[i], F_GETFL) & O_ACCMODE, O_RDONLY);
	message_done(&m);

	STR_SET(ask.actor, "clerk1");
	assert_int_equal(rig_ask(&rig, MSG_READ, &ask, MSG_READABLE, &m), 0);
	assert_int_equal(m.n_fds, 1);
	n = read(m.fds[0], bytes, sizeof(bytes) - 1);
	assert_true(n > 0);
	bytes[n] = '\0';
	message_done(&m);
	assert_ptr_equal(strstr(bytes, "{\"n\":2,"), bytes);
	assert_non_null(strstr(bytes, "}\n{\"n\":4,"));
	assert_null(strstr(bytes, "clerk11"));
	assert_int_equal(rig_stop(&rig), 0);
}

static void test_a_message_that_is_not_for_the_ledger_ends_it_with_a_word(void **state)
{
	struct MsgWatchReady m = {};
	struct Message got;

	(void)state;
	start();
	assert_int_equal(channel_send(rig.channel, MSG_WATCH_READY, &m, NULL, 0), 0);
	assert_int_equal(rig_receive(&rig, &got), 0);
	assert_int_equal(got.type, MSG_LEDGER_FAULT);
	assert_int_equal(got.body.LEDGER_FAULT.fault, FAULT_NO_LEDGER);
	assert_int_equal(rig_stop(&rig), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_a_label_is_made_from_fields_and_known_again),
	        TEST(test_an_enrolled_terminal_starts_with_its_enrolment_and_a_key_of_this_start),
	        TEST(test_a_start_and_stop_without_a_record_writes_its_change_of_key_alone),
	        TEST(test_an_append_is_answered_with_its_number_and_then_covered),
	        TEST(test_waiting_appends_share_a_write_and_a_checkpoint),
	        TEST(test_a_stream_of_records_does_not_put_off_the_checkpoint),
	        TEST(test_a_malformed_record_is_refused_and_not_written),
	        TEST(test_state_comes_back_after_a_restart),
	        TEST(test_an_identity_digest_is_that_of_the_documented_text),
	        TEST(test_files_are_digested_from_their_start_whatever_their_offset),
	        TEST(test_a_note_is_signed_by_the_label_key_once_and_only_for_a_copy_under_way),
	        TEST(test_a_copy_is_found_with_its_medium_and_note),
	        TEST(test_the_copies_that_ought_to_be_on_a_medium_are_known),
	        TEST(test_many_copies_on_a_medium_are_told_in_pieces),
	        TEST(test_reading_gives_the_files_or_one_persons_lines),
	        TEST(test_a_message_that_is_not_for_the_ledger_ends_it_with_a_word),
	};

	umask(0022);
	setenv("TZ", "JST-9", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
