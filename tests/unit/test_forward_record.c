/* SPDX-License-Identifier: Apache-2.0 */
/* When a receipt is worth a record: receipts of receipts would never end. */
#include "ledger_fixture.h"
#include "receipt_record.h"

#include "base64.h"
#include "str.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>

#include <cmocka.h>

struct Place {
	char path[64];
	int state;
	struct Fixture *ledger;
};

static int set_up(void **state)
{
	static struct Place p;

	STR_SET(p.path, "/tmp/forward-record-XXXXXX");
	assert_non_null(mkdtemp(p.path));
	p.state = open(p.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(p.state >= 0);
	assert_int_equal(mkdirat(p.state, "t1", 0700), 0);
	p.ledger = fixture_new();
	*state = &p;
	return 0;
}

static int tear_down(void **state)
{
	struct Place *p = *state;
	static const char *const names[] = {"t1/2026.receipt", "t1/2026.console", "t1/2026.recorded"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		unlinkat(p->state, names[i], 0);
	unlinkat(p->state, "t1", AT_REMOVEDIR);
	close(p->state);
	rmdir(p->path);
	fixture_free(p->ledger);
	return 0;
}

static void put(const struct Place *p, const char *name, const char *text)
{
	int fd = openat(p->state, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* The console has received what there is; the last receipt on record covered `recorded`. There is no agent,
   so -ENOENT says that it would have been asked. */
static int record(const struct Place *p, const char *recorded)
{
	struct LedgerInput in = fixture_input(p->ledger, p->ledger->records, p->ledger->size);
	char note[4096], encoded[BASE64_SIZE(COSIGN_BYTES)];
	static struct Year y;
	int r;

	fixture_sign(p->ledger, p->ledger->n);
	base64_encode((const uint8_t[COSIGN_BYTES]){1, 2, 3, 4}, COSIGN_BYTES, encoded);
	snprintf(note, sizeof(note), "%.*s— console %s\n", (int)p->ledger->checkpoint_size,
	        p->ledger->checkpoint, encoded);
	put(p, "t1/2026.receipt", note);
	if (recorded)
		put(p, "t1/2026.recorded", recorded);
	STR_SET(y.terminal, "t1");
	STR_SET(y.name, "2026");
	y.records = in.records;
	r = receipt_record("/tmp/there/is/no/agent", p->state, &y);
	close(in.records);
	return r;
}

static void line(const struct Place *p, const char *kind)
{
	char text[256];

	snprintf(text, sizeof(text),
	        "{\"n\":%zu,\"t\":\"2026-11-21T10:00:00.000+09:00\",\"kind\":\"%s\",\"terminal\":\"t1\","
	        "\"result\":"
	        "\"done\"}",
	        p->ledger->n, kind);
	fixture_line(p->ledger, text);
}

static void test_the_first_receipt_is_recorded(void **state)
{
	struct Place *p = *state;

	fixture_lines(p->ledger, 3);
	assert_int_equal(record(p, NULL), -ENOENT);
}

static void test_a_receipt_over_nothing_but_receipts_is_not(void **state)
{
	struct Place *p = *state;

	fixture_lines(p->ledger, 3);
	line(p, "receipt");
	assert_int_equal(record(p, "3\n"), 1);
	line(p, "key");
	line(p, "receipt");
	assert_int_equal(record(p, "3\n"), 1);
	assert_int_equal(record(p, "6\n"), 1);
	line(p, "copy");
	assert_int_equal(record(p, "6\n"), -ENOENT);
}

static void test_a_spoilt_note_of_the_last_one_is_as_none(void **state)
{
	static struct Year y;
	struct Place *p = *state;

	fixture_lines(p->ledger, 3);
	assert_int_equal(record(p, "many\n"), -ENOENT);
	put(p, "t1/2026.receipt", "nothing");
	STR_SET(y.terminal, "t1");
	STR_SET(y.name, "2026");
	assert_int_equal(receipt_record("/", p->state, &y), -EBADMSG);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        TEST(the_first_receipt_is_recorded),
	        TEST(a_receipt_over_nothing_but_receipts_is_not),
	        TEST(a_spoilt_note_of_the_last_one_is_as_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
