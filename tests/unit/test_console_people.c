/* SPDX-License-Identifier: Apache-2.0 */
/* Who may ask the store: links, passwords, sessions, roles. */
#include "console_rig.h"
#include "secret.h"
#include "statements.h"
#include "str.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <sys/socket.h>

static int64_t later; /* milliseconds that the clock is ahead */

int64_t __real_clock_now(void);
int64_t __wrap_clock_now(void);

int64_t __wrap_clock_now(void)
{
	return __real_clock_now() + later;
}

static int set_up(void **state)
{
	later = 0;
	*state = store_rig_new();
	return 0;
}

static int tear_down(void **state)
{
	*state = store_rig_free(*state);
	return 0;
}

static void every_statement_can_be_prepared(void **state)
{
	struct StoreRig *g = *state;

	for (size_t i = 0; i < _SQL_N; i++)
		assert_non_null(db_statement(g->server.ledgers, i));
	for (size_t i = 0; i < _PSQL_N; i++)
		assert_non_null(db_statement(g->server.people, i));
}

static void every_reading_query_answers_on_an_empty_store(void **state)
{
	struct StoreRig *g = *state;

	store_rig_admin(g);
	for (size_t i = 0; query_at(i); i++) {
		const struct QueryRow *row = query_at(i);
		bool about_one = row->query == QUERY_RECORD || row->query == QUERY_PROOF;

		if (row->query < QUERY_COUNTS)
			continue;
		if (!(row->who & ROLE_ADMINISTRATOR))
			assert_int_equal(RIG_ASK_ALONE(g, row->query), QUERY_FORBIDDEN);
		else if (row->query == QUERY_CHOICES)
			assert_int_equal(RIG_ASK(g, row->query, cell_text("actor")), QUERY_DONE);
		else
			assert_int_equal(
			        RIG_ASK_ALONE(g, row->query), about_one ? QUERY_REFUSED : QUERY_DONE);
	}
}

static void reviews_are_no_matter_of_who_administers(void **state)
{
	static const enum Query reads[] = {QUERY_HITS, QUERY_HIT_RECORDS, QUERY_PLANS, QUERY_REVIEWS};
	struct StoreRig *g = *state;

	store_rig_admin(g);
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_REVIEWS), QUERY_FORBIDDEN);
	assert_true(db_run(g->server.people, "UPDATE accounts SET role = 2") >= 0);
	for (size_t i = 0; i < ARRAY_SIZE(reads); i++)
		assert_int_equal(RIG_ASK_ALONE(g, reads[i]), QUERY_DONE);
	/* a supervisor looks, and neither plans nor confirms */
	assert_int_equal(RIG_ASK(g, QUERY_PLAN_ADD, cell_text("x"), CELL_OF_NUMBER(1), CELL_OF_NUMBER(20544),
	                         cell_text("")),
	        QUERY_FORBIDDEN);
	assert_int_equal(RIG_ASK(g, QUERY_CONFIRM, CELL_OF_NUMBER(1), CELL_OF_NUMBER(20544),
	                         CELL_OF_NUMBER(1), cell_text("")),
	        QUERY_FORBIDDEN);
}

static void nobody_decides_about_themselves(void **state)
{
	struct StoreRig *g = *state;

	store_rig_admin(g);
	assert_true(db_run(g->server.people, "UPDATE accounts SET role = 2") >= 0);
	assert_true(db_run(g->server.take.db,
	                    "INSERT INTO hits VALUES ('h1', 1, 20544, 0, 'admin1', 'T', '', 1, 0, 1),"
	                    " ('h2', 1, 20544, 0, 'other', 'T', '', 1, 0, 1)") >= 0);
	assert_int_equal(
	        RIG_ASK(g, QUERY_DECIDE, cell_text("h1"), CELL_OF_NUMBER(HIT_ORDINARY), cell_text("")),
	        QUERY_FORBIDDEN);
	assert_int_equal(RIG_ASK(g, QUERY_DECIDE, cell_text("h2"), CELL_OF_NUMBER(HIT_FOLLOW), cell_text("")),
	        QUERY_INVALID);
	assert_int_equal(
	        RIG_ASK(g, QUERY_DECIDE, cell_text("h2"), CELL_OF_NUMBER(HIT_ORDINARY), cell_text("")),
	        QUERY_DONE);
	assert_int_equal(
	        RIG_ASK(g, QUERY_DECIDE, cell_text("h3"), CELL_OF_NUMBER(HIT_ORDINARY), cell_text("")),
	        QUERY_REFUSED);
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_HITS), QUERY_DONE);
	assert_int_equal(g->answer.rows, 2);
	assert_int_equal(g->row[HITS_DECISION_C].type, CELL_NONE);
}

