/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 個人情報の安全管理措置に関する調査シート, items 11 and 20 to 29: what a fiscal year's ledgers say to each.
 * An answer is given only where they show the measure; where they cannot, the office answers, and the sheet
 * says so.
 */
#include "pages.h"
#include "survey.h"
#include "words.h"

enum Answered { ANSWER_OFFICE, ANSWER_DONE, ANSWER_PARTLY, ANSWER_NOT };

static const char *const answers[] = {
        [ANSWER_OFFICE] = N_("to be answered by the office"),
        [ANSWER_DONE] = N_("A. done"),
        [ANSWER_PARTLY] = N_("B. done in part"),
        [ANSWER_NOT] = N_("C. not done"),
};

/* ------------------------------------------------------------------ evidence */

/* <li>what: n, and where it can be seen. */
static void count_line(struct Html *h, const char *what, int64_t n, const char *kind, const char *result)
{
	html(h, "<li>");
	if (kind) {
		html(h, "<a href=\"/history?kind=");
		html_url(h, kind);
		html(h, "&amp;result=");
		html_url(h, result ? result : "");
		html(h, "\">");
	}
	html_say(h, what);
	if (kind)
		html(h, "</a>");
	html(h, ": ");
	html_number(h, n);
	html(h, "</li>");
}

static void note_line(struct Html *h, const char *sentence)
{
	html(h, "<li>");
	html_say(h, sentence);
	html(h, "</li>");
}

static int64_t let_in(const struct Survey *s)
{
	return s->kinds[SURVEY_OBSERVE].records + s->all.observed;
}

static void let_in_line(struct Html *h, const struct Survey *s)
{
	if (let_in(s))
		count_line(
		        h, N_("Let in although refused (trial in observe mode)"), let_in(s), "observe", NULL);
}

static enum Answered judge_devices(const struct Survey *s)
{
	return !s->all.records ? ANSWER_OFFICE : let_in(s) ? ANSWER_PARTLY : ANSWER_DONE;
}

static void evidence_devices(struct Html *h, const struct Survey *s)
{
	count_line(h, N_("Devices refused"), s->kinds[SURVEY_DEVICE].refused, "device", "refused");
	count_line(h, N_("Attempts to get past the gate, found and recorded"),
	        s->kinds[SURVEY_TAMPER].records, "tamper", NULL);
	let_in_line(h, s);
	count_line(h, N_("Registered media, which alone are let in"), s->media, NULL, NULL);
}

static enum Answered judge_copies(const struct Survey *s)
{
	return !s->kinds[SURVEY_COPY].done ? ANSWER_OFFICE : let_in(s) ? ANSWER_PARTLY : ANSWER_DONE;
}

static void evidence_copies(struct Html *h, const struct Survey *s)
{
	const struct SurveyCount *copy = &s->kinds[SURVEY_COPY];

	count_line(h, N_("Encrypted copies"), copy->done, "copy", "done");
	count_line(h, N_("Copies refused or failed"), copy->refused + copy->failed, "copy", NULL);
	note_line(
	        h, N_("Each copy is encrypted before it leaves the terminal, for a password or a recipient's "
	              "key; its record says which."));
	let_in_line(h, s);
}

/* Warnings above a number of Individual Numbers are not given by the agent. */
static enum Answered judge_limits(const struct Survey *s)
{
	return s->all.records ? ANSWER_PARTLY : ANSWER_OFFICE;
}

static void evidence_limits(struct Html *h, const struct Survey *s)
{
	count_line(h, N_("Devices refused"), s->kinds[SURVEY_DEVICE].refused, "device", "refused");
	count_line(
	        h, N_("Individual Numbers counted in copies"), s->kinds[SURVEY_COPY].numbers, "copy", "done");
	note_line(h, N_("The connection is limited; a warning above a number of persons is not given by this "
	                "program."));
	let_in_line(h, s);
}

static enum Answered judge_carried(const struct Survey *s)
{
	if (!s->carried)
		return ANSWER_OFFICE;
	return s->encrypted == s->carried && s->secret == s->carried && s->locked == s->carried
	               ? ANSWER_DONE
	               : ANSWER_PARTLY;
}

