/* SPDX-License-Identifier: Apache-2.0 */
/* Incidents, the report route, findings of an audit: who may write what, and that nothing is written over. */
#include "changes.h"
#include "clock.h"
#include "console_rig.h"
#include "str.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <time.h>

#define DAY_MS 86400000LL

static int64_t now = 20600 * DAY_MS + DAY_MS / 2; /* noon of 27 May 2026 */

int64_t __wrap_clock_now(void);
int64_t __wrap_clock_now(void)
{
	return now;
}

static int set_up(void **state)
{
	setenv("TZ", "UTC", 1);
	tzset();
	*state = store_rig_new();
	store_rig_office(*state);
	return 0;
}

static int tear_down(void **state)
{
	*state = store_rig_free(*state);
	return 0;
}

#define NONE ((struct Cell){.text = ""})

/* ------------------------------------------------------------------ the report route */

static enum QueryOutcome route(struct StoreRig *g, int64_t step, const char *contact, const char *deputy)
{
	return RIG_ASK(g, QUERY_ROUTE_ADD, CELL_OF_NUMBER(step), cell_text("保護責任者"),
	        cell_text("加藤 一郎"), cell_text(contact), cell_text(deputy), cell_text("内線 2346"));
}

static void the_chief_keeps_the_route_and_each_step_has_a_deputy(void **state)
{
	struct StoreRig *g = *state;

	store_rig_as(g, "auditor1");
	assert_int_equal(route(g, 1, "内線 2345", "田中"), QUERY_FORBIDDEN);
	store_rig_as(g, "chief1");
	assert_int_equal(route(g, 1, "内線 2345", ""), QUERY_INVALID);
	assert_int_equal(route(g, 0, "内線 2345", "田中"), QUERY_INVALID);
	/* what would be starred is of no use to who has to call */
	assert_int_equal(route(g, 1, "123456789018", "田中"), QUERY_INVALID);
	assert_int_equal(route(g, 2, "080-1234-5678", "田中"), QUERY_DONE);
	assert_int_equal(route(g, 1, "内線 2345", "田中"), QUERY_DONE);
	store_rig_as(g, "kato");
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_ROUTE), QUERY_DONE);
	assert_int_equal(g->answer.rows, 2);
	assert_int_equal(g->row[ROUTE_STEP_C].number, 1);
}

static void a_step_that_ended_stays_readable(void **state)
{
	struct StoreRig *g = *state;

	store_rig_as(g, "chief1");
	assert_int_equal(route(g, 1, "内線 2345", "田中"), QUERY_DONE);
	assert_int_equal(RIG_ASK(g, QUERY_ROUTE_END, CELL_OF_NUMBER(1)), QUERY_DONE);
	assert_int_equal(RIG_ASK(g, QUERY_ROUTE_END, CELL_OF_NUMBER(1)), QUERY_REFUSED);
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_ROUTE), QUERY_DONE);
	assert_int_equal(g->answer.rows, 0);
	assert_int_equal(RIG_ASK(g, QUERY_ROUTE, CELL_OF_NUMBER(1)), QUERY_DONE);
	assert_int_equal(g->answer.rows, 1);
	assert_int_equal(g->row[ROUTE_ENDED_C].number, now);
}

/* ------------------------------------------------------------------ incidents */

/* Noticed two days ago. */
static enum QueryOutcome open_one(struct StoreRig *g, const char *facts)
{
	return RIG_ASK(g, QUERY_INCIDENT_OPEN, cell_text("USBメモリの紛失"), CELL_OF_NUMBER(now - 2 * DAY_MS),
	        cell_text("窓口の職員"), cell_text(facts));
}

static enum QueryOutcome add(struct StoreRig *g, int64_t kind, const char *words)
{
	return RIG_ASK(g, QUERY_INCIDENT_ADD, CELL_OF_NUMBER(1), CELL_OF_NUMBER(kind), NONE, NONE, NONE, NONE,
	        cell_text(words));
}

static enum QueryOutcome report(struct StoreRig *g, int64_t to, const char *whom, const char *words)
{
	return RIG_ASK(g, QUERY_INCIDENT_ADD, CELL_OF_NUMBER(1), CELL_OF_NUMBER(INCIDENT_REPORT),
	        CELL_OF_NUMBER(now - DAY_MS), CELL_OF_NUMBER(to), cell_text(whom), NONE, cell_text(words));
}

