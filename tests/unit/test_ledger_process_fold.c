/* SPDX-License-Identifier: Apache-2.0 */
/* What records add up to, where the story is not the ordinary one. */
#include "fold.h"

#include "clock.h"
#include "str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define IDENTITY "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5"
#define LOAN     "\"clerk\":\"clerk1\",\"until\":\"2026-11-22T17:00:00.000+09:00\""

static struct Fold fold;
static uint64_t next;

static int setup(void **state)
{
	(void)state;
	fold = (struct Fold){.terminal = "T-01", .fiscal_year = 2026, .next_checkout = 1};
	next = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fold_done(&fold);
	return 0;
}

/* Folds `{"n":…,"t":…,"kind":"<kind>","terminal":"T-01"<rest>}`. */
static void add(const char *kind, const char *rest)
{
	struct LedgerEntry e;
	struct View v;
	char line[2048];
	int n = snprintf(line, sizeof(line),
	        "{\"n\":%llu,\"t\":\"2026-11-21T17:00:0%llu.000+09:00\",\"kind\":\"%s\",\"terminal\":\"T-"
	        "01\"%s}\n",
	        (unsigned long long)next, (unsigned long long)next % 10, kind, rest);

	next++;
	assert_null(ledger_entry_read(line, (size_t)n - 1, &e));
	view_make(&e, &v);
	assert_int_equal(fold_record(&fold, &v), 0);
}

static void test_a_medium_registered_anew_replaces_its_row(void **state)
{
	(void)state;
	add("register", ",\"medium\":\"USB-1\",\"result\":\"done\",\"detail\":{\"identity\":\"" IDENTITY
	                "\",\"supervisor\":\"s1\",\"size\":5}");
	add("register", ",\"medium\":\"USB-1\",\"result\":\"done\",\"detail\":{\"identity\":\"" IDENTITY
	                "\",\"supervisor\":\"s2\",\"size\":6}");
	assert_int_equal(fold.n_media, 1);
	assert_string_equal(fold.media[0].supervisor, "s2");
	assert_int_equal(fold.media[0].size, 6);
}

static void test_what_lacks_its_fields_opens_nothing(void **state)
{
	(void)state;
	add("register", ",\"medium\":\"USB-1\",\"result\":\"done\",\"detail\":{\"size\":5}");
	add("register",
	        ",\"medium\":\"USB-1\",\"result\":\"done\",\"detail\":{\"identity\":\"a5\",\"size\":5}");
	add("register", ",\"result\":\"done\",\"detail\":{\"identity\":\"" IDENTITY "\",\"size\":5}");
	add("register", ",\"medium\":\"USB-1\",\"result\":\"failed\",\"detail\":{\"identity\":\"" IDENTITY
	                "\",\"size\":5}");
	assert_int_equal(fold.n_media, 0);
	add("checkout",
	        ",\"medium\":\"USB-1\",\"checkout\":\"X\",\"result\":\"done\",\"detail\":{\"clerk\":\"c\"}");
	add("checkout", ",\"checkout\":\"X\",\"result\":\"done\",\"detail\":{" LOAN "}");
	add("checkout", ",\"medium\":\"USB-1\",\"result\":\"done\",\"detail\":{" LOAN "}");
	add("checkout",
	        ",\"medium\":\"USB-1\",\"checkout\":\"X\",\"result\":\"refused\",\"detail\":{" LOAN "}");
	assert_int_equal(fold.n_checkouts, 0);
}

static void test_checkout_numbers_count_this_terminals_year_only(void **state)
{
	(void)state;
	add("checkout",
	        ",\"medium\":\"USB-1\",\"checkout\":\"T-01-2025-0900\",\"result\":\"done\",\"detail\":{" LOAN
	        "}");
	add("checkout",
	        ",\"medium\":\"USB-2\",\"checkout\":\"T-02-2026-0800\",\"result\":\"done\",\"detail\":{" LOAN
	        "}");
	add("checkout",
	        ",\"medium\":\"USB-3\",\"checkout\":\"T-01-2026-12345\",\"result\":\"done\",\"detail\":{" LOAN
	        "}");
	add("checkout",
	        ",\"medium\":\"USB-4\",\"checkout\":\"T-01-2026-0007\",\"result\":\"done\",\"detail\":{" LOAN
	        "}");
	add("checkout",
	        ",\"medium\":\"USB-5\",\"checkout\":\"T-01-2026-0007x\",\"result\":\"done\",\"detail\":{" LOAN
	        "}");
	assert_int_equal(fold.n_checkouts, 5);
	assert_int_equal(fold.next_checkout, 12346);
}

