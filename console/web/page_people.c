/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may use the console, and who signed in. The administrator makes accounts and closes them, and never
 * learns a password: a new account comes with a link that its owner opens once.
 */
#include "pages.h"
#include "str.h"
#include "tokens.h"
#include "words.h"

/* The roles that an account of the console may have. */
static const uint32_t roles[] = {ROLE_CHIEF, ROLE_SUPERVISOR, ROLE_AUDITOR, ROLE_ADMINISTRATOR};

static void write_roles(struct Html *h, uint32_t chosen)
{
	html(h, "<select name=\"role\" required aria-label=\"");
	html_say(h, N_("Role"));
	html(h, "\">");
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
		html(h, "<option value=\"");
		html_text(h, role_word(roles[i]));
		if (roles[i] == chosen)
			html(h, "\" selected=\"selected");
		html(h, "\">");
		show_role(h, roles[i]);
		html(h, "</option>");
	}
	html(h, "</select>");
}

static void hidden(struct Html *h, const char *name, const char *value)
{
	html(h, "<input type=\"hidden\" name=\"");
	html_text(h, name);
	html(h, "\" value=\"");
	html_text(h, value);
	html(h, "\">");
}

/* Role, closing, a new link: one's own account is not among them. */
static void write_changes(struct Page *p, const struct Cell *row)
{
	struct Html *h = &p->html;
	bool closed = row[ACCOUNTS_CLOSED_C].number;

	html(h, "<form method=\"post\" action=\"/people/change\" class=\"line\">");
	page_csrf(p);
	hidden(h, "login", row[ACCOUNTS_LOGIN_C].text);
	write_roles(h, (uint32_t)row[ACCOUNTS_ROLE_C].number);
	html(h, "<button class=\"quiet\" name=\"do\" value=\"role\">");
	html_say(h, N_("Change the role"));
	html(h, "</button><button class=\"quiet\" name=\"do\" value=\"");
	html_text(h, closed ? "open" : "close");
	html(h, "\">");
	html_say(h, closed ? N_("Open again") : N_("Close the account"));
	html(h, "</button></form><form method=\"post\" action=\"/people/add\" class=\"line\">");
	page_csrf(p);
	hidden(h, "login", row[ACCOUNTS_LOGIN_C].text);
	hidden(h, "name", row[ACCOUNTS_NAME_C].text);
	hidden(h, "role", role_word((uint32_t)row[ACCOUNTS_ROLE_C].number));
	html(h, "<button class=\"quiet\">");
	html_say(h, N_("New link to set a password"));
	html(h, "</button></form>");
}

static void account_row(struct Page *p, const struct Cell *row)
{
	struct Html *h = &p->html;

	html(h, "<tr><th scope=\"row\">");
	html_text(h, row[ACCOUNTS_LOGIN_C].text);
	html(h, "</th>");
	cell_show(h, &row[ACCOUNTS_NAME_C]);
	html(h, "<td>");
	show_role(h, (uint32_t)row[ACCOUNTS_ROLE_C].number);
	html(h, "</td><td>");
	if (row[ACCOUNTS_CLOSED_C].number) {
		html(h, "<span class=\"mark warn\"><span aria-hidden=\"true\">■</span>&nbsp;");
		html_say(h, N_("closed"));
		html(h, "</span>");
	}
	html(h, "</td>");
	cell_show_moment(h, &row[ACCOUNTS_LAST_SIGN_IN_C]);
	cell_show_number(h, &row[ACCOUNTS_SESSIONS_C]);
	if (p->visitor.role & QUERY_ADMIN) {
		html(h, "<td>");
		if (!str_eq(row[ACCOUNTS_LOGIN_C].text, p->visitor.login))
			write_changes(p, row);
		html(h, "</td>");
	}
	html(h, "</tr>");
}

static int accounts_write(struct Page *p)
{
	static const struct Table read = {N_("Accounts"), NULL,
	        {N_("Login name"), N_("Name"), N_("Role"), N_("State"), N_("Last sign-in"),
	                OF_NUMBERS N_("Signed in now")}};
	static const struct Table change = {N_("Accounts"), NULL,
	        {N_("Login name"), N_("Name"), N_("Role"), N_("State"), N_("Last sign-in"),
	                OF_NUMBERS N_("Signed in now"), N_("Change")}};
	struct Rows accounts = page_rows(p, QUERY_ACCOUNTS);
	struct Cell row[QUERY_CELLS_MOST];

	table_start(&p->html, p->visitor.role & QUERY_ADMIN ? &change : &read, true);
	while (!p->html.failed && rows_next(&accounts, row))
		account_row(p, row);
	table_end(&p->html);
	return accounts.outcome;
}

static void add_write(struct Page *p)
{
	struct Html *h = &p->html;

	part_show(h, N_("New account"));
	html(h, "<form method=\"post\" action=\"/people/add\" class=\"filters\">");
	page_csrf(p);
	html(h, "<label>");
	html_say(h, N_("Login name"));
	html(h, "<input name=\"login\" required maxlength=\"32\" autocomplete=\"off\"></label><label>");
	html_say(h, N_("Name"));
	html(h, "<input name=\"name\" required maxlength=\"64\" autocomplete=\"off\"></label><label>");
	html_say(h, N_("Role"));
	write_roles(h, ROLE_SUPERVISOR);
	html(h, "</label><button>");
	html_say(h, N_("Make the account"));
	html(h, "</button></form>");
}