static void nothing_is_told_without_a_session(void **state)
{
	struct StoreRig *g = *state;

	for (size_t i = 0; query_at(i); i++)
		if (query_at(i)->who != QUERY_OPEN)
			assert_int_equal(RIG_ASK_ALONE(g, query_at(i)->query), QUERY_NO_SESSION);
	STR_SET(g->token, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_WHO), QUERY_NO_SESSION);
}

static enum QueryOutcome link_use(struct StoreRig *g, const char *link, const char *password)
{
	return RIG_ASK(g, QUERY_LINK_USE, cell_text(link), cell_text("admin1"), cell_text("管理者"),
	        cell_text(password));
}

static void the_first_link_works_once_and_only_while_there_is_no_account(void **state)
{
	struct StoreRig *g = *state;
	char link[TOKEN_MOST], again[TOKEN_MOST];

	assert_int_equal(people_first_link(&g->server, link), 0);
	assert_int_equal(link_use(g, link, "a long enough password"), QUERY_DONE);
	assert_int_equal(link_use(g, link, "a long enough password"), QUERY_REFUSED);
	assert_int_equal(people_first_link(&g->server, again), 1);
}

static void a_link_ends_after_a_day(void **state)
{
	struct StoreRig *g = *state;
	char link[TOKEN_MOST];

	assert_int_equal(people_first_link(&g->server, link), 0);
	later = LINK_MS - 1000;
	assert_int_equal(RIG_ASK(g, QUERY_LINK, cell_text(link)), QUERY_DONE);
	later = LINK_MS + 1000;
	assert_int_equal(RIG_ASK(g, QUERY_LINK, cell_text(link)), QUERY_REFUSED);
}

static void a_session_ends_when_idle_and_lives_when_used(void **state)
{
	struct StoreRig *g = *state;

	store_rig_admin(g);
	for (int i = 0; i < 4; i++) {
		later += IDLE_MS - 60000;
		assert_int_equal(RIG_ASK_ALONE(g, QUERY_WHO), QUERY_DONE);
	}
	assert_string_equal(g->row[WHO_LOGIN_C].text, "admin1");
	later += IDLE_MS + 60000;
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_WHO), QUERY_NO_SESSION);
}

static void signing_out_everywhere_ends_every_session(void **state)
{
	struct StoreRig *g = *state;
	char first[TOKEN_MOST], second[TOKEN_MOST];

	store_rig_admin(g);
	STR_SET(first, g->token);
	assert_int_equal(RIG_ASK(g, QUERY_SIGN_IN, cell_text("admin1"), cell_text("a long enough password")),
	        QUERY_DONE);
	STR_SET(second, g->row[SIGN_IN_TOKEN_C].text);
	STR_SET(g->token, first);
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_SIGN_OUT_ALL), QUERY_DONE);
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_WHO), QUERY_NO_SESSION);
	STR_SET(g->token, second);
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_WHO), QUERY_NO_SESSION);
}

static void signing_out_ends_one_session(void **state)
{
	struct StoreRig *g = *state;
	char first[TOKEN_MOST];

	store_rig_admin(g);
	STR_SET(first, g->token);
	assert_int_equal(RIG_ASK(g, QUERY_SIGN_IN, cell_text("admin1"), cell_text("a long enough password")),
	        QUERY_DONE);
	STR_SET(g->token, g->row[SIGN_IN_TOKEN_C].text);
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_SIGN_OUT), QUERY_DONE);
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_WHO), QUERY_NO_SESSION);
	STR_SET(g->token, first);
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_WHO), QUERY_DONE);
}

