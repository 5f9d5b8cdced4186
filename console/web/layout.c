/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of every page: the office, who is signed in, where one is, and what cannot be overlooked. */
#include "pages.h"
#include "site.h"
#include "str.h"
#include "words.h"

static bool route_is_here(const struct Page *p, const struct Route *r)
{
	return p->route && str_eq(r->path, p->route->path);
}

static void write_menu(struct Page *p, struct Html *h)
{
	const struct Route *r;

	html(h, "<nav aria-label=\"");
	html_say(h, N_("Pages"));
	html(h, "\"><ul>");
	for (size_t i = 0; (r = route_at(i)); i++) {
		if (!r->menu || (r->who && !(r->who & p->visitor.role)))
			continue;
		html(h, "<li><a href=\"");
		html_path(h, r->path);
		if (route_is_here(p, r))
			html(h, "\" aria-current=\"page");
		html(h, "\">");
		html_say(h, r->title);
		html(h, "</a></li>");
	}
	html(h, "</ul></nav>");
}

/* The page that is shown, with what it was asked, in the other language; what a form sent cannot be asked
 * again. */
static void write_here(struct Page *p, struct Html *h)
{
	const struct RequestFields *query = &p->request->query;

	if (!p->route || p->request->method != REQUEST_GET) {
		html(h, "/?");
		return;
	}
	html_path(h, p->request->path);
	html(h, "?");
	for (size_t i = 0; i < query->n; i++) {
		if (str_eq(query->rows[i].name, "lang"))
			continue;
		html_url(h, query->rows[i].name);
		html(h, "=");
		html_url(h, query->rows[i].value);
		html(h, "&amp;");
	}
}

static void write_languages(struct Page *p, struct Html *h)
{
	html(h, "<span class=\"languages\">");
	for (size_t i = 0; i < _LANGUAGE_N; i++) {
		if (i == h->language)
			continue;
		html(h, "<a hreflang=\"");
		html_text(h, language_tag((enum Language)i));
		html(h, "\" lang=\"");
		html_text(h, language_tag((enum Language)i));
		html(h, "\" href=\"");
		write_here(p, h);
		html(h, "lang=");
		html_url(h, language_tag((enum Language)i));
		html(h, "\">");
		html_text(h, language_own_name((enum Language)i));
		html(h, "</a>");
	}
	html(h, "</span>");
}

static void write_person(struct Page *p, struct Html *h)
{
	if (!p->visitor.known)
		return;
	html(h, "<a class=\"person\" href=\"/me\">");
	html_text(h, *p->visitor.name ? p->visitor.name : p->visitor.login);
	html(h, " <small>");
	show_role(h, p->visitor.role);
	html(h, "</small></a><form method=\"post\" action=\"/sign-out\"><input type=\"hidden\" name=\"csrf\" "
	        "value=\"");
	html_text(h, p->visitor.csrf);
	html(h, "\"><button class=\"quiet\">");
	html_say(h, N_("Sign out"));
	html(h, "</button></form>");
}

/* Alarms and silence stand in the head of every page, linked to where they are explained. */
static void write_state(struct Page *p, struct Html *h)
{
	struct Ask ask = {.query = QUERY_COUNTS};
	struct Cell row[QUERY_CELLS_MOST];
	struct Answer answer;

	if (!p->visitor.known || page_ask(p, &ask, &answer) || !answer_next(&answer, row))
		return;
	html(h, "<p class=\"state\">");
	if (row[COUNTS_ALARMS_C].number > 0)
		html(h, "<a class=\"mark bad\" href=\"/#alarms\"><span aria-hidden=\"true\">▲</span> ");
	else
		html(h, "<a class=\"mark good\" href=\"/terminals\"><span aria-hidden=\"true\">✓</span> ");
	html_say(h, row[COUNTS_ALARMS_C].number > 0 ? N_("Alarms:") : N_("All ledgers verify:"));
	html(h, " ");
	html_number(h,
	        row[COUNTS_ALARMS_C].number > 0 ? row[COUNTS_ALARMS_C].number : row[COUNTS_LEDGERS_C].number);
	html(h, "</a> <a class=\"mark plain\" href=\"/terminals\">");
	html_say(h, N_("Terminals:"));
	html(h, " ");
	html_number(h, row[COUNTS_TERMINALS_C].number);
	html(h, "</a>");
	if (row[COUNTS_SILENT_C].number > 0) {
		html(h, " <a class=\"mark warn\" href=\"/#silent\"><span aria-hidden=\"true\">◆</span> ");
		html_say(h, N_("Silent:"));
		html(h, " ");
		html_number(h, row[COUNTS_SILENT_C].number);
		html(h, "</a>");
	}
	html(h, "</p>");
}

static void write_head(struct Page *p, struct Html *h, const char *title)
{
	html(h, "<!DOCTYPE html>\n<html lang=\"");
	html_text(h, language_tag(h->language));
	html(h, "\"><head><meta charset=\"utf-8\"><title>");
	html_say(h, title);
	html(h, " – ");
	html_text(h, p->site->settings.office);
	html(h, "</title><meta name=\"viewport\" content=\"width=device-width\">"
	        "<link rel=\"stylesheet\" href=\"/style.css\"><link rel=\"icon\" "
	        "href=\"/icon.svg\"></head>\n<body>"
	        "<a class=\"skip\" href=\"#content\">");
	html_say(h, N_("To the content"));
	html(h, "</a><header><div class=\"top\"><a class=\"office\" href=\"/\"><b>");
	html_text(h, p->site->settings.office);
	html(h, "</b> <span>");
	html_say(h, N_("Media management"));
	html(h, "</span></a>");
	write_state(p, h);
	write_languages(p, h);
	write_person(p, h);
	html(h, "</div>");
	if (p->visitor.known)
		write_menu(p, h);
	html(h, "</header>\n<main id=\"content\">");
}

void layout_write(struct Page *p, struct Html *out)
{
	const char *title = p->title                      ? p->title
	                    : p->route && p->route->title ? p->route->title
	                                                  : N_("Media management");
	*out = HTML_NULL;
	out->language = p->html.language;
	write_head(p, out, title);
	html_append(out, &p->html);
	html(out, "</main>\n<footer><p>");
	show_moment(out, p->now);
	html(out, " · mediagate " MEDIAGATE_VERSION "</p></footer></body></html>\n");
}

void layout_print(struct Page *p, struct Html *out)
{
	const char *style;
	size_t size = style_text(&style);

	*out = HTML_NULL;
	out->language = p->html.language;
	html(out, "<!DOCTYPE html>\n<html lang=\"");
	html_text(out, language_tag(out->language));
	html(out, "\"><head><meta charset=\"utf-8\"><title>");
	html_say(out, p->route && p->route->title ? p->route->title : N_("Media management"));
	html(out, " – ");
	html_text(out, p->site->settings.office);
	html(out, "</title><style>");
	html_literal(out, style, size);
	html(out, "</style></head>\n<body class=\"printed\"><main>");
	html_append(out, &p->html);
	html(out, "</main></body></html>\n");
}