static enum QueryOutcome finish(struct StoreRig *g, int64_t closed, const char *words)
{
	return RIG_ASK(g, QUERY_INCIDENT_CLOSE, CELL_OF_NUMBER(1), CELL_OF_NUMBER(closed), cell_text(words));
}

static const struct Cell *incident(struct StoreRig *g)
{
	assert_int_equal(RIG_ASK(g, QUERY_INCIDENTS, CELL_OF_NUMBER(1)), QUERY_DONE);
	assert_int_equal(g->answer.rows, 1);
	return g->row;
}

static void an_incident_is_open_until_somebody_was_told(void **state)
{
	struct StoreRig *g = *state;

	assert_int_equal(open_one(g, ""), QUERY_FORBIDDEN); /* an administrator */
	store_rig_as(g, "kato");
	assert_int_equal(open_one(g, ""), QUERY_DONE);
	assert_int_equal(g->row[INCIDENT_OPEN_ID_C].number, 1);
	assert_int_equal(incident(g)[INCIDENTS_STATE_C].number, INCIDENT_STATE_OPEN);
	assert_int_equal(g->row[INCIDENTS_FIRST_DUE_C].number, 20600 - 2 + 5);
	assert_int_equal(g->row[INCIDENTS_FINAL_DUE_C].number, 20600 - 2 + 30);
	assert_int_equal(g->row[INCIDENTS_MISSING_C].number,
	        1 << INCIDENT_FACTS | 1 << INCIDENT_EFFECT | 1 << INCIDENT_MEASURES |
	                1 << INCIDENT_PREVENTION | 1 << INCIDENT_REPORT);
	assert_int_equal(report(g, REPORT_TO_NONE, "", ""), QUERY_INVALID);
	assert_int_equal(report(g, REPORT_TO_NONE, "", "本人の数が0人"), QUERY_DONE);
	assert_int_equal(incident(g)[INCIDENTS_STATE_C].number, INCIDENT_STATE_OPEN);
	assert_int_equal(g->row[INCIDENTS_FINAL_DUE_C].type, CELL_NONE);
	assert_int_equal(report(g, REPORT_TO_ROUTE, "", ""), QUERY_INVALID); /* to whom? */
	assert_int_equal(report(g, REPORT_TO_ROUTE, "総括責任者", ""), QUERY_DONE);
	assert_int_equal(incident(g)[INCIDENTS_STATE_C].number, INCIDENT_STATE_REPORTED);
	assert_int_equal(g->row[INCIDENTS_REPORTED_C].number, now - DAY_MS);
}

/* All that has to be said before it can be closed. */
static void say_all(struct StoreRig *g)
{
	static const int64_t kinds[] = {INCIDENT_EFFECT, INCIDENT_MEASURES, INCIDENT_PREVENTION};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		assert_int_equal(add(g, kinds[i], "本文"), QUERY_DONE);
	assert_int_equal(report(g, REPORT_TO_FIRST, "個人情報保護委員会", ""), QUERY_DONE);
	assert_int_equal(incident(g)[INCIDENTS_FIRST_DUE_C].type, CELL_NONE);
	assert_int_equal(g->row[INCIDENTS_MISSING_C].number, 1 << INCIDENT_REPORT);
	assert_int_equal(report(g, REPORT_TO_FINAL, "個人情報保護委員会", ""), QUERY_DONE);
}

static void another_person_closes_it_when_everything_is_said(void **state)
{
	struct StoreRig *g = *state;

	store_rig_as(g, "chief1");
	assert_int_equal(open_one(g, "窓口で見当たらない"), QUERY_DONE);
	store_rig_as(g, "auditor1");
	assert_int_equal(finish(g, 1, "完了"), QUERY_REFUSED);
	store_rig_as(g, "kato");
	assert_int_equal(finish(g, 1, "完了"), QUERY_FORBIDDEN);
	say_all(g);
	store_rig_as(g, "chief1");
	assert_int_equal(finish(g, 1, "完了"), QUERY_FORBIDDEN);
	store_rig_as(g, "auditor1");
	assert_int_equal(finish(g, 1, ""), QUERY_INVALID);
	assert_int_equal(finish(g, 1, "再発防止策を確認"), QUERY_DONE);
	assert_int_equal(incident(g)[INCIDENTS_STATE_C].number, INCIDENT_STATE_CLOSED);
	assert_string_equal(g->row[INCIDENTS_CLOSED_BY_C].text, "auditor1");
	assert_int_equal(add(g, INCIDENT_NOTE, "追記"), QUERY_REFUSED);
	assert_int_equal(finish(g, 1, "もう一度"), QUERY_REFUSED);
	assert_int_equal(RIG_ASK(g, QUERY_INCIDENTS, NONE, CELL_OF_NUMBER(1)), QUERY_DONE);
	assert_int_equal(g->answer.rows, 0);
}

