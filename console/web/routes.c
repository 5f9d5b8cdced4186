/* SPDX-License-Identifier: Apache-2.0 */
/* Every address of the console. What is not a row here does not exist; paths are compared byte for byte. */
#include "pages.h"
#include "str.h"

#define READ        QUERY_READ
#define PEOPLE_READ (QUERY_ADMIN | ROLE_CHIEF | ROLE_AUDITOR)

static const struct Route routes[] = {
        /* in the order of the navigation */
        {"/", REQUEST_GET, READ, N_("Today"), true, today_show},
        {"/media", REQUEST_GET, READ, N_("Media register"), true, media_show},
        {"/checkouts", REQUEST_GET, READ, N_("Checkouts"), true, checkouts_show},
        {"/history", REQUEST_GET, READ, N_("History"), true, history_show},
        {"/review", REQUEST_GET, WHO_REVIEWS, N_("Review"), true, review_show},
        {"/calendar", REQUEST_GET, WHO_REVIEWS, N_("Calendar"), true, calendar_show},
        {"/incidents", REQUEST_GET, WHO_REVIEWS, N_("Incidents and findings"), true, incidents_show},
        {"/terminals", REQUEST_GET, READ, N_("Terminals"), true, terminals_show},
        {"/reports", REQUEST_GET, READ, N_("Reports"), true, reports_show},
        {"/people", REQUEST_GET, PEOPLE_READ, N_("People"), true, people_show},
        /* reached from there */
        {"/terminal", REQUEST_GET, READ, N_("Terminal"), false, terminal_show},
        {"/record", REQUEST_GET, READ, N_("Record"), false, record_show},
        {"/record/line", REQUEST_GET, READ, NULL, false, record_line_show},
        {"/record/proof", REQUEST_GET, READ, NULL, false, record_proof_show},
        {"/report/media", REQUEST_GET, READ, N_("Register of electronic media"), false, report_media_show},
        {"/report/carry-out", REQUEST_GET, READ, N_("Register of carrying out"), false, report_carry_show},
        {"/report/review", REQUEST_GET, WHO_REVIEWS, N_("Report on a review of the records"), false,
                report_review_show},
        {"/report/handling", REQUEST_GET, READ, N_("Management register of specific personal information"),
                false, report_handling_show},
        {"/report/disposal", REQUEST_GET, READ, N_("Certificate of disposal or deletion"), false,
                report_disposal_show},
        {"/report/survey", REQUEST_GET, WHO_REVIEWS,
                N_("Survey of the safety measures (items 11 and 20 to 29)"), false, report_survey_show},
        {"/report/incident", REQUEST_GET, WHO_REVIEWS, N_("Report on an incident"), false,
                report_incident_show},
        {"/report/card", REQUEST_GET, WHO_REVIEWS, N_("Emergency card"), false, report_card_show},
        {"/review/period", REQUEST_GET, WHO_REVIEWS, N_("Review of a period"), false, review_period_show},
        {"/review/hit", REQUEST_GET, WHO_REVIEWS, N_("Hit"), false, review_hit_show},
        {"/review/plan", REQUEST_POST, WHO_CONFIRMS, N_("Review"), false, review_plan_post},
        {"/review/plan-close", REQUEST_POST, WHO_CONFIRMS, N_("Review"), false, review_plan_close_post},
        {"/review/decide", REQUEST_POST, WHO_REVIEWS, N_("Hit"), false, review_decide_post},
        {"/review/sign", REQUEST_POST, WHO_REVIEWS, N_("Review of a period"), false, review_sign_post},
        {"/review/confirm", REQUEST_POST, WHO_CONFIRMS, N_("Review of a period"), false, review_confirm_post},
        {"/calendar/duty", REQUEST_GET, WHO_REVIEWS, N_("Duty"), false, calendar_item_show},
        {"/calendar/notice", REQUEST_GET, WHO_REVIEWS, N_("Notice to the staff"), false,
                calendar_notice_show},
        {"/calendar/done", REQUEST_POST, WHO_REVIEWS, N_("Duty"), false, calendar_done_post},
        {"/calendar/add", REQUEST_POST, WHO_CONFIRMS, N_("Calendar"), false, duty_add_post},
        {"/calendar/close", REQUEST_POST, WHO_CONFIRMS, N_("Calendar"), false, duty_close_post},
        {"/incident", REQUEST_GET, WHO_REVIEWS, N_("Incident"), false, incident_show},
        {"/incident/new", REQUEST_GET, WHO_REVIEWS, N_("Write down an incident"), false, incident_new_show},
        {"/incident/open", REQUEST_POST, WHO_REVIEWS, N_("Write down an incident"), false,
                incident_open_post},
        {"/incident/add", REQUEST_POST, WHO_REVIEWS, N_("Incident"), false, incident_add_post},
        {"/incident/close", REQUEST_POST, WHO_CONFIRMS, N_("Incident"), false, incident_close_post},
        {"/incidents/route", REQUEST_GET, WHO_REVIEWS, N_("Report route"), false, route_show},
        {"/incidents/route-add", REQUEST_POST, ROLE_CHIEF, N_("Report route"), false, route_add_post},
        {"/incidents/route-end", REQUEST_POST, ROLE_CHIEF, N_("Report route"), false, route_end_post},
        {"/findings", REQUEST_GET, WHO_REVIEWS, N_("Findings of audits"), false, findings_show},
        {"/finding", REQUEST_GET, WHO_REVIEWS, N_("Finding of an audit"), false, finding_show},
        {"/finding/open", REQUEST_POST, ROLE_AUDITOR, N_("Findings of audits"), false, finding_open_post},
        {"/finding/add", REQUEST_POST, WHO_REVIEWS, N_("Finding of an audit"), false, finding_add_post},
        {"/finding/confirm", REQUEST_POST, ROLE_AUDITOR, N_("Finding of an audit"), false,
                finding_confirm_post},
        {"/people/add", REQUEST_POST, QUERY_ADMIN, N_("People"), false, account_add_post},
        {"/people/change", REQUEST_POST, QUERY_ADMIN, N_("People"), false, account_change_post},
        {"/people/token", REQUEST_POST, QUERY_ADMIN, N_("People"), false, token_add_post},
        {"/people/token-end", REQUEST_POST, QUERY_ADMIN, N_("People"), false, token_end_post},
        {"/me", REQUEST_GET, READ, N_("My account"), false, me_show},
        {"/me/password", REQUEST_POST, READ, N_("My account"), false, password_post},
        {"/sign-out", REQUEST_POST, READ, NULL, false, sign_out_post},
        {"/sign-out-everywhere", REQUEST_POST, READ, NULL, false, sign_out_all_post},
        /* without a session */
        {"/sign-in", REQUEST_GET, 0, N_("Sign in"), false, sign_in_show},
        {"/sign-in", REQUEST_POST, 0, N_("Sign in"), false, sign_in_post},
        {"/link", REQUEST_POST, 0, N_("Set your password"), false, link_post},
        {"/style.css", REQUEST_GET, 0, NULL, false, style_show},
        {"/icon.svg", REQUEST_GET, 0, NULL, false, icon_show},
};

/* Addresses whose end says what is meant: a query that only reads, a link once printed. */
static const struct Route prefixes[] = {
        {"/api/v1/", REQUEST_GET, 0, NULL, false, api_show},
        {"/csv/", REQUEST_GET, READ, NULL, false, csv_show},
        {"/link/", REQUEST_GET, 0, N_("Set your password"), false, link_show},
};

const struct Route *route_at(size_t i)
{
	return i < ARRAY_SIZE(routes) ? &routes[i] : NULL;
}

const struct Route *route_find(const char *path, enum RequestMethod method)
{
	for (size_t i = 0; i < ARRAY_SIZE(routes); i++)
		if (routes[i].method == method && str_eq(routes[i].path, path))
			return &routes[i];
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (prefixes[i].method == method &&
		        strncmp(prefixes[i].path, path, strlen(prefixes[i].path)) == 0)
			return &prefixes[i];
	return NULL;
}