static void ten_wrong_passwords_lock_an_account_for_a_while(void **state)
{
	struct StoreRig *g = *state;

	store_rig_admin(g);
	for (int i = 0; i < 10; i++)
		assert_int_equal(
		        RIG_ASK(g, QUERY_SIGN_IN, cell_text("admin1"), cell_text("wrong")), QUERY_REFUSED);
	assert_int_equal(RIG_ASK(g, QUERY_SIGN_IN, cell_text("admin1"), cell_text("a long enough password")),
	        QUERY_LATER);
	later = 16 * 60000;
	assert_int_equal(RIG_ASK(g, QUERY_SIGN_IN, cell_text("admin1"), cell_text("a long enough password")),
	        QUERY_DONE);
}

static void every_sign_in_is_kept_and_a_mistyped_name_is_not(void **state)
{
	struct StoreRig *g = *state;

	store_rig_admin(g);
	assert_int_equal(
	        RIG_ASK(g, QUERY_SIGN_IN, cell_text("my password, mistyped"), cell_text("x")), QUERY_REFUSED);
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_SIGN_INS), QUERY_DONE);
	assert_int_equal(g->answer.rows, 3); /* password set, in, refused */
	assert_string_equal(g->row[SIGN_INS_WHAT_C].text, "refused");
	assert_string_equal(g->row[SIGN_INS_LOGIN_C].text, "");
}

static void a_role_is_asked_for_each_query(void **state)
{
	struct StoreRig *g = *state;

	store_rig_admin(g);
	store_rig_account(g, "supervisor1", ROLE_SUPERVISOR);
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_COUNTS), QUERY_DONE);
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_ACCOUNTS), QUERY_FORBIDDEN);
	assert_int_equal(RIG_ASK(g, QUERY_ACCOUNT_ADD, cell_text("x"), cell_text("x"),
	                         CELL_OF_NUMBER(ROLE_ADMINISTRATOR)),
	        QUERY_FORBIDDEN);
}

static void a_closed_account_is_out_at_once(void **state)
{
	struct StoreRig *g = *state;
	char admin[TOKEN_MOST], other[TOKEN_MOST];

	store_rig_admin(g);
	STR_SET(admin, g->token);
	store_rig_account(g, "auditor1", ROLE_AUDITOR);
	STR_SET(other, g->token);
	STR_SET(g->token, admin);
	assert_int_equal(
	        RIG_ASK(g, QUERY_ACCOUNT_CHANGE, cell_text("auditor1"), cell_text(NULL), CELL_OF_NUMBER(1)),
	        QUERY_DONE);
	STR_SET(g->token, other);
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_WHO), QUERY_NO_SESSION);
	assert_int_equal(
	        RIG_ASK(g, QUERY_SIGN_IN, cell_text("auditor1"), cell_text("又別の長い合言葉です、はい")),
	        QUERY_REFUSED);
}

static void nobody_changes_the_own_role(void **state)
{
	struct StoreRig *g = *state;

	store_rig_admin(g);
	assert_int_equal(RIG_ASK(g, QUERY_ACCOUNT_CHANGE, cell_text("admin1"), CELL_OF_NUMBER(ROLE_CHIEF)),
	        QUERY_FORBIDDEN);
}

static void a_plain_password_is_not_taken(void **state)
{
	static const char *const bad[] = {
	        "short", "aaaaaaaaaaaaaaaa", "admin1admin1admin1", "abababababababab"};
	struct StoreRig *g = *state;
	char link[TOKEN_MOST];

	assert_int_equal(people_first_link(&g->server, link), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(RIG_ASK(g, QUERY_LINK_USE, cell_text(link), cell_text("admin1"),
		                         cell_text("管理者"), cell_text(bad[i])),
		        QUERY_INVALID);
}

static void no_password_and_no_token_lies_in_the_file(void **state)
{
	struct StoreRig *g = *state;
	static char bytes[4 << 20];
	char path[128];
	FILE *f;
	size_t n;

	store_rig_admin(g);
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/people.db%s", g->path, i ? "-wal" : "");
		f = fopen(path, "r");
		assert_non_null(f);
		n = fread(bytes, 1, sizeof(bytes), f);
		fclose(f);
		assert_null(memmem(bytes, n, "a long enough password", 22));
		assert_null(memmem(bytes, n, g->token, 43));
		if (i)
			assert_non_null(memmem(bytes, n, "scrypt:", 7));
	}
}