static void what_was_opened_again_can_be_closed_again_and_both_are_kept(void **state)
{
	struct StoreRig *g = *state;

	store_rig_as(g, "kato");
	assert_int_equal(open_one(g, "窓口で見当たらない"), QUERY_DONE);
	say_all(g);
	store_rig_as(g, "chief1");
	assert_int_equal(finish(g, 1, "完了"), QUERY_DONE);
	assert_int_equal(finish(g, 0, "新しい事実"), QUERY_DONE);
	assert_int_equal(incident(g)[INCIDENTS_STATE_C].number, INCIDENT_STATE_REPORTED);
	assert_int_equal(g->row[INCIDENTS_CLOSED_C].type, CELL_NONE);
	assert_int_equal(add(g, INCIDENT_FACTS, "棚の裏で見付かった"), QUERY_DONE);
	assert_int_equal(finish(g, 1, "完了"), QUERY_DONE);
	assert_int_equal(RIG_ASK(g, QUERY_INCIDENT_LIST, CELL_OF_NUMBER(1)), QUERY_DONE);
	assert_int_equal(g->answer.rows, 10);
	assert_int_equal(g->row[INCIDENT_LIST_KIND_C].number, INCIDENT_FACTS);
	assert_string_equal(g->row[INCIDENT_LIST_WORDS_C].text, "窓口で見当たらない");
}

static void an_entry_has_what_its_kind_needs(void **state)
{
	struct StoreRig *g = *state;

	store_rig_as(g, "kato");
	assert_int_equal(add(g, INCIDENT_FACTS, "x"), QUERY_REFUSED); /* no such incident */
	assert_int_equal(open_one(g, ""), QUERY_DONE);
	assert_int_equal(add(g, INCIDENT_FACTS, ""), QUERY_INVALID);
	assert_int_equal(add(g, INCIDENT_CLOSED, "x"), QUERY_INVALID);
	assert_int_equal(add(g, 0, "x"), QUERY_INVALID);
	assert_int_equal(add(g, INT64_MAX, "x"), QUERY_INVALID);
	assert_int_equal(add(g, INCIDENT_REPORT, "x"), QUERY_INVALID); /* to whom? */
	assert_int_equal(report(g, 99, "x", ""), QUERY_INVALID);
	assert_int_equal(add(g, INCIDENT_MEDIUM, "x"), QUERY_INVALID); /* which? */
	assert_int_equal(RIG_ASK(g, QUERY_INCIDENT_ADD, CELL_OF_NUMBER(1), CELL_OF_NUMBER(INCIDENT_MEDIUM),
	                         NONE, NONE, cell_text("USB-0007")),
	        QUERY_DONE);
	assert_int_equal(RIG_ASK(g, QUERY_INCIDENT_ADD, CELL_OF_NUMBER(1), CELL_OF_NUMBER(INCIDENT_FACTS),
	                         CELL_OF_NUMBER(now + 10 * 60000), NONE, NONE, NONE, cell_text("x")),
	        QUERY_INVALID);
}