static void test_overdue_and_return_find_the_checkout_by_id_or_medium(void **state)
{
	(void)state;
	add("checkout", ",\"medium\":\"USB-1\",\"checkout\":\"A\",\"result\":\"done\",\"detail\":{" LOAN "}");
	add("checkout", ",\"medium\":\"USB-2\",\"checkout\":\"B\",\"result\":\"done\",\"detail\":{" LOAN "}");
	add("overdue", ",\"medium\":\"USB-2\",\"checkout\":\"A\",\"result\":\"done\"");
	assert_int_equal(fold.checkouts[0].state, CHECKOUT_OVERDUE);
	assert_int_equal(fold.checkouts[1].state, CHECKOUT_OPEN);
	add("return", ",\"medium\":\"USB-2\",\"result\":\"intent\"");
	assert_int_equal(fold.n_checkouts, 2);
	add("return", ",\"medium\":\"USB-2\",\"result\":\"done\"");
	assert_int_equal(fold.n_checkouts, 1);
	assert_string_equal(fold.checkouts[0].id, "A");
	add("return", ",\"medium\":\"USB-9\",\"checkout\":\"Z\",\"result\":\"done\"");
	assert_int_equal(fold.n_checkouts, 1);
}

static void test_an_intent_is_pending_until_its_own_outcome(void **state)
{
	(void)state;
	add("open", ",\"actor\":\"a\",\"medium\":\"USB-1\",\"result\":\"intent\"");
	add("copy", ",\"result\":\"intent\",\"detail\":{\"copy\":\"C-1\"}");
	add("open", ",\"result\":\"intent\"");
	add("open", ",\"result\":\"refused\",\"detail\":{\"intent\":0}");
	add("file", ",\"result\":\"done\",\"detail\":{\"copy\":\"C-1\"}");
	assert_int_equal(fold.n_pending, 3);
	add("copy", ",\"result\":\"failed\",\"detail\":{\"intent\":1}");
	assert_int_equal(fold.n_pending, 2);
	assert_int_equal(fold.pending[0].n, 0);
	assert_int_equal(fold.pending[0].kind, RECORD_OPEN);
	assert_string_equal(fold.pending[0].actor, "a");
	assert_int_equal(fold.pending[1].n, 2);
	add("open", ",\"result\":\"done\",\"detail\":{\"intent\":2}");
	add("open", ",\"result\":\"done\",\"detail\":{\"intent\":2}");
	assert_int_equal(fold.n_pending, 1);
}

#define LABEL(digit) "\"label\":\"" digit digit digit digit digit digit digit digit "\""
#define EIGHT(digit) digit digit digit digit digit digit digit digit
#define REGISTRATION "\"registration\":\"T-01-R1\""

static void test_a_label_is_the_last_outcomes_and_beside_it_the_open_intents(void **state)
{
	const struct MediumRow *m;

	(void)state;
	add("register", ",\"medium\":\"USB-1\",\"result\":\"done\",\"detail\":{\"identity\":\"" IDENTITY
	                "\",\"size\":5," REGISTRATION ",\"counter\":1," LABEL(EIGHT("1")) "}");
	m = &fold.media[0];
	assert_int_equal(m->counter, 1);
	assert_int_equal(m->label[31], 0x11);
	assert_string_equal(m->registration, "T-01-R1");
	add("label", ",\"medium\":\"USB-1\",\"result\":\"intent\",\"detail\":{\"counter\":2," LABEL(EIGHT("2")) "," REGISTRATION "}");
	assert_int_equal(m->counter, 1);
	assert_int_equal(m->intent, 1);
	assert_int_equal(m->intent_counter, 2);
	assert_int_equal(m->intent_label[0], 0x22);
	assert_int_equal(fold.n_pending, 1);
	add("label", ",\"medium\":\"USB-1\",\"result\":\"failed\",\"reason\":\"interrupted\",\"detail\":{\"intent\":1}");
	assert_int_equal(m->counter, 1);
	assert_int_equal(m->intent, 0);
	assert_int_equal(fold.n_pending, 0);
	add("label", ",\"medium\":\"USB-1\",\"result\":\"intent\",\"detail\":{\"counter\":2," LABEL(EIGHT("3")) "," REGISTRATION "}");
	add("label", ",\"medium\":\"USB-1\",\"result\":\"done\",\"detail\":{\"counter\":2," LABEL(EIGHT("3")) ",\"registration\":\"T-01-R2\",\"intent\":3}");
	assert_int_equal(m->counter, 2);
	assert_int_equal(m->label[0], 0x33);
	assert_string_equal(m->registration, "T-01-R2");
	assert_int_equal(m->intent, 0);
	/* a refusal says what was found, not what is on record */
	add("label", ",\"medium\":\"USB-1\",\"result\":\"refused\",\"reason\":\"label-older\",\"detail\":{\"counter\":1}");
	assert_int_equal(m->counter, 2);
}