static void what_cannot_be_recorded_does_not_happen(void **state)
{
	struct StoreRig *g = *state;
	int pair[2];

	store_rig_admin(g);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	close(pair[1]);
	g->server.acts.fd = pair[0];
	assert_int_equal(RIG_ASK(g, QUERY_SIGN_IN, cell_text("admin1"), cell_text("a long enough password")),
	        QUERY_FAILED);
	assert_int_equal(
	        RIG_ASK(g, QUERY_ACCOUNT_ADD, cell_text("x"), cell_text("x"), CELL_OF_NUMBER(ROLE_AUDITOR)),
	        QUERY_FAILED);
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_ACCOUNTS), QUERY_DONE);
	assert_int_equal(g->answer.rows, 1);
	assert_int_equal(g->row[ACCOUNTS_SESSIONS_C].number, 1);
}

/* A list and the parameters that its next page is asked for by, with their columns. */
struct List {
	enum Query query;
	struct Cell first[QUERY_CELLS_MOST]; /* what is asked beside the keys */
	size_t n_keys;
	struct {
		int param, column;
	} keys[2];
	int number; /* a column that tells the rows apart */
};

/* Page after page of 100 rows: how many there were, and the sum of what tells them apart. */
static size_t follow(struct StoreRig *g, const struct List *l, int64_t *ret_sum)
{
	static char texts[2][64];
	const struct QueryRow *query = query_row((uint32_t)l->query);
	struct Cell cells[QUERY_CELLS_MOST];
	size_t rows = 0, pages = 0;

	memcpy(cells, l->first, sizeof(cells));
	for (*ret_sum = 0;; pages++) {
		bool there;

		assert_int_equal(store_rig_ask(g, l->query, cells, query->n_params), QUERY_DONE);
		assert_true(pages < 10 && (g->answer.rows == 100 || !g->answer.more));
		for (there = g->answer.rows; there; there = answer_next(&g->answer, g->row)) {
			rows++;
			*ret_sum += g->row[l->number].number;
		}
		if (!g->answer.more)
			return rows;
		for (size_t i = 0; i < l->n_keys; i++) {
			struct Cell key = g->row[l->keys[i].column];

			if (key.type == CELL_TEXT) {
				STR_SET(texts[i], key.text);
				key.text = texts[i];
			}
			cells[l->keys[i].param] = key;
		}
	}
}

#define MANY "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 250) "

