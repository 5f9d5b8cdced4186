/* SPDX-License-Identifier: Apache-2.0 */
#include "site.h"

#include "clock.h"
#include "hex.h"
#include "str.h"

#include <sys/random.h>

/* __Host-: browsers send it over TLS only and take it from no other host. */
static const char *cookie_name(const struct Site *s, bool session)
{
	if (s->settings.proxied)
		return session ? "__Host-mediagate" : "__Host-mediagate-before";
	return session ? "mediagate" : "mediagate-before";
}

static const char cookie_rest[] = "; Path=/; HttpOnly; SameSite=Strict";

static void cookie_set(struct Page *p, size_t place, const char *name, const char *value)
{
	snprintf(p->answer->cookies[place], sizeof(p->answer->cookies[place]), "%s=%s%s%s%s", name, value,
	        cookie_rest, p->site->settings.proxied ? "; Secure" : "", *value ? "" : "; Max-Age=0");
}

void page_session(struct Page *p, const char *token)
{
	cookie_set(p, 0, cookie_name(p->site, true), token);
}

/* What a token of ours may look like; anything else is not even asked for. */
static bool token_is_sound(const char *token)
{
	size_t n = strlen(token);

	return n && n < SESSION_MOST &&
	       strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == n;
}

int page_ask(struct Page *p, struct Ask *ask, struct Answer *ret)
{
	ask->session = p->visitor.session;
	return store_ask(&p->site->client, ask, ret);
}

struct Rows page_rows(struct Page *p, enum Query query)
{
	return rows_of(&p->site->client, p->visitor.session, query);
}

void page_redirect(struct Page *p, const char *to)
{
	p->answer->status = 303;
	p->bare = true;
	if (STR_SET(p->answer->location, to) < 0)
		STR_CUT(p->answer->location, "/");
}

void page_fail(struct Page *p, unsigned int status, const char *sentence)
{
	enum Language language = p->html.language;

	html_done(&p->html);
	p->html.language = language;
	p->answer->status = status;
	p->bare = false;
	html(&p->html, "<section class=\"notice\"><h1>");
	html_say(&p->html, sentence);
	html(&p->html, "</h1><p><a href=\"/\">");
	html_say(&p->html, N_("To the first page"));
	html(&p->html, "</a></p></section>");
}

/* Who asks; nobody known is no failure. */
static int visitor_load(struct Page *p)
{
	struct Ask ask = {.query = QUERY_WHO};
	struct Cell row[QUERY_CELLS_MOST];
	struct Visitor *v = &p->visitor;
	struct Answer answer;
	const char *token = p->raw->authorization, *cookie;
	int r;

	if (p->site->printing) {
		v->known = true;
		v->role = QUERY_READ;
		return 0;
	}
	cookie = fields_text(&p->request->cookies, cookie_name(p->site, true));
	if (token && strncmp(token, "Bearer ", 7) == 0 && p->request->method == REQUEST_GET)
		cookie = token + 7;
	if (!token_is_sound(cookie))
		return 0;
	STR_CUT(v->session, cookie);
	r = page_ask(p, &ask, &answer);
	if (r == QUERY_NO_SESSION || r == QUERY_REFUSED) {
		*v = (struct Visitor){};
		return 0;
	}
	if (r || !answer_next(&answer, row))
		return r ? r : QUERY_FAILED;
	v->known = true;
	STR_CUT(v->login, row[WHO_LOGIN_C].text);
	STR_CUT(v->name, row[WHO_NAME_C].text);
	STR_CUT(v->csrf, row[WHO_CSRF_C].text);
	v->role = (uint32_t)row[WHO_ROLE_C].number;
	return 0;
}

/* Before anybody has signed in: a token of the browser's own, in a cookie and in the form. */
static void before_load(struct Page *p)
{
	const char *name = cookie_name(p->site, false), *held = fields_text(&p->request->cookies, name);
	uint8_t bytes[16];

	if (p->visitor.known)
		return;
	if (strlen(held) == 32 && token_is_sound(held)) {
		STR_CUT(p->visitor.csrf, held);
		return;
	}
	if (p->request->method != REQUEST_GET || getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return; /* without a token every form is refused */
	hex_encode(bytes, sizeof(bytes), p->visitor.csrf);
	cookie_set(p, 1, name, p->visitor.csrf);
}

void page_csrf(struct Page *p)
{
	html(&p->html, "<input type=\"hidden\" name=\"csrf\" value=\"");
	html_text(&p->html, p->visitor.csrf);
	html(&p->html, "\">");
}

static bool text_is_same(const char *a, const char *b)
{
	size_t n = strlen(a);
	uint8_t other = 0;

	if (n != strlen(b))
		return false;
	for (size_t i = 0; i < n; i++)
		other |= (uint8_t)(a[i] ^ b[i]);
	return !other;
}

/* A form of ours, sent from a page of ours. */
static bool form_is_ours(const struct Page *p)
{
	const char *origin = p->raw->origin, *host = origin ? strstr(origin, "://") : NULL;

	if (origin && (!host || !p->raw->host || !str_eq(host + 3, p->raw->host)))
		return false;
	return *p->visitor.csrf && text_is_same(p->visitor.csrf, fields_text(&p->request->form, "csrf"));
}

static void language_choose(struct Page *p)
{
	const struct SiteSettings *s = &p->site->settings;
	enum Language *language = &p->html.language;

	*language = s->language_set ? s->language : language_accepted(p->raw->accept_language, s->language);
	(void)language_from_tag(fields_text(&p->request->cookies, "mediagate-language"), language);
	if (p->request->method == REQUEST_GET &&
	        language_from_tag(fields_text(&p->request->query, "lang"), language) == 0)
		p->language_chosen = true;
}

static void outcome_show(struct Page *p, int outcome)
{
	static const struct {
		int outcome;
		unsigned int status;
		const char *sentence;
	} rows[] = {
	        {QUERY_REFUSED, 404, N_("There is no such thing here.")},
	        {QUERY_INVALID, 400, N_("The request is malformed.")},
	        {QUERY_NO_SESSION, 403, N_("Your session has ended. Please sign in again.")},
	        {QUERY_FORBIDDEN, 403, N_("Your role does not allow this.")},
	        {QUERY_LATER, 503, N_("The console is busy. Please try again in a moment.")},
	        {QUERY_FAILED, 500, N_("The console has failed. Please tell the administrator.")},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].outcome == outcome) {
			page_fail(p, rows[i].status, rows[i].sentence);
			return;
		}
	page_fail(p, 500, N_("The console has failed. Please tell the administrator."));
}

