/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts, passwords, sessions, links: who may ask. What is kept of a token is its digest. */
#include "changes.h"
#include "clock.h"
#include "secret.h"
#include "server.h"
#include "statements.h"
#include "str.h"

#define TRIES     10                 /* refused ones of an account … */
#define TRIES_MS  (15 * 60 * 1000LL) /* … in this time */
#define USED_STEP 30000              /* a session's last use is written no more often */

static_assert(TOKEN_TEXT <= TOKEN_MOST, "a token fits a frame");

/* ------------------------------------------------------------------ statements */

/* On record in the console's own ledger before the transaction ends: what is not recorded does not happen.
   The list beside it is for the page. `place`: from where, or by whom. */
static int note(struct Server *s, const char *login, const char *what, const char *place)
{
	static const char by_others[] = "account,link,changed,closed";
	bool wrong = str_eq(what, "wrong-password"), refused = str_eq(what, "refused"),
	     other = str_in_list(by_others, what);
	int r = acts_record(&s->acts, other ? place : login,
	        refused ? "sign-in"
	        : wrong ? "password"
	                : what,
	        other ? login : place, refused || wrong);

	if (r < 0)
		return r;
	return CHANGE(s, PSQL_SIGN_IN_ADD, CELL_OF_NUMBER(clock_now()), cell_text(login), cell_text(what),
	        cell_text(place));
}

static int64_t number_of(struct Server *s, enum PeopleStatement which, const char *login, int64_t number)
{
	_cleanup_statement_ struct Statement *statement = db_statement(s->people, which);

	if (!statement)
		return -EIO;
	if (login)
		bind_text(statement, 1, login);
	if (login)
		bind_number(statement, 2, number);
	return statement_step(statement) == 1 ? statement_number(statement, 0) : -EIO;
}

struct Account {
	char login[65], name[129], secret[SECRET_TEXT];
	uint32_t role;
	bool closed;
};

/* 1, 0 there is none, -errno. */
static int account_find(struct Server *s, const char *login, struct Account *ret)
{
	_cleanup_statement_ struct Statement *statement = db_statement(s->people, PSQL_ACCOUNT);
	int r;

	*ret = (struct Account){};
	if (!statement)
		return -EIO;
	bind_text(statement, 1, login);
	r = statement_step(statement);
	if (r != 1)
		return r;
	cell_into(statement, 0, ret->login, sizeof(ret->login));
	cell_into(statement, 1, ret->name, sizeof(ret->name));
	ret->role = (uint32_t)statement_number(statement, 2);
	ret->closed = statement_number(statement, 3);
	cell_into(statement, 4, ret->secret, sizeof(ret->secret));
	return 1;
}

int people_role(struct Server *s, const char *login, uint32_t *ret)
{
	struct Account a;
	int r = account_find(s, login, &a);

	explicit_bzero(a.secret, sizeof(a.secret));
	*ret = a.role;
	return r == 1 && a.closed ? 0 : r;
}

/* ------------------------------------------------------------------ what is well-formed */