static void evidence_carried(struct Html *h, const struct Survey *s)
{
	count_line(h, N_("Media carried out"), s->carried, NULL, NULL);
	count_line(h, N_("with encryption demanded"), s->encrypted, NULL, NULL);
	count_line(h, N_("with a password or key demanded"), s->secret, NULL, NULL);
	count_line(h, N_("in a locked case"), s->locked, NULL, NULL);
	html(h, "<li><a href=\"/report/carry-out\">");
	html_say(h, N_("Register of carrying out"));
	html(h, "</a></li>");
}

static enum Answered judge_office(const struct Survey *s)
{
	(void)s;
	return ANSWER_OFFICE;
}

static void evidence_sent(struct Html *h, const struct Survey *s)
{
	(void)s;
	note_line(h, N_("Sending by networks is nothing that this program does or records."));
}

static void evidence_kept(struct Html *h, const struct Survey *s)
{
	count_line(h, N_("Media in the cabinet"), s->in, NULL, NULL);
	count_line(h, N_("lent out"), s->out, NULL, NULL);
	count_line(h, N_("overdue"), s->overdue, NULL, NULL);
}

static void evidence_deleted(struct Html *h, const struct Survey *s)
{
	count_line(h, N_("Returns at which the medium was compared with the records"),
	        s->kinds[SURVEY_RETURN].done, "return", "done");
	count_line(
	        h, N_("Copies found deleted at a return"), s->kinds[SURVEY_MISSING].done, "missing", "done");
	count_line(
	        h, N_("Files found that no record knows"), s->kinds[SURVEY_RESIDUE].done, "residue", "done");
	html(h, "<li><a href=\"/report/disposal\">");
	html_say(h, N_("Certificate of disposal or deletion"));
	html(h, "</a></li>");
}

static void evidence_retention(struct Html *h, const struct Survey *s)
{
	count_line(h, N_("Checkouts that ran out before the medium was back, now"), s->overdue, NULL, NULL);
	count_line(h, N_("Years of records dropped after their retention, each by two people"),
	        s->kinds[SURVEY_DROP].done, "drop", "done");
}

static int64_t acts(const struct Survey *s, bool unnamed)
{
	static const enum SurveyKind of_people[] = {
	        SURVEY_REGISTER, SURVEY_CHECKOUT, SURVEY_RETURN, SURVEY_COPY, SURVEY_READ, SURVEY_LIST};
	int64_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(of_people); i++)
		n += unnamed ? s->kinds[of_people[i]].unnamed : s->kinds[of_people[i]].done;
	return n;
}

static enum Answered judge_people(const struct Survey *s)
{
	return !acts(s, false) ? ANSWER_OFFICE : acts(s, true) ? ANSWER_PARTLY : ANSWER_DONE;
}

static void evidence_people(struct Html *h, const struct Survey *s)
{
	count_line(h, N_("Operations with media, each under its person's own login"), acts(s, false), NULL,
	        NULL);
	count_line(h, N_("without a person"), acts(s, true), NULL, NULL);
	count_line(h, N_("Refused for want of a right"), s->all.no_right, NULL, NULL);
}

static enum Answered judge_records(const struct Survey *s)
{
	return !s->ledgers ? ANSWER_OFFICE : s->verified == s->ledgers ? ANSWER_DONE : ANSWER_PARTLY;
}

static void evidence_records(struct Html *h, const struct Survey *s)
{
	count_line(h, N_("Ledgers of this year"), s->ledgers, NULL, NULL);
	count_line(h, N_("that verify"), s->verified, NULL, NULL);
	count_line(h, N_("Signed records in them"), s->signed_records, NULL, NULL);
	note_line(h,
	        N_("Each record says when, who, on which terminal and medium, what, and with what result."));
}

static enum Answered judge_reviews(const struct Survey *s)
{
	if (!s->plans)
		return ANSWER_NOT;
	return s->reviewed && !s->reviews_overdue ? ANSWER_DONE : ANSWER_PARTLY;
}

static void evidence_reviews(struct Html *h, const struct Survey *s)
{
	count_line(h, N_("Plans of reviews"), s->plans, NULL, NULL);
	count_line(h, N_("Reviews of this year's periods"), s->reviews, NULL, NULL);
	count_line(h, N_("done, and confirmed by a second person"), s->reviewed, NULL, NULL);
	count_line(h, N_("not done in time"), s->reviews_overdue, NULL, NULL);
	note_line(h, N_("Viewpoints: day and hour, terminal, right, unusual operation, the same again, "
	                "sudden rise."));
}

/* ------------------------------------------------------------------ the sheet */