/* To the sign-in page and back to where they were. */
static void page_sign_in_first(struct Page *p)
{
	_cleanup_html_ struct Html to = HTML_NULL;

	if (strncmp(p->request->path, "/api/", 5) == 0 || p->request->method == REQUEST_POST) {
		page_fail(p, 403, N_("Please sign in first."));
		return;
	}
	html(&to, "<a href=\"/sign-in?next=");
	html_url(&to, p->raw->uri);
	page_redirect(p, to.failed ? "/sign-in" : to.text + strlen("<a href=\""));
}

static void page_run(struct Page *p)
{
	enum RequestMethod other = p->request->method == REQUEST_GET ? REQUEST_POST : REQUEST_GET;
	int r = visitor_load(p);

	before_load(p);
	if (r) {
		outcome_show(p, r);
		return;
	}
	p->route = route_find(p->request->path, p->request->method);
	if (!p->route && route_find(p->request->path, other)) {
		page_fail(p, 405, N_("This address does not take that request."));
		p->answer->allow = other == REQUEST_GET ? "GET, HEAD" : "POST";
	} else if (!p->route) {
		page_fail(p, 404, N_("There is no such page."));
	} else if (p->route->who && !p->visitor.known) {
		page_sign_in_first(p);
	} else if (p->route->who && !(p->route->who & p->visitor.role)) {
		outcome_show(p, QUERY_FORBIDDEN);
	} else if (p->request->method == REQUEST_POST && !form_is_ours(p)) {
		page_fail(p, 403,
		        N_("The form is too old or not from this console. Please open the page again."));
	} else {
		r = p->route->show(p);
		if (r == QUERY_NO_SESSION)
			page_sign_in_first(p);
		else if (r)
			outcome_show(p, r);
	}
}

static void answer_finish(struct Page *p)
{
	struct HttpAnswer *a = p->answer;
	_cleanup_html_ struct Html whole = HTML_NULL;

	if (p->language_chosen)
		snprintf(a->cookies[2], sizeof(a->cookies[2]), "mediagate-language=%s; Max-Age=31536000%s%s",
		        language_tag(p->html.language), cookie_rest,
		        p->site->settings.proxied ? "; Secure" : "");
	if (a->fixed || a->body || a->stream)
		return;
	if (!p->bare && p->site->printing)
		layout_print(p, &whole);
	else if (!p->bare)
		layout_write(p, &whole);
	else
		whole = p->html, p->html = HTML_NULL;
	if (whole.failed) {
		a->status = 500;
		return;
	}
	if (!a->type)
		a->type = "text/html; charset=utf-8";
	a->size = whole.size;
	a->body = ptr_steal(&whole.text);
}

/* What is not even a request of ours gets a line and no page. */
static void refuse_request(int outcome, struct HttpAnswer *ret)
{
	static const char text[] = "the request is malformed\n";

	ret->status = outcome == REQUEST_TOO_LARGE    ? 413
	              : outcome == REQUEST_METHOD     ? 501
	              : outcome == REQUEST_MEDIA_TYPE ? 415
	              : outcome < 0                   ? 503
	                                              : 400;
	ret->fixed = text;
	ret->size = strlen(text);
}

void site_serve(void *owner, const struct RequestRaw *raw, struct HttpAnswer *ret)
{
	_cleanup_request_ struct Request request = REQUEST_NULL;
	struct Page page = {.site = owner, .raw = raw, .request = &request, .answer = ret};
	int r = request_read(raw, &request);

	if (r) {
		refuse_request(r, ret);
		return;
	}
	ret->status = 200;
	page.now = clock_now();
	language_choose(&page);
	page_run(&page);
	answer_finish(&page);
	html_done(&page.html);
}

static int stream_write(struct HttpStream *s, FILE *out)
{
	char bytes[8192];
	ssize_t n;

	while ((n = http_stream_read(s, bytes, sizeof(bytes))) > 0)
		if (fwrite(bytes, 1, (size_t)n, out) != (size_t)n)
			return -EIO;
	return (int)n;
}

int site_print(struct Site *site, const char *uri, FILE *out)
{
	const struct RequestRaw raw = {.method = "GET", .uri = uri, .host = "localhost", .address = ""};
	_cleanup_http_answer_ struct HttpAnswer answer = {};
	const char *body;

	site->printing = true;
	site_serve(site, &raw, &answer);
	if (answer.status != 200)
		return answer.status == 400 || answer.status == 404 ? 1 : -EIO;
	if (answer.stream)
		return stream_write(answer.stream, out);
	body = answer.fixed ? answer.fixed : answer.body;
	return fwrite(body, 1, answer.size, out) == answer.size ? 0 : -EIO;
}