static void test_a_label_that_lacks_its_fields_is_none(void **state)
{
	(void)state;
	add("register", ",\"medium\":\"USB-1\",\"result\":\"done\",\"detail\":{\"identity\":\"" IDENTITY
	                "\",\"size\":5,\"counter\":1}");
	assert_int_equal(fold.media[0].counter, 0);
	add("label", ",\"medium\":\"USB-1\",\"result\":\"done\",\"detail\":{\"counter\":2,\"label\":\"22\"}");
	add("label", ",\"medium\":\"USB-9\",\"result\":\"done\",\"detail\":{\"counter\":2," LABEL(EIGHT("3")) "}");
	assert_int_equal(fold.media[0].counter, 0);
	assert_int_equal(fold.n_media, 1);
}

static void test_kinds_of_a_later_version_are_passed_over(void **state)
{
	(void)state;
	add("teleport", ",\"medium\":\"USB-1\",\"result\":\"intent\"");
	assert_int_equal(fold.n_pending, 0);
}

static int64_t at(const char *time)
{
	int64_t ms;

	assert_int_equal(clock_parse(time, strlen(time), &ms), 0);
	return ms;
}

static void add_at(const char *time, const char *kind, const char *rest)
{
	struct LedgerEntry e;
	struct View v;
	char line[512];
	int n = snprintf(line, sizeof(line),
	        "{\"n\":%llu,\"t\":\"%s\",\"kind\":\"%s\",\"terminal\":\"T-01\"%s}\n",
	        (unsigned long long)next++, time, kind, rest);

	assert_null(ledger_entry_read(line, (size_t)n - 1, &e));
	view_make(&e, &v);
	assert_int_equal(fold_record(&fold, &v), 0);
}

#define LATE  "2050-01-01T00:00:00.000+09:00"
#define NOW   "2026-11-21T17:00:00.000+09:00"
#define LATER "2026-11-21T17:30:00.000+09:00"