static void every_list_leads_to_its_end(void **state)
{
	struct StoreRig *g = *state;
	const struct List lists[] = {
	        {QUERY_ACCOUNTS, {}, 1, {{ACCOUNTS_AFTER_LOGIN_P, ACCOUNTS_LOGIN_C}},
	                ACCOUNTS_LAST_SIGN_IN_C},
	        {QUERY_DAYS, {}, 1, {{DAYS_AFTER_DAY_P, DAYS_DAY_C}}, DAYS_DAY_C},
	        {QUERY_DAYS, {[DAYS_LEDGER_P] = CELL_OF_NUMBER(7)}, 1, {{DAYS_AFTER_DAY_P, DAYS_DAY_C}},
	                DAYS_DAY_C},
	        {QUERY_LEDGERS, {}, 2,
	                {{LEDGERS_AFTER_TERMINAL_P, LEDGERS_TERMINAL_C}, {LEDGERS_AFTER_ID_P, LEDGERS_ID_C}},
	                LEDGERS_ID_C},
	        {QUERY_LEDGERS, {[LEDGERS_ALARM_P] = CELL_OF_NUMBER(1)}, 2,
	                {{LEDGERS_AFTER_TERMINAL_P, LEDGERS_TERMINAL_C}, {LEDGERS_AFTER_ID_P, LEDGERS_ID_C}},
	                LEDGERS_ID_C},
	};

	store_rig_admin(g);
	assert_true(db_run(g->server.people, "DELETE FROM accounts WHERE login <> 'admin1'") >= 0);
	assert_true(db_run(g->server.people, "UPDATE accounts SET last_sign_in = 0") >= 0);
	assert_true(db_run(g->server.people, MANY "INSERT INTO accounts (login, name, role, last_sign_in) "
	                                          "SELECT 'who' || i, 'x', 2, i FROM c") >= 0);
	assert_true(db_run(g->server.take.db, MANY "INSERT INTO hours SELECT i, 9, 1, 1, 0, 0 FROM c") >= 0);
	assert_true(db_run(g->server.take.db, MANY "INSERT INTO days SELECT 7, i, 1, 1, 0, 0 FROM c") >= 0);
	/* verdicts and moments that many share: the number is what tells them apart */
	assert_true(
	        db_run(g->server.take.db, MANY
	                "INSERT INTO ledgers (id, origin, terminal, year, vkey, verdict, since, heard) "
	                "SELECT i, 'o' || i, 'T-' || (i % 9), 2026, 'k', 1 + i % 3, i % 2, 1 FROM c") >= 0);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		int64_t sum;

		assert_int_equal(follow(g, &lists[i], &sum), 250 + (lists[i].query == QUERY_ACCOUNTS));
		assert_int_equal(sum, 250 * 251 / 2);
	}
}

/* The administrator's token for a program; its session is in g->token afterwards. */
static void program(struct StoreRig *g, int64_t days)
{
	assert_int_equal(
	        RIG_ASK(g, QUERY_TOKEN_ADD, cell_text("夜間集計"), CELL_OF_NUMBER(days)), QUERY_DONE);
	STR_SET(g->token, g->row[TOKEN_ADD_TOKEN_C].text);
}

static void a_token_reads_what_the_ledgers_say_and_does_nothing(void **state)
{
	struct StoreRig *g = *state;
	size_t reads = 0;

	store_rig_admin(g);
	program(g, 30);
	for (size_t i = 0; query_at(i); i++) {
		const struct QueryRow *row = query_at(i);
		enum QueryOutcome outcome;

		if (row->who == QUERY_OPEN)
			continue;
		outcome = row->query == QUERY_CHOICES ? RIG_ASK(g, row->query, cell_text("actor"))
		                                      : RIG_ASK_ALONE(g, row->query);
		if (row->who & QUERY_PROGRAM) {
			bool about_one = row->query == QUERY_RECORD || row->query == QUERY_PROOF;

			assert_int_equal(outcome, about_one ? QUERY_REFUSED : QUERY_DONE);
			reads++;
		} else
			assert_int_equal(outcome, QUERY_FORBIDDEN);
	}
	assert_int_equal(reads, 15);
	/* what it may is written beside each question; none of those changes anything or is about people */
	assert_true(query_row(QUERY_HISTORY)->who & QUERY_PROGRAM);
	for (size_t i = 0; query_at(i); i++)
		if (query_at(i)->who & QUERY_PROGRAM)
			assert_true(query_at(i)->n_columns && (query_at(i)->who & QUERY_READ) == QUERY_READ);
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_WHO), QUERY_DONE);
	assert_int_equal(g->row[WHO_ROLE_C].number, QUERY_PROGRAM);
	assert_string_equal(g->row[WHO_LOGIN_C].text, "");
	assert_string_equal(g->row[WHO_CSRF_C].text, "");
}

