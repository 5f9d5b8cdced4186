/* SPDX-License-Identifier: Apache-2.0 */
/* Signing in and out, the link of a new account, one's own password. */
#include "pages.h"
#include "str.h"
#include "words.h"

static void write_field(struct Html *h, const char *label, const char *name, const char *complete)
{
	html(h, "<label>");
	html_say(h, label);
	html(h, "<input name=\"");
	html_text(h, name);
	html(h, "\" autocomplete=\"");
	html_text(h, complete);
	html(h, "\" required maxlength=\"128\"");
	if (strstr(complete, "password"))
		html(h, " type=\"password\"");
	html(h, "></label>");
}

/* For the browser's own store of passwords: whose it is. Nobody reads this field here. */
static void write_whose(struct Html *h, const char *login)
{
	html(h, "<input class=\"aside\" name=\"whose\" autocomplete=\"username\" readonly tabindex=\"-1\" "
	        "aria-hidden=\"true\" value=\"");
	html_text(h, login);
	html(h, "\">");
}

static void write_notice(struct Html *h, const char *sentence)
{
	if (sentence)
		said_show(h, sentence);
}

static void sign_in_write(struct Page *p, const char *notice, const char *next)
{
	struct Html *h = &p->html;

	html(h, "<section class=\"card\"><h1>");
	html_say(h, N_("Sign in"));
	html(h, "</h1>");
	write_notice(h, notice);
	html(h, "<form method=\"post\" action=\"/sign-in\" class=\"stack\">");
	page_csrf(p);
	html(h, "<input type=\"hidden\" name=\"next\" value=\"");
	html_text(h, next);
	html(h, "\">");
	write_field(h, N_("Login name"), "login", "username");
	write_field(h, N_("Password"), "password", "current-password");
	html(h, "<button>");
	html_say(h, N_("Sign in"));
	html(h, "</button></form><p class=\"hint\">");
	html_say(h, N_("Each sign-in is recorded. If you cannot sign in, please ask the administrator."));
	html(h, "</p></section>");
}

int sign_in_show(struct Page *p)
{
	sign_in_write(p, NULL, fields_text(&p->request->query, "next"));
	return 0;
}

/* Only addresses of ours: a path of the table, whatever stands behind its "?". */
static const char *next_checked(const char *next)
{
	size_t n = strcspn(next, "?");
	char path[64];

	if (str_set_n(path, sizeof(path), next, n) < 0 || !route_find(path, REQUEST_GET))
		return "/";
	for (const char *c = next; *c; c++)
		if (*c <= ' ' || *c > '~' || strchr("\"<>\\", *c))
			return "/";
	return next;
}

int sign_in_post(struct Page *p)
{
	const struct RequestFields *form = &p->request->form;
	struct Ask ask = {.query = QUERY_SIGN_IN, .n = SIGN_IN_N_P};
	struct Cell row[QUERY_CELLS_MOST];
	struct Answer answer;
	int r;

	ask.cells[SIGN_IN_LOGIN_P] = CELL_OF_TEXT(fields_text(form, "login"));
	ask.cells[SIGN_IN_PASSWORD_P] = CELL_OF_TEXT(fields_text(form, "password"));
	ask.cells[SIGN_IN_FROM_P] = CELL_OF_TEXT(p->raw->address);
	r = page_ask(p, &ask, &answer);
	if (r == QUERY_DONE && answer_next(&answer, row)) {
		page_session(p, row[SIGN_IN_TOKEN_C].text);
		page_redirect(p, next_checked(fields_text(form, "next")));
		return 0;
	}
	if (r == QUERY_REFUSED || r == QUERY_INVALID) {
		p->answer->status = 403;
		sign_in_write(p, N_("The login name or the password is wrong."), fields_text(form, "next"));
		return 0;
	}
	if (r == QUERY_LATER) {
		p->answer->status = 429;
		sign_in_write(p, N_("Too many tries. Please wait a few minutes."), fields_text(form, "next"));
		return 0;
	}
	return r ? r : QUERY_FAILED;
}

static int session_end(struct Page *p, enum Query query)
{
	struct Ask ask = {.query = query};
	struct Answer answer;
	int r = page_ask(p, &ask, &answer);

	if (r && r != QUERY_NO_SESSION)
		return r;
	page_session(p, "");
	page_redirect(p, "/sign-in");
	return 0;
}

int sign_out_post(struct Page *p)
{
	return session_end(p, QUERY_SIGN_OUT);
}

int sign_out_all_post(struct Page *p)
{
	return session_end(p, QUERY_SIGN_OUT_ALL);
}

static void link_write(struct Page *p, const char *link, const struct Cell *row, const char *notice)
{
	struct Html *h = &p->html;
	bool first = !row[LINK_LOGIN_C].size;

	html(h, "<section class=\"card\"><h1>");
	html_say(h, first ? N_("The first administrator") : N_("Set your password"));
	html(h, "</h1>");
	write_notice(h, notice);
	html(h, "<form method=\"post\" action=\"/link\" class=\"stack\">");
	page_csrf(p);
	html(h, "<input type=\"hidden\" name=\"link\" value=\"");
	html_text(h, link);
	html(h, "\">");
	if (first) {
		write_field(h, N_("Login name"), "login", "username");
		write_field(h, N_("Name"), "name", "name");
	} else {
		html(h, "<p>");
		html_text(h, row[LINK_NAME_C].text);
		html(h, " (");
		html_text(h, row[LINK_LOGIN_C].text);
		html(h, ")</p>");
		write_whose(h, row[LINK_LOGIN_C].text);
	}
	write_field(h, N_("New password"), "password", "new-password");
	write_field(h, N_("The same once more"), "again", "new-password");
	html(h, "<p class=\"hint\">");
	html_say(h,
	        N_("At least 12 characters. A few words that do not belong together are easy to remember."));
	html(h, "</p><button>");
	html_say(h, N_("Set the password"));
	html(h, "</button></form></section>");
}

