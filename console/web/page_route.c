/* SPDX-License-Identifier: Apache-2.0 */
/* The report route: whom to tell of an incident, and whom when they are not there. */
#include "forms.h"
#include "incidents.h"
#include "pages.h"
#include "words.h"

static const struct Input inputs[] = {
        {.label = N_("Step (1: told first)"), .name = "step", .type = "number", .required = true},
        {.label = N_("Post"), .name = "post", .most = 130, .required = true},
        {.label = N_("Name"), .name = "name", .most = 130, .required = true},
        {.label = N_("Contact"), .name = "contact", .most = 130, .required = true},
        {.label = N_("Deputy"), .name = "deputy", .most = 130, .required = true},
        {.label = N_("Deputy's contact"), .name = "deputy_contact", .most = 130, .required = true},
};

static int page_write(struct Page *p)
{
	struct Html *h = &p->html;
	bool chief = p->visitor.role & ROLE_CHIEF;
	int r;

	title_show(h, N_("Incidents and findings"));
	matters_tabs(p);
	html(h, "<p class=\"hint\">");
	html_say(h, N_("Who notices an incident tells the first person at once; whoever was told tells the "
	               "next. When somebody is not there, the deputy is told instead. The chief keeps the "
	               "route; each change is on record."));
	html(h, "</p>");
	r = route_write(p, chief);
	html(h, "<p><a href=\"/report/card");
	link_line_end(h, N_("Emergency card, to print and carry"));
	if (!chief)
		return r;
	part_show(h, N_("New step"));
	html(h, "<form method=\"post\" action=\"/incidents/route-add\" class=\"filters\" id=\"step\">");
	page_csrf(p);
	for (size_t i = 0; i < ARRAY_SIZE(inputs); i++)
		input_show(h, &inputs[i]);
	form_end(h, N_("Put it in force"));
	return r;
}

int route_show(struct Page *p)
{
	return page_write(p);
}

int route_add_post(struct Page *p)
{
	const struct RequestFields *form = &p->request->form;
	struct Ask ask = {.query = QUERY_ROUTE_ADD, .n = ROUTE_ADD_N_P};
	int64_t step;
	int r;

	static_assert(ARRAY_SIZE(inputs) == ROUTE_ADD_N_P, "an input for each parameter, in their order");
	if (fields_number(form, "step", &step) < 0)
		return QUERY_INVALID;
	ask.cells[ROUTE_ADD_STEP_P] = CELL_OF_NUMBER(step);
	for (size_t i = ROUTE_ADD_POST_P; i < ARRAY_SIZE(inputs); i++)
		ask.cells[i] = CELL_OF_TEXT(fields_text(form, inputs[i].name));
	r = form_ask(p, &ask, "/incidents/route");
	if (r != QUERY_INVALID)
		return r;
	p->answer->status = 400;
	said_show(&p->html, N_("Please fill in every field. A contact must not look like an Individual "
	                       "Number: write it with hyphens as telephone numbers are."));
	return page_write(p);
}

int route_end_post(struct Page *p)
{
	struct Ask ask = {.query = QUERY_ROUTE_END, .n = ROUTE_END_N_P};
	int64_t id;

	if (fields_number(&p->request->form, "id", &id) < 0)
		return QUERY_INVALID;
	ask.cells[ROUTE_END_ID_P] = CELL_OF_NUMBER(id);
	return form_ask(p, &ask, "/incidents/route");
}