static void a_record_is_named_so_that_it_is_found_after_a_new_import(void **state)
{
	struct StoreRig *g = *state;
	static const char ledger[] =
	        "INSERT INTO ledgers (id, origin, terminal, year, vkey, since, heard) VALUES"
	        " (3, 'example.city/T-101/2026', 'T-101', 2026, 'k', 0, 0);"
	        "INSERT INTO records (id, t, terminal, kind, place, size, local_t) VALUES"
	        " ((3 << 36) + 41, 0, 1, 1, 0, 0, 0);";

	store_rig_as(g, "kato");
	assert_int_equal(open_one(g, ""), QUERY_DONE);
	assert_true(db_run(g->server.take.db, ledger) >= 0);
	assert_int_equal(RIG_ASK(g, QUERY_INCIDENT_ADD, CELL_OF_NUMBER(1), CELL_OF_NUMBER(INCIDENT_RECORD),
	                         NONE, NONE, NONE, CELL_OF_NUMBER(RECORD_ID(3, 42))),
	        QUERY_REFUSED);
	assert_int_equal(RIG_ASK(g, QUERY_INCIDENT_ADD, CELL_OF_NUMBER(1), CELL_OF_NUMBER(INCIDENT_RECORD),
	                         NONE, NONE, NONE, CELL_OF_NUMBER(RECORD_ID(3, 41))),
	        QUERY_DONE);
	assert_int_equal(RIG_ASK(g, QUERY_INCIDENT_LIST, CELL_OF_NUMBER(1)), QUERY_DONE);
	assert_string_equal(g->row[INCIDENT_LIST_ABOUT_C].text, "example.city/T-101/2026#41");
	assert_int_equal(g->row[INCIDENT_LIST_RECORD_C].number, RECORD_ID(3, 41));
	/* taken in anew it has another place */
	assert_true(db_run(g->server.take.db, "UPDATE ledgers SET id = 9") >= 0);
	assert_int_equal(RIG_ASK(g, QUERY_INCIDENT_LIST, CELL_OF_NUMBER(1)), QUERY_DONE);
	assert_int_equal(g->row[INCIDENT_LIST_RECORD_C].number, RECORD_ID(9, 41));
}

static void no_individual_number_is_kept(void **state)
{
	struct StoreRig *g = *state;

	store_rig_as(g, "kato");
	assert_int_equal(open_one(g, "番号 １２３４５６７８９０１８ の方\n1234-5678-9018"), QUERY_DONE);
	assert_int_equal(RIG_ASK(g, QUERY_INCIDENT_LIST, CELL_OF_NUMBER(1)), QUERY_DONE);
	assert_string_equal(
	        g->row[INCIDENT_LIST_WORDS_C].text, "番号 ＊＊＊＊＊＊＊＊＊＊＊＊ の方\n****-****-****");
}

static void what_no_record_could_hold_is_not_taken(void **state)
{
	struct StoreRig *g = *state;
	char text[1600] = "";

	store_rig_as(g, "kato");
	assert_int_equal(open_one(g, ""), QUERY_DONE);
	memset(text, 'x', 1500);
	assert_int_equal(add(g, INCIDENT_FACTS, text), QUERY_DONE);
	text[1500] = 'x';
	assert_int_equal(add(g, INCIDENT_FACTS, text), QUERY_INVALID);
	/* each takes six bytes in a line of the ledger */
	for (size_t i = 0; i < 1500; i++)
		text[i] = i % 3 ? '\n' : 'x';
	text[1499] = 'x';
	text[1500] = '\0';
	assert_int_equal(add(g, INCIDENT_FACTS, text), QUERY_INVALID);
}

/* ------------------------------------------------------------------ findings */

static enum QueryOutcome find(struct StoreRig *g, const char *owner, int64_t due)
{
	return RIG_ASK(g, QUERY_FINDING_OPEN, cell_text("令和8年度 定期監査"),
	        cell_text("持出記録簿に空欄がある"), cell_text(owner), CELL_OF_NUMBER(due));
}

static enum QueryOutcome finding_add(struct StoreRig *g, int64_t kind, const char *words)
{
	return RIG_ASK(g, QUERY_FINDING_ADD, CELL_OF_NUMBER(1), CELL_OF_NUMBER(kind), cell_text(words));
}

static enum QueryOutcome confirm(struct StoreRig *g, int64_t good, const char *words)
{
	return RIG_ASK(g, QUERY_FINDING_CONFIRM, CELL_OF_NUMBER(1), CELL_OF_NUMBER(good), cell_text(words));
}

static int64_t finding_state(struct StoreRig *g)
{
	assert_int_equal(RIG_ASK(g, QUERY_FINDINGS, CELL_OF_NUMBER(1)), QUERY_DONE);
	assert_int_equal(g->answer.rows, 1);
	return g->row[FINDINGS_STATE_C].number;
}