static int link_page(struct Page *p, const char *link, const char *notice)
{
	struct Ask ask = {.query = QUERY_LINK, .n = LINK_N_P};
	struct Cell row[QUERY_CELLS_MOST];
	struct Answer answer;
	int r;

	ask.cells[LINK_LINK_P] = CELL_OF_TEXT(link);
	r = page_ask(p, &ask, &answer);
	if (r == QUERY_REFUSED || r == QUERY_INVALID || (!r && !answer_next(&answer, row))) {
		page_fail(
		        p, 404, N_("This link has been used or has run out. Please ask the administrator."));
		return 0;
	}
	if (r)
		return r;
	link_write(p, link, row, notice);
	return 0;
}

int link_show(struct Page *p)
{
	return link_page(p, p->request->path + strlen(p->route->path), NULL);
}

int link_post(struct Page *p)
{
	const struct RequestFields *form = &p->request->form;
	struct Ask ask = {.query = QUERY_LINK_USE, .n = LINK_USE_N_P};
	const char *link = fields_text(form, "link");
	struct Answer answer;
	int r;

	p->answer->status = 403;
	if (!str_eq(fields_text(form, "password"), fields_text(form, "again")))
		return link_page(p, link, N_("The two passwords are not the same."));
	ask.cells[LINK_USE_LINK_P] = CELL_OF_TEXT(link);
	ask.cells[LINK_USE_LOGIN_P] = CELL_OF_TEXT(fields_get(form, "login"));
	ask.cells[LINK_USE_NAME_P] = CELL_OF_TEXT(fields_get(form, "name"));
	ask.cells[LINK_USE_PASSWORD_P] = CELL_OF_TEXT(fields_text(form, "password"));
	r = page_ask(p, &ask, &answer);
	if (r == QUERY_INVALID)
		return link_page(p, link,
		        N_("The password is too short or too easy to guess, or the login name is "
		           "malformed."));
	if (r == QUERY_REFUSED)
		return link_page(p, link, NULL);
	if (r)
		return r;
	page_redirect(p, "/sign-in");
	return 0;
}

static void me_write(struct Page *p, const char *notice)
{
	struct Html *h = &p->html;

	html(h, "<section class=\"card\"><h1>");
	html_say(h, N_("My account"));
	html(h, "</h1><p>");
	html_text(h, p->visitor.name);
	html(h, " (");
	html_text(h, p->visitor.login);
	html(h, "), ");
	show_role(h, p->visitor.role);
	html(h, "</p><h2>");
	html_say(h, N_("Change the password"));
	html(h, "</h2>");
	write_notice(h, notice);
	html(h, "<form method=\"post\" action=\"/me/password\" class=\"stack\">");
	page_csrf(p);
	write_whose(h, p->visitor.login);
	write_field(h, N_("Present password"), "old", "current-password");
	write_field(h, N_("New password"), "new", "new-password");
	write_field(h, N_("The same once more"), "again", "new-password");
	html(h, "<button>");
	html_say(h, N_("Change the password"));
	html(h, "</button></form><h2>");
	html_say(h, N_("Signed in elsewhere?"));
	html(h, "</h2><form method=\"post\" action=\"/sign-out-everywhere\">");
	page_csrf(p);
	html(h, "<button class=\"quiet\">");
	html_say(h, N_("Sign out everywhere"));
	html(h, "</button></form></section>");
}

int me_show(struct Page *p)
{
	me_write(p, fields_get(&p->request->query, "done") ? N_("The password has been changed. Whoever else "
	                                                        "was signed in under your name no longer is.")
	                                                   : NULL);
	return 0;
}

int password_post(struct Page *p)
{
	const struct RequestFields *form = &p->request->form;
	struct Ask ask = {.query = QUERY_PASSWORD, .n = PASSWORD_N_P};
	struct Answer answer;
	int r;

	p->answer->status = 403;
	if (!str_eq(fields_text(form, "new"), fields_text(form, "again"))) {
		me_write(p, N_("The two passwords are not the same."));
		return 0;
	}
	ask.cells[PASSWORD_OLD_P] = CELL_OF_TEXT(fields_text(form, "old"));
	ask.cells[PASSWORD_NEW_P] = CELL_OF_TEXT(fields_text(form, "new"));
	ask.cells[PASSWORD_FROM_P] = CELL_OF_TEXT(p->raw->address);
	r = page_ask(p, &ask, &answer);
	if (r == QUERY_LATER) {
		p->answer->status = 429;
		me_write(p, N_("Too many tries. Please wait a few minutes."));
		return 0;
	}
	if (r == QUERY_REFUSED || r == QUERY_INVALID)
		me_write(p, r == QUERY_REFUSED ? N_("The present password is wrong.")
		                               : N_("The password is too short or too easy to guess."));
	else if (r)
		return r;
	else
		page_redirect(p, "/me?done=1");
	return 0;
}