static void test_a_clock_that_was_ahead_counts_until_somebody_confirms_the_earlier_time(void **state)
{
	(void)state;
	add_at(NOW, "start", ",\"result\":\"done\"");
	add_at(LATE, "list", ",\"actor\":\"clerk1\",\"result\":\"done\"");
	/* set back, started again, whatever: nobody has confirmed it */
	add_at(NOW, "clock", ",\"result\":\"done\"");
	add_at(NOW, "start", ",\"result\":\"done\"");
	add_at(NOW, "key", ",\"result\":\"done\"");
	add_at(NOW, "clock", ",\"actor\":\"clerk1\",\"result\":\"refused\"");
	assert_int_equal(fold.last_time, at(LATE));
	add_at(NOW, "clock", ",\"actor\":\"supervisor1\",\"role\":\"supervisor\",\"result\":\"done\"");
	assert_int_equal(fold.last_time, at(NOW));
	add_at(LATER, "start", ",\"result\":\"done\"");
	assert_int_equal(fold.last_time, at(LATER));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* ------------------------------------------------------------------ from the records that matter */

#define STORY 400

static char lines[STORY][1024];

/* One of many things that may happen to four media, in no sensible order. */
static void story_line(unsigned int *seed, uint64_t n, char ret[static 1024])
{
	static const char *const kinds[] = {"register", "checkout", "overdue", "return", "label", "copy", "clock", "carry"};
	static const char *const results[] = {"done", "intent", "failed", "done", "done"};
	static const char *const carried[] = {"register", "checkout", "overdue", "label", "copy"};
	unsigned int r[9];
	int k;

	for (size_t i = 0; i < ARRAY_SIZE(r); i++)
		r[i] = (unsigned int)rand_r(seed) >> 4;
	k = snprintf(ret, 1024,
	        "{\"n\":%llu,\"t\":\"2026-11-%02uT17:00:00.000+09:00\",\"kind\":\"%s\",\"terminal\":\"T-01\"%s,\"medium\":"
	        "\"USB-%u\"",
	        (unsigned long long)n, 1 + r[0] % 28, kinds[r[1] % ARRAY_SIZE(kinds)],
	        r[2] % 2 ? ",\"actor\":\"s1\"" : "", r[3] % 4);
	if (r[4] % 4)
		k += snprintf(ret + k, 1024 - (size_t)k, ",\"checkout\":\"T-01-%u-%u\"", 2025 + r[5] % 3, r[6] % 6);
	k += snprintf(ret + k, 1024 - (size_t)k,
	        ",\"result\":\"%s\",\"detail\":{\"carried\":\"%s\",\"identity\":\"" IDENTITY "\",\"size\":%u," LOAN
	        ",\"copy\":\"c%u\"",
	        results[r[7] % ARRAY_SIZE(results)], carried[r[8] % ARRAY_SIZE(carried)], r[0] % 90, r[1] % 5);
	if (r[2] % 3)
		k += snprintf(ret + k, 1024 - (size_t)k, ",\"counter\":%u,\"label\":\"" IDENTITY "\"", 1 + r[3] % 9);
	if (r[5] % 3 == 0)
		k += snprintf(ret + k, 1024 - (size_t)k, ",\"registration\":\"R%u\"", r[8] % 7);
	if (n && r[6] % 3 == 0)
		k += snprintf(ret + k, 1024 - (size_t)k, ",\"intent\":%llu", (unsigned long long)(r[4] % n));
	snprintf(ret + k, 1024 - (size_t)k, "}}\n");
}

static void fold_line(struct Fold *f, uint64_t n, int part)
{
	struct LedgerEntry e;
	struct View v;

	assert_null(ledger_entry_read(lines[n], strlen(lines[n]) - 1, &e));
	view_make(&e, &v);
	assert_int_equal(part < 0 ? fold_record(f, &v) : fold_part(f, (enum FoldPart)part, &v), 0);
}

static void refold(const struct Fold *from, struct Fold *ret)
{
	struct FoldSource *sources = NULL;
	size_t n;

	*ret = (struct Fold){.terminal = "T-01", .fiscal_year = 2026, .next_checkout = 1};
	assert_int_equal(fold_sources(from, &sources, &n), 0);
	for (size_t i = 0; i < n; i++)
		fold_line(ret, sources[i].n, (int)sources[i].part);
	free(sources);
}

static void assert_same(const struct Fold *a, const struct Fold *b)
{
	assert_int_equal(a->n_media, b->n_media);
	assert_int_equal(a->n_checkouts, b->n_checkouts);
	assert_int_equal(a->n_pending, b->n_pending);
	assert_int_equal(a->n_counts, b->n_counts);
	if (a->n_media)
		assert_memory_equal(a->media, b->media, a->n_media * sizeof(a->media[0]));
	if (a->n_checkouts)
		assert_memory_equal(a->checkouts, b->checkouts, a->n_checkouts * sizeof(a->checkouts[0]));
	if (a->n_pending)
		assert_memory_equal(a->pending, b->pending, a->n_pending * sizeof(a->pending[0]));
	if (a->n_counts)
		assert_memory_equal(a->counts, b->counts, a->n_counts * sizeof(a->counts[0]));
	assert_true(a->last_time == b->last_time && a->time_from == b->time_from);
	assert_int_equal(a->next_checkout, b->next_checkout);
}

/* After every record; and whoever goes on from there comes to the same end. */
static void test_the_state_is_the_same_from_the_few_records_it_was_made_of(void **state)
{
	(void)state;
	for (unsigned int seed = 1; seed <= 20; seed++) {
		unsigned int random = seed;
		struct Fold other;

		fold_done(&fold);
		fold = (struct Fold){.terminal = "T-01", .fiscal_year = 2026, .next_checkout = 1};
		for (uint64_t n = 0; n < STORY; n++) {
			story_line(&random, n, lines[n]);
			fold_line(&fold, n, -1);
			refold(&fold, &other);
			assert_same(&fold, &other);
			if (n % 50 == 0) {
				fold_done(&fold);
				fold = other;
			} else {
				fold_done(&other);
			}
		}
		assert_true(fold.n_media > 1 && fold.n_pending && fold.n_counts == 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(test_a_clock_that_was_ahead_counts_until_somebody_confirms_the_earlier_time),
	        TEST(test_a_medium_registered_anew_replaces_its_row),
	        TEST(test_what_lacks_its_fields_opens_nothing),
	        TEST(test_checkout_numbers_count_this_terminals_year_only),
	        TEST(test_overdue_and_return_find_the_checkout_by_id_or_medium),
	        TEST(test_an_intent_is_pending_until_its_own_outcome),
	        TEST(test_a_label_is_the_last_outcomes_and_beside_it_the_open_intents),
	        TEST(test_a_label_that_lacks_its_fields_is_none),
	        TEST(test_kinds_of_a_later_version_are_passed_over),
	        TEST(test_the_state_is_the_same_from_the_few_records_it_was_made_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