static void a_finding_goes_from_its_auditor_to_its_owner_and_back(void **state)
{
	struct StoreRig *g = *state;

	store_rig_as(g, "chief1");
	assert_int_equal(find(g, "kato", 20601), QUERY_FORBIDDEN);
	store_rig_as(g, "auditor1");
	assert_int_equal(find(g, "admin1", 20601), QUERY_INVALID);
	assert_int_equal(find(g, "kato", 0), QUERY_INVALID);
	assert_int_equal(find(g, "kato", 20600), QUERY_DONE);
	assert_int_equal(finding_state(g), FINDING_STATE_OPEN);
	assert_int_equal(finding_add(g, FINDING_PROOF, "x"), QUERY_FORBIDDEN);
	assert_int_equal(finding_add(g, FINDING_NOTE, "x"), QUERY_DONE);
	assert_int_equal(confirm(g, 1, "x"), QUERY_REFUSED);
	store_rig_as(g, "kato");
	assert_int_equal(finding_add(g, FINDING_CONFIRMED, "x"), QUERY_INVALID);
	assert_int_equal(finding_add(g, FINDING_MEASURES, "様式を改める"), QUERY_DONE);
	assert_int_equal(finding_add(g, FINDING_PROOF, "改めた様式を添付"), QUERY_DONE);
	assert_int_equal(finding_state(g), FINDING_STATE_PROVED);
	assert_int_equal(confirm(g, 1, "x"), QUERY_FORBIDDEN);
	store_rig_as(g, "auditor1");
	assert_int_equal(confirm(g, 0, ""), QUERY_INVALID);
	assert_int_equal(confirm(g, 0, "一部が空欄のまま"), QUERY_DONE);
	assert_int_equal(finding_state(g), FINDING_STATE_OPEN);
	store_rig_as(g, "kato");
	assert_int_equal(finding_add(g, FINDING_PROOF, "全件を確認"), QUERY_DONE);
	store_rig_as(g, "auditor1");
	assert_int_equal(confirm(g, 1, "確認した"), QUERY_DONE);
	assert_int_equal(finding_state(g), FINDING_STATE_CONFIRMED);
	assert_string_equal(g->row[FINDINGS_MEASURES_C].text, "様式を改める");
	assert_string_equal(g->row[FINDINGS_PROOF_C].text, "全件を確認");
	assert_int_equal(finding_add(g, FINDING_NOTE, "x"), QUERY_REFUSED);
	assert_int_equal(RIG_ASK(g, QUERY_FINDING_LIST, CELL_OF_NUMBER(1)), QUERY_DONE);
	assert_int_equal(g->answer.rows, 6);
}

static void a_finding_is_overdue_the_day_after_its_date(void **state)
{
	struct StoreRig *g = *state;

	store_rig_as(g, "auditor1");
	assert_int_equal(find(g, "kato", 20599), QUERY_DONE);
	assert_int_equal(finding_state(g), FINDING_STATE_OVERDUE);
	store_rig_as(g, "chief1");
	assert_int_equal(finding_add(g, FINDING_PROOF, "代わって提出"), QUERY_DONE);
	assert_int_equal(finding_state(g), FINDING_STATE_PROVED);
}

static void who_owns_a_finding_does_not_confirm_it(void **state)
{
	struct StoreRig *g = *state;

	store_rig_as(g, "auditor1");
	assert_int_equal(find(g, "auditor1", 20601), QUERY_DONE);
	assert_int_equal(finding_add(g, FINDING_PROOF, "x"), QUERY_DONE);
	assert_int_equal(confirm(g, 1, "x"), QUERY_FORBIDDEN);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        CASE(the_chief_keeps_the_route_and_each_step_has_a_deputy),
	        CASE(a_step_that_ended_stays_readable),
	        CASE(an_incident_is_open_until_somebody_was_told),
	        CASE(another_person_closes_it_when_everything_is_said),
	        CASE(what_was_opened_again_can_be_closed_again_and_both_are_kept),
	        CASE(an_entry_has_what_its_kind_needs),
	        CASE(a_record_is_named_so_that_it_is_found_after_a_new_import),
	        CASE(no_individual_number_is_kept),
	        CASE(what_no_record_could_hold_is_not_taken),
	        CASE(a_finding_goes_from_its_auditor_to_its_owner_and_back),
	        CASE(a_finding_is_overdue_the_day_after_its_date),
	        CASE(who_owns_a_finding_does_not_confirm_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