static const struct SurveyItem {
	int number;
	const char *criterion;
	enum Answered (*judge)(const struct Survey *s);
	void (*evidence)(struct Html *h, const struct Survey *s);
} items[] = {
        {11, N_("Are devices that people bring in restricted?"), judge_devices, evidence_devices},
        {20, N_("Is data encrypted and protected by a password?"), judge_copies, evidence_copies},
        {21,
                N_("Are media restricted at terminals, and are people warned when more than a certain number "
                   "of "
                   "persons is downloaded?"),
                judge_limits, evidence_limits},
        {22, N_("Is what is carried out encrypted and protected by a password, and is it recorded?"),
                judge_carried, evidence_carried},
        {23, N_("Is what is sent to the outside over the Internet protected on its way?"), judge_office,
                evidence_sent},
        {24,
                N_("Are documents and media kept safely until their disposal, and disposed of beyond "
                   "restoration?"),
                judge_office, evidence_kept},
        {25, N_("Are records of deletion and disposal kept?"), judge_office, evidence_deleted},
        {26,
                N_("Is deletion and disposal approved by a responsible person, and done neither before the "
                   "retention "
                   "has passed nor long after it?"),
                judge_office, evidence_retention},
        {27, N_("Is access restricted to the necessary people by user authentication?"), judge_people,
                evidence_people},
        {28, N_("Are records of access (what, who, when) taken?"), judge_records, evidence_records},
        {29, N_("Are the records looked through regularly for wrongful use?"), judge_reviews,
                evidence_reviews},
};

static void items_write(struct Html *h, const struct Survey *s)
{
	static const struct Table table = {N_("Survey of the safety measures (items 11 and 20 to 29)"), NULL,
	        {N_("No."), N_("Criterion"), N_("Result"), N_("Evidence out of the ledgers"), N_("Remarks")}};

	table_start(h, &table, true);
	for (size_t i = 0; i < ARRAY_SIZE(items); i++) {
		enum Answered answer = items[i].judge(s);

		html(h, "<tr><th scope=\"row\">");
		html_digits(h, items[i].number);
		html(h, "</th><td>");
		html_say(h, items[i].criterion);
		if (answer == ANSWER_OFFICE)
			html(h, "</td><td class=\"blank\">");
		else
			html(h, "</td><td>");
		html_say(h, answers[answer]);
		html(h, "</td><td><ul class=\"evidence\">");
		items[i].evidence(h, s);
		html(h, "</ul></td><td class=\"blank\"></td></tr>");
	}
	table_end(h);
}

static void head_write(struct Html *h, const struct Page *p, const struct DocumentYear *year)
{
	static const char *const blanks[] = {N_("Where the survey was made"), N_("Who made the survey")};

	html(h, "<table class=\"form\"><tbody><tr><th scope=\"row\">");
	html_say(h, N_("Date of the survey"));
	html(h, "</th><td>");
	show_day_form(h, day_local(p->now));
	html(h, "</td></tr><tr><th scope=\"row\">");
	html_say(h, N_("What was surveyed"));
	html(h, "</th><td>");
	html_text(h, p->site->settings.office);
	html(h, " ");
	show_fiscal_year(h, year->year);
	html(h, "</td></tr>");
	for (size_t i = 0; i < ARRAY_SIZE(blanks); i++) {
		html(h, "<tr><th scope=\"row\">");
		html_say(h, blanks[i]);
		html(h, "</th><td class=\"blank\"></td></tr>");
	}
	html(h, "</tbody></table>");
}

int report_survey_show(struct Page *p)
{
	static const char *const seals[] = {N_("Answered by (seal)"), N_("Checked by (seal)"), NULL};
	struct DocumentYear year;
	struct Survey survey;
	int r = document_year(p, &year);

	if (r == 0)
		r = survey_read(p, &year, &survey);
	if (r)
		return r;
	document_start(p, N_("Survey of the safety measures (items 11 and 20 to 29)"));
	head_write(&p->html, p, &year);
	part_show(&p->html, N_("Technical and physical safety measures"));
	items_write(&p->html, &survey);
	html(&p->html, "<p class=\"hint\">");
	html_say(&p->html,
	        N_("A: the ledgers show the measure for the whole year. B: in part. C: not. The other items "
	           "of the sheet are no matter of media and are answered by the office."));
	html(&p->html, "</p>");
	document_seals(&p->html, seals);
	return document_end(p);
}