static void a_token_lasts_until_its_day_or_until_it_is_revoked(void **state)
{
	struct StoreRig *g = *state;
	char admin[TOKEN_MOST], token[TOKEN_MOST];

	store_rig_admin(g);
	STR_SET(admin, g->token);
	program(g, 30);
	STR_SET(token, g->token);
	later = 29 * 86400000LL; /* no session lasts so long without use */
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_COUNTS), QUERY_DONE);
	later += 2 * 86400000LL;
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_COUNTS), QUERY_NO_SESSION);
	later = 0;
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_COUNTS), QUERY_DONE);
	STR_SET(g->token, admin);
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_TOKENS), QUERY_DONE);
	assert_string_equal(g->row[TOKENS_NAME_C].text, "夜間集計");
	assert_string_equal(g->row[TOKENS_BY_C].text, "admin1");
	assert_int_equal(g->row[TOKENS_USED_C].type, CELL_NUMBER);
	assert_int_equal(RIG_ASK(g, QUERY_TOKEN_END, CELL_OF_NUMBER(99)), QUERY_REFUSED);
	assert_int_equal(RIG_ASK(g, QUERY_TOKEN_END, CELL_OF_NUMBER(1)), QUERY_DONE);
	assert_int_equal(RIG_ASK(g, QUERY_TOKEN_END, CELL_OF_NUMBER(1)), QUERY_REFUSED);
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_TOKENS), QUERY_DONE);
	assert_string_equal(g->row[TOKENS_ENDED_BY_C].text, "admin1");
	STR_SET(g->token, token);
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_COUNTS), QUERY_NO_SESSION);
}

/* Whether the files of the people's database hold these bytes. */
static bool store_holds(const struct StoreRig *g, const char *text)
{
	static const char *const files[] = {"people.db", "people.db-wal"};
	static char bytes[8 << 20];
	bool held = false;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char path[128];
		FILE *f;
		size_t n;

		snprintf(path, sizeof(path), "%s/%s", g->path, files[i]);
		f = fopen(path, "r");
		assert_non_null(f);
		n = fread(bytes, 1, sizeof(bytes), f);
		assert_true(n < sizeof(bytes));
		fclose(f);
		held |= memmem(bytes, n, text, strlen(text)) != NULL;
	}
	return held;
}

static void a_token_is_for_a_named_program_and_for_a_year_at_most(void **state)
{
	static const int64_t days[] = {0, -1, 367, INT64_MAX};
	struct StoreRig *g = *state;
	char name[200];

	store_rig_admin(g);
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(days); i++)
		assert_int_equal(
		        RIG_ASK(g, QUERY_TOKEN_ADD, cell_text("x"), CELL_OF_NUMBER(days[i])), QUERY_INVALID);
	assert_int_equal(RIG_ASK(g, QUERY_TOKEN_ADD, cell_text(" "), CELL_OF_NUMBER(1)), QUERY_INVALID);
	assert_int_equal(RIG_ASK(g, QUERY_TOKEN_ADD, cell_text("a\nb"), CELL_OF_NUMBER(1)), QUERY_INVALID);
	assert_int_equal(RIG_ASK(g, QUERY_TOKEN_ADD, cell_text(name), CELL_OF_NUMBER(1)), QUERY_INVALID);
	assert_int_equal(RIG_ASK(g, QUERY_TOKEN_ADD, cell_text("x"), CELL_OF_NUMBER(366)), QUERY_DONE);
	/* only its digest is kept */
	assert_false(store_holds(g, g->row[TOKEN_ADD_TOKEN_C].text));
	assert_true(token_digest(g->row[TOKEN_ADD_TOKEN_C].text, name) >= 0);
	assert_true(store_holds(g, name));
	store_rig_account(g, "auditor1", ROLE_AUDITOR);
	assert_int_equal(RIG_ASK(g, QUERY_TOKEN_ADD, cell_text("x"), CELL_OF_NUMBER(1)), QUERY_FORBIDDEN);
	assert_int_equal(RIG_ASK(g, QUERY_TOKEN_END, CELL_OF_NUMBER(1)), QUERY_FORBIDDEN);
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_TOKENS), QUERY_DONE);
}

static enum QueryOutcome change_password(struct StoreRig *g, const char *old, const char *new)
{
	return RIG_ASK(g, QUERY_PASSWORD, cell_text(old), cell_text(new), cell_text("192.0.2.7"));
}