static bool login_good(const char *login)
{
	size_t n = strlen(login);

	return n >= 1 && n <= 32 &&
	       strspn(login, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@-") == n;
}

static bool name_good(const char *name)
{
	return *name && strlen(name) <= 128 && str_is_line(name, strlen(name));
}

/* Long enough, of enough different characters, and not the login. */
static bool password_good(const char *password, const char *login)
{
	size_t characters = 0, different = 0;
	bool seen[256] = {};

	for (const char *p = password; *p; p++) {
		characters += ((uint8_t)*p & 0xc0) != 0x80;
		different += !seen[(uint8_t)*p];
		seen[(uint8_t)*p] = true;
	}
	return characters >= PASSWORD_MIN && strlen(password) <= 1024 && different >= 5 &&
	       !strstr(password, login);
}

static bool role_good(int64_t role)
{
	return role == ROLE_CHIEF || role == ROLE_SUPERVISOR || role == ROLE_AUDITOR ||
	       role == ROLE_ADMINISTRATOR;
}

/* ------------------------------------------------------------------ sessions */

int people_session(struct Server *s, const char *token, struct Session *ret)
{
	_cleanup_statement_ struct Statement *statement = db_statement(s->people, PSQL_SESSION);
	int64_t now = clock_now();
	int r = statement ? token_digest(token, ret->digest) : -EIO;

	if (r < 0)
		return r;
	bind_text(statement, 1, ret->digest);
	bind_number(statement, 2, now - IDLE_MS);
	r = statement_step(statement);
	if (r <= 0)
		return r < 0 ? r : token_session(s, ret);
	cell_into(statement, 0, ret->login, sizeof(ret->login));
	cell_into(statement, 1, ret->name, sizeof(ret->name));
	ret->role = (uint32_t)statement_number(statement, 2);
	cell_into(statement, 3, ret->csrf, sizeof(ret->csrf));
	ret->since = statement_number(statement, 4);
	ret->used = statement_number(statement, 5);
	statement_reset(statement);
	if (now - ret->used < USED_STEP)
		return 0;
	ret->used = now;
	return CHANGE(s, PSQL_SESSION_USED, cell_text(ret->digest), CELL_OF_NUMBER(now));
}

static int who(struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	(void)s;
	(void)ask;
	SAY(w, cell_text(session->login), cell_text(session->name), CELL_OF_NUMBER(session->role),
	        cell_text(session->csrf), CELL_OF_NUMBER(session->since),
	        CELL_OF_NUMBER(session->used + IDLE_MS));
	return QUERY_DONE;
}

static int session_make(struct Server *s, const struct Account *a, const char *from, struct AnswerWriter *w)
{
	char token[TOKEN_TEXT], csrf[TOKEN_TEXT], digest[DIGEST_TEXT];
	int64_t now = clock_now();
	int r = token_make(token);

	if (r >= 0)
		r = token_make(csrf);
	if (r >= 0)
		r = token_digest(token, digest);
	if (r >= 0)
		r = CHANGE(s, PSQL_SESSIONS_IDLE, CELL_OF_NUMBER(now - IDLE_MS));
	if (r >= 0)
		r = CHANGE(s, PSQL_SESSION_ADD, cell_text(digest), cell_text(a->login), cell_text(csrf),
		        CELL_OF_NUMBER(now));
	if (r >= 0)
		r = CHANGE(s, PSQL_SIGNED_IN, cell_text(a->login), CELL_OF_NUMBER(now));
	if (r >= 0)
		r = note(s, a->login, "in", from);
	if (r < 0)
		return r;
	SAY(w, cell_text(token), cell_text(csrf), cell_text(a->login), CELL_OF_NUMBER(a->role));
	return QUERY_DONE;
}

/* Whether an account's wrong passwords are too many for now: 0, QUERY_LATER, -errno. */
static int tries_check(struct Server *s, const char *login)
{
	int64_t tries = number_of(s, PSQL_SIGN_IN_TRIES, login, clock_now() - TRIES_MS);

	return tries < 0 ? (int)tries : tries >= TRIES ? QUERY_LATER : 0;
}

static int sign_in(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	const char *from = ask->cells[SIGN_IN_FROM_P].text;
	struct Account a;
	int r = account_find(s, ask->cells[SIGN_IN_LOGIN_P].text, &a), good, tries;

	(void)session;
	if (r < 0)
		return r;
	tries = r ? tries_check(s, a.login) : 0;
	if (tries)
		return tries;
	/* the work is done for unknown and closed accounts, too: how long it takes says nothing */
	good = secret_check(ask->cells[SIGN_IN_PASSWORD_P].text, r && !a.closed ? a.secret : "");
	if (good < 0)
		return good;
	r = people_begin(s);
	if (r < 0)
		return r;
	/* what was typed as a name that is none may be a password: it is not kept */
	r = good ? session_make(s, &a, from, w) : note(s, a.login, "refused", from);
	r = people_end(s, r);
	return r < 0 ? r : good ? QUERY_DONE : QUERY_REFUSED;
}

static int sign_out(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	bool all = ask->query == QUERY_SIGN_OUT_ALL;
	int r = people_begin(s);

	(void)w;
	if (r < 0)
		return r;
	r = all ? CHANGE(s, PSQL_SESSIONS_END, cell_text(session->login))
	        : CHANGE(s, PSQL_SESSION_END, cell_text(session->digest));
	return people_end(s, r < 0 ? r : note(s, session->login, all ? "out-all" : "out", ""));
}

/* ------------------------------------------------------------------ links and passwords */

static int link_make(struct Server *s, const char *login, char ret[static TOKEN_TEXT], int64_t *ret_until)
{
	char digest[DIGEST_TEXT];
	int64_t now = clock_now();
	int r = token_make(ret);

	if (r >= 0)
		r = token_digest(ret, digest);
	/* an older link to the same account ends */
	if (r >= 0)
		r = CHANGE(s, PSQL_LINKS_END, cell_text(login), CELL_OF_NUMBER(now));
	*ret_until = now + LINK_MS;
	return r < 0 ? r
	             : CHANGE(s, PSQL_LINK_ADD, cell_text(digest), cell_text(login),
	                       CELL_OF_NUMBER(*ret_until));
}

int people_first_link(struct Server *s, char ret[static TOKEN_MOST])
{
	int64_t until, n = number_of(s, PSQL_ACCOUNT_N, NULL, 0);
	int r;

	if (n)
		return n < 0 ? (int)n : 1;
	r = people_begin(s);
	return r < 0 ? r : people_end(s, link_make(s, "", ret, &until));
}

struct Link {
	char login[65], name[129], digest[DIGEST_TEXT];
	int64_t until;
};

/* 0, QUERY_REFUSED, -errno. */
static int link_find(struct Server *s, const char *token, struct Link *ret)
{
	_cleanup_statement_ struct Statement *statement = db_statement(s->people, PSQL_LINK);
	int r = statement ? token_digest(token, ret->digest) : -EIO;

	if (r < 0)
		return r;
	bind_text(statement, 1, ret->digest);
	bind_number(statement, 2, clock_now());
	r = statement_step(statement);
	if (r <= 0)
		return r < 0 ? r : QUERY_REFUSED;
	cell_into(statement, 0, ret->login, sizeof(ret->login));
	cell_into(statement, 1, ret->name, sizeof(ret->name));
	ret->until = statement_number(statement, 2);
	return 0;
}

static int link_show(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	struct Link l;
	int r = link_find(s, ask->cells[LINK_LINK_P].text, &l);

	(void)session;
	if (r)
		return r;
	SAY(w, cell_text(l.login), cell_text(l.name), CELL_OF_NUMBER(l.until));
	return QUERY_DONE;
}

static int link_apply(struct Server *s, const struct Link *l, const struct Ask *ask, const char *secret)
{
	const char *login = *l->login ? l->login : ask->cells[LINK_USE_LOGIN_P].text;
	int r = 0;

	if (!*l->login && number_of(s, PSQL_ACCOUNT_N, NULL, 0) != 0)
		return QUERY_REFUSED; /* somebody else was the first */
	if (!*l->login)
		r = CHANGE(s, PSQL_ACCOUNT_ADD, cell_text(login), ask->cells[LINK_USE_NAME_P],
		        CELL_OF_NUMBER(ROLE_ADMINISTRATOR));
	if (r >= 0)
		r = CHANGE(s, PSQL_SECRET_SET, cell_text(login), cell_text(secret));
	if (r >= 0)
		r = CHANGE(s, PSQL_SESSIONS_END, cell_text(login));
	if (r >= 0)
		r = CHANGE(s, PSQL_LINK_END, cell_text(l->digest));
	return r < 0 ? r : note(s, login, "password", "");
}

static int link_use(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	char secret[SECRET_TEXT];
	struct Link l;
	const char *login;
	int r = link_find(s, ask->cells[LINK_USE_LINK_P].text, &l);

	(void)session;
	(void)w;
	if (r)
		return r;
	login = *l.login ? l.login : ask->cells[LINK_USE_LOGIN_P].text;
	if (!login_good(login) || (!*l.login && !name_good(ask->cells[LINK_USE_NAME_P].text)) ||
	        !password_good(ask->cells[LINK_USE_PASSWORD_P].text, login))
		return QUERY_INVALID;
	r = secret_make(ask->cells[LINK_USE_PASSWORD_P].text, secret);
	if (r >= 0)
		r = people_begin(s);
	return r < 0 ? r : people_end(s, link_apply(s, &l, ask, secret));
}

/* A wrong old password counts as a wrong sign-in does: who sits before another's session cannot try them all.
 */
static int password_wrong(struct Server *s, const char *login, const char *from)
{
	int r = people_begin(s);

	r = r < 0 ? r : people_end(s, note(s, login, "wrong-password", from));
	return r < 0 ? r : QUERY_REFUSED;
}

static int password(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	char secret[SECRET_TEXT];
	struct Account a;
	int r = account_find(s, session->login, &a);

	(void)w;
	if (r >= 0)
		r = tries_check(s, a.login);
	if (r)
		return r;
	r = secret_check(ask->cells[PASSWORD_OLD_P].text, a.secret);
	if (r <= 0)
		return r < 0 ? r : password_wrong(s, a.login, ask->cells[PASSWORD_FROM_P].text);
	if (!password_good(ask->cells[PASSWORD_NEW_P].text, a.login))
		return QUERY_INVALID;
	r = secret_make(ask->cells[PASSWORD_NEW_P].text, secret);
	if (r >= 0)
		r = people_begin(s);
	if (r < 0)
		return r;
	r = CHANGE(s, PSQL_SECRET_SET, cell_text(a.login), cell_text(secret));
	/* whoever else is signed in as this person may be why it is changed */
	if (r >= 0)
		r = CHANGE(s, PSQL_SESSIONS_OTHER, cell_text(a.login), cell_text(session->digest));
	return people_end(s, r < 0 ? r : note(s, a.login, "password", ""));
}

/* ------------------------------------------------------------------ accounts */

static int list(struct Server *s, enum PeopleStatement which, const struct Ask *ask, struct AnswerWriter *w)
{
	_cleanup_statement_ struct Statement *statement = db_statement(s->people, which);
	const struct QueryRow *row = query_row(ask->query);
	uint32_t rows = 0;
	int r;

	if (!statement)
		return -EIO;
	for (size_t i = 0; i < ask->n; i++)
		bind_cell(statement, (int)i + 1, &ask->cells[i]);
	bind_number(statement, (int)ask->n + 1, clock_now());
	bind_number(statement, (int)ask->n + 2, ask->limit + 1);
	while ((r = statement_step(statement)) == 1) {
		if (rows++ == ask->limit) {
			w->full = true;
			break;
		}
		for (size_t i = 0; i < row->n_columns; i++) {
			struct Cell c;

			statement_cell(statement, (int)i, &c);
			answer_cell(w, &c);
		}
		if (!answer_row(w))
			break;
	}
	return r < 0 ? r : QUERY_DONE;
}

static int accounts(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	(void)session;
	return list(s, PSQL_ACCOUNTS, ask, w);
}

static int sign_ins(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	(void)session;
	return list(s, PSQL_SIGN_INS, ask, w);
}

static int account_add(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	const char *login = ask->cells[ACCOUNT_ADD_LOGIN_P].text;
	char link[TOKEN_TEXT];
	struct Account a;
	int64_t until = 0;
	int r = account_find(s, login, &a), there = r;

	if (r < 0)
		return r;
	if (!there && (!login_good(login) || !name_good(ask->cells[ACCOUNT_ADD_NAME_P].text) ||
	                      !role_good(ask->cells[ACCOUNT_ADD_ROLE_P].number)))
		return QUERY_INVALID;
	r = people_begin(s);
	if (r < 0)
		return r;
	if (!there)
		r = people_change(s, PSQL_ACCOUNT_ADD, ask->cells, 3);
	if (r >= 0)
		r = link_make(s, login, link, &until);
	if (r >= 0)
		r = note(s, login, there ? "link" : "account", session->login);
	r = people_end(s, r);
	if (r < 0)
		return r;
	SAY(w, cell_text(link), CELL_OF_NUMBER(until));
	return QUERY_DONE;
}

static int account_change(
        struct Server *s, const struct Ask *ask, const struct Session *session, struct AnswerWriter *w)
{
	const struct Cell *role = &ask->cells[ACCOUNT_CHANGE_ROLE_P],
	                  *closed = &ask->cells[ACCOUNT_CHANGE_CLOSED_P];
	const char *login = ask->cells[ACCOUNT_CHANGE_LOGIN_P].text;
	struct Account a;
	int r = account_find(s, login, &a);

	(void)w;
	if (r <= 0)
		return r < 0 ? r : QUERY_INVALID;
	if (str_eq(login, session->login))
		return QUERY_FORBIDDEN;
	if ((role->type == CELL_NUMBER && !role_good(role->number)) ||
	        (closed->type == CELL_NUMBER && closed->number != 0 && closed->number != 1))
		return QUERY_INVALID;
	r = people_begin(s);
	if (r < 0)
		return r;
	r = people_change(s, PSQL_ACCOUNT_SET, ask->cells, 3);
	if (r >= 0)
		r = CHANGE(s, PSQL_SESSIONS_END, cell_text(login));
	if (r >= 0 && closed->number)
		r = CHANGE(s, PSQL_LINKS_END, cell_text(login), CELL_OF_NUMBER(0));
	return people_end(
	        s, r < 0 ? r : note(s, login, closed->number ? "closed" : "changed", session->login));
}

static const struct QueryHandlerRow handlers[] = {
        {QUERY_WHO, who},
        {QUERY_SIGN_IN, sign_in},
        {QUERY_SIGN_OUT, sign_out},
        {QUERY_SIGN_OUT_ALL, sign_out},
        {QUERY_LINK, link_show},
        {QUERY_LINK_USE, link_use},
        {QUERY_PASSWORD, password},
        {QUERY_ACCOUNTS, accounts},
        {QUERY_ACCOUNT_ADD, account_add},
        {QUERY_ACCOUNT_CHANGE, account_change},
        {QUERY_SIGN_INS, sign_ins},
};

QueryHandler people_handler(enum Query query)
{
	return handler_in(handlers, ARRAY_SIZE(handlers), query);
}