static void sign_in_what(struct Html *h, const char *what)
{
	static const struct {
		const char *word, *sentence;
	} rows[] = {
	        {"in", N_("signed in")},
	        {"refused", N_("sign-in refused")},
	        {"wrong-password", N_("change of the password refused: the present one was wrong")},
	        {"out", N_("signed out")},
	        {"out-all", N_("signed out everywhere")},
	        {"password", N_("password set")},
	        {"link", N_("link to set a password made")},
	        {"account", N_("account made")},
	        {"closed", N_("account closed")},
	        {"changed", N_("account changed")},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (str_eq(rows[i].word, what)) {
			html_say(h, rows[i].sentence);
			return;
		}
	html_text(h, what);
}

static int sign_ins_write(struct Page *p)
{
	static const struct Table table = {N_("Sign-ins"), NULL,
	        {N_("Time"), N_("Login name"), N_("Operation"), N_("From where or by whom")}};
	struct Ask ask = {.query = QUERY_SIGN_INS, .n = SIGN_INS_N_P, .limit = 100};
	struct Cell row[QUERY_CELLS_MOST] = {};
	struct Html *h = &p->html;
	struct Answer answer;
	int64_t before;
	int r;

	if (fields_number(&p->request->query, "before_id", &before) == 0)
		ask.cells[SIGN_INS_BEFORE_ID_P] = CELL_OF_NUMBER(before);
	r = page_ask(p, &ask, &answer);
	if (r)
		return r;
	part_show(h, N_("Sign-ins"));
	table_start(h, &table, true);
	while (answer_next(&answer, row)) {
		html(h, "<tr><td class=\"when\">");
		show_moment_exact(h, row[SIGN_INS_T_C].number);
		html(h, "</td>");
		cell_show(h, &row[SIGN_INS_LOGIN_C]);
		html(h, "<td>");
		sign_in_what(h, row[SIGN_INS_WHAT_C].text);
		html(h, "</td>");
		cell_show(h, &row[SIGN_INS_FROM_C]);
		html(h, "</tr>");
	}
	table_end(h);
	if (answer.more) {
		html(h, "<p class=\"more\"><a href=\"/people?before_id=");
		html_digits(h, row[SIGN_INS_ID_C].number);
		link_line_end(h, N_("More"));
	}
	return 0;
}

static int people_write(struct Page *p)
{
	int r;

	title_show(&p->html, N_("People"));
	r = accounts_write(p);
	if (r == 0 && p->visitor.role & QUERY_ADMIN)
		add_write(p);
	if (r == 0)
		r = tokens_write(p);
	return r ? r : sign_ins_write(p);
}

int people_show(struct Page *p)
{
	return people_write(p);
}

/* The link is shown this once, to be handed over; the store knows only its digest. */
static void link_write(struct Page *p, const struct Cell *row, const char *login)
{
	struct Html *h = &p->html;

	html(h, "<section class=\"said\" role=\"alert\"><p>");
	html_fill1(h, N_("Please hand this link to %s alone. It is shown once and opens once:"), login);
	html(h, "</p><p><code>");
	html_text(h, p->site->settings.proxied ? "https://" : "http://");
	html_text(h, p->raw->host);
	html(h, "/link/");
	html_text(h, row[ACCOUNT_ADD_LINK_C].text);
	html(h, "</code></p><p>");
	html_say(h, N_("Valid until:"));
	html(h, " ");
	show_moment(h, row[ACCOUNT_ADD_UNTIL_C].number);
	html(h, "</p></section>");
}

int account_add_post(struct Page *p)
{
	const struct RequestFields *form = &p->request->form;
	struct Ask ask = {.query = QUERY_ACCOUNT_ADD, .n = ACCOUNT_ADD_N_P};
	const char *login = fields_text(form, "login");
	struct Cell row[QUERY_CELLS_MOST];
	struct Answer answer;
	int r;

	ask.cells[ACCOUNT_ADD_LOGIN_P] = CELL_OF_TEXT(login);
	ask.cells[ACCOUNT_ADD_NAME_P] = CELL_OF_TEXT(fields_text(form, "name"));
	ask.cells[ACCOUNT_ADD_ROLE_P] = CELL_OF_NUMBER(role_from_word(fields_text(form, "role")));
	r = page_ask(p, &ask, &answer);
	if (r == QUERY_INVALID || r == QUERY_REFUSED) {
		p->answer->status = 400;
		said_show(&p->html, N_("The login name, the name or the role is malformed."));
		return people_write(p);
	}
	if (r || !answer_next(&answer, row))
		return r ? r : QUERY_FAILED;
	link_write(p, row, login);
	return people_write(p);
}

int account_change_post(struct Page *p)
{
	const struct RequestFields *form = &p->request->form;
	struct Ask ask = {.query = QUERY_ACCOUNT_CHANGE, .n = ACCOUNT_CHANGE_N_P};
	const char *act = fields_text(form, "do");
	struct Answer answer;
	int r;

	ask.cells[ACCOUNT_CHANGE_LOGIN_P] = CELL_OF_TEXT(fields_text(form, "login"));
	if (str_eq(act, "role"))
		ask.cells[ACCOUNT_CHANGE_ROLE_P] = CELL_OF_NUMBER(role_from_word(fields_text(form, "role")));
	else if (str_eq(act, "close") || str_eq(act, "open"))
		ask.cells[ACCOUNT_CHANGE_CLOSED_P] = CELL_OF_NUMBER(str_eq(act, "close"));
	else
		return QUERY_INVALID;
	r = page_ask(p, &ask, &answer);
	if (r)
		return r;
	page_redirect(p, "/people");
	return 0;
}