static void a_new_password_ends_the_other_sessions(void **state)
{
	static const char old[] = "a long enough password", new[] = "another good password";
	struct StoreRig *g = *state;
	char here[TOKEN_MOST];

	store_rig_admin(g);
	STR_SET(here, g->token);
	assert_int_equal(RIG_ASK(g, QUERY_SIGN_IN, cell_text("admin1"), cell_text(old)), QUERY_DONE);
	STR_SET(g->token, g->row[SIGN_IN_TOKEN_C].text);
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_WHO), QUERY_DONE);
	assert_int_equal(change_password(g, old, "short"), QUERY_INVALID);
	STR_SET(g->token, here);
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_WHO), QUERY_DONE);
	/* another's stay */
	store_rig_account(g, "auditor1", ROLE_AUDITOR);
	assert_int_equal(change_password(g, "又別の長い合言葉です、はい", new), QUERY_DONE);
	STR_SET(g->token, here);
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_WHO), QUERY_DONE);
	assert_int_equal(RIG_ASK(g, QUERY_SIGN_IN, cell_text("admin1"), cell_text(old)), QUERY_DONE);
	STR_SET(g->token, g->row[SIGN_IN_TOKEN_C].text);
	assert_int_equal(change_password(g, old, new), QUERY_DONE);
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_WHO), QUERY_DONE);
	STR_SET(g->token, here);
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_WHO), QUERY_NO_SESSION);
}

static void wrong_old_passwords_count_as_wrong_sign_ins_do(void **state)
{
	static const char good[] = "a long enough password";
	struct StoreRig *g = *state;

	store_rig_admin(g);
	for (int i = 0; i < 9; i++)
		assert_int_equal(
		        change_password(g, "not the password", "another good password"), QUERY_REFUSED);
	assert_int_equal(RIG_ASK(g, QUERY_SIGN_IN, cell_text("admin1"), cell_text("x")), QUERY_REFUSED);
	assert_int_equal(change_password(g, good, "another good password"), QUERY_LATER);
	assert_int_equal(RIG_ASK(g, QUERY_SIGN_IN, cell_text("admin1"), cell_text(good)), QUERY_LATER);
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_SIGN_INS), QUERY_DONE);
	answer_next(&g->answer, g->row); /* before the wrong sign-in */
	assert_string_equal(g->row[SIGN_INS_WHAT_C].text, "wrong-password");
	assert_string_equal(g->row[SIGN_INS_FROM_C].text, "192.0.2.7");
	later = 14 * 60000; /* the session is younger than its fifteen minutes */
	assert_int_equal(RIG_ASK_ALONE(g, QUERY_WHO), QUERY_DONE);
	later = 16 * 60000;
	assert_int_equal(change_password(g, good, "another good password"), QUERY_DONE);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        CASE(every_statement_can_be_prepared),
	        CASE(every_reading_query_answers_on_an_empty_store),
	        CASE(reviews_are_no_matter_of_who_administers),
	        CASE(nobody_decides_about_themselves),
	        CASE(every_list_leads_to_its_end),
	        CASE(nothing_is_told_without_a_session),
	        CASE(the_first_link_works_once_and_only_while_there_is_no_account),
	        CASE(a_link_ends_after_a_day),
	        CASE(a_session_ends_when_idle_and_lives_when_used),
	        CASE(signing_out_everywhere_ends_every_session),
	        CASE(signing_out_ends_one_session),
	        CASE(ten_wrong_passwords_lock_an_account_for_a_while),
	        CASE(every_sign_in_is_kept_and_a_mistyped_name_is_not),
	        CASE(a_role_is_asked_for_each_query),
	        CASE(a_closed_account_is_out_at_once),
	        CASE(nobody_changes_the_own_role),
	        CASE(a_plain_password_is_not_taken),
	        CASE(what_cannot_be_recorded_does_not_happen),
	        CASE(no_password_and_no_token_lies_in_the_file),
	        CASE(a_token_reads_what_the_ledgers_say_and_does_nothing),
	        CASE(a_token_lasts_until_its_day_or_until_it_is_revoked),
	        CASE(a_token_is_for_a_named_program_and_for_a_year_at_most),
	        CASE(a_new_password_ends_the_other_sessions),
	        CASE(wrong_old_passwords_count_as_wrong_sign_ins_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
