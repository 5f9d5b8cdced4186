/* SPDX-License-Identifier: Apache-2.0 */
#include "plant.h"

#include "clock.h"

#include <inttypes.h>

enum PlantWho {
	WHO_CLERK,
	WHO_MODEST, /* a clerk whose copies are small */
	WHO_WRITER, /* a clerk who never reads from media */
	WHO_SECOND, /* the supervisor who neither registers nor labels */
	WHO_NOBODY, /* the ledger does not say */
};

enum PlantWhen {
	WHEN_DAY,
	WHEN_NIGHT,
	WHEN_EARLY,
	WHEN_CLOSED,
};

struct PlantForm {
	const char *kind, *word;
	enum PlantWho who;
	enum PlantWhen when;
	bool foreign; /* at a terminal of another section */
	int amount[3][2], size[3][2];
	void (*plan)(struct Office *o, struct Plant *p);
	int reason;
};

/* ------------------------------------------------------------------ what is done on the day */

static struct Visit *planted(struct Office *o, struct Plant *p, int kind, int minute)
{
	struct Visit *v =
	        visit_add(o, p->desk, kind, time_at(p->day, minute) + draw_between(&o->draw, 0, 59999));

	v->plant = p;
	v->who = v->other = p->who;
	v->amount = p->amount;
	v->size = p->size;
	v->reason = p->form->reason;
	return v;
}

/* A medium for it. The loan in itself is nothing special, but at a foreign terminal. */
static int lend(struct Office *o, struct Plant *p, int64_t day, int minute, int64_t until)
{
	struct Person *s = office_present(o, p->desk->section, ROLE_SUPERVISOR);
	struct Visit *v;

	if (!s)
		return minute;
	minute = MAX(minute, s->today_arrive + 4);
	v = visit_add(o, p->desk, VISIT_LEND, time_at(day, minute));
	v->plant = p;
	v->who = s;
	v->other = p->who;
	v->until = until;
	p->who->keep_until = until;
	return minute + 2;
}

static int morning(const struct Plant *p)
{
	return p->who->today_arrive + 15 + p->minute % 60;
}

/* Lent and brought back on the same day, between them `amount` times whatever it is. */
static void plan_day(struct Office *o, struct Plant *p, int kind)
{
	int at = lend(o, p, p->day, morning(p), time_at(p->day, 17 * 60 + 15));
	struct Visit *v;

	planted(o, p, kind, at + draw_between(&o->draw, 2, 60));
	v = visit_add(o, p->desk, VISIT_RETURN, time_at(p->day, 16 * 60 + 30));
	v->who = v->other = p->who;
}

static void plan_copies(struct Office *o, struct Plant *p)
{
	plan_day(o, p, VISIT_COPY);
}

static void plan_gets(struct Office *o, struct Plant *p)
{
	plan_day(o, p, VISIT_GET);
}

static void plan_wrong(struct Office *o, struct Plant *p)
{
	plan_day(o, p, VISIT_WRONG);
}

static void plan_off_hours(struct Office *o, struct Plant *p)
{
	planted(o, p, VISIT_COPY, p->minute);
	if (!p->desk->always_on)
		visit_add(o, p->desk, VISIT_STOP, time_at(p->day, p->minute + 2));
}

/* Over the day, each by itself of the usual kind. */
static void plan_rise(struct Office *o, struct Plant *p)
{
	int at = lend(o, p, p->day, morning(p), time_at(p->day, 17 * 60 + 15));
	struct Visit *v;

	for (int i = 0; i < p->amount; i++) {
		v = planted(o, p, VISIT_COPY, draw_between(&o->draw, at + 3, 16 * 60 + 20));
		v->amount = 1;
		v->size = MAX(1, p->size * p->who->files / 2 + draw_between(&o->draw, -1, 1));
	}
	v = visit_add(o, p->desk, VISIT_RETURN, time_at(p->day, 16 * 60 + 50));
	v->who = v->other = p->who;
}

/* Somebody who works at that terminal, so that there is a loan that is not theirs. */
static void lend_to_another(struct Office *o, struct Plant *p)
{
	struct Person *s = office_present(o, p->desk->section, ROLE_SUPERVISOR);

	for (size_t i = 0; s && i < o->n_people; i++) {
		struct Person *other = &o->people[i];
		struct Visit *v;

		if (other == p->who || !other->present || office_desk(o, other, p->day) != p->desk ||
		        other->role != ROLE_CLERK)
			continue;
		v = visit_add(o, p->desk, VISIT_LEND, time_at(p->day, 10 * 60 + 5));
		v->who = s;
		v->other = other;
		v->until = time_at(p->day, 17 * 60);
		v = visit_add(o, p->desk, VISIT_RETURN, time_at(p->day, 16 * 60 + 40));
		v->who = v->other = other;
		return;
	}
}

static void plan_attempts(struct Office *o, struct Plant *p)
{
	if (p->form->reason == FAULT_OTHER_LOAN || p->form->reason == FAULT_RIGHT_EXPIRED)
		lend_to_another(o, p);
	planted(o, p, VISIT_ATTEMPTS, draw_between(&o->draw, 10 * 60 + 20, 15 * 60));
}

static void plan_plugs(struct Office *o, struct Plant *p)
{
	planted(o, p, VISIT_STRANGER, draw_between(&o->draw, p->who->today_arrive + 10, 15 * 60));
	if (p->strength == 2 && draw_chance(&o->draw, 300))
		planted(o, p, VISIT_FLOOD, 16 * 60)->size = draw_between(&o->draw, 5, 60);
}

static void plan_policy(struct Office *o, struct Plant *p)
{
	planted(o, p, VISIT_POLICY, draw_between(&o->draw, 9 * 60, 16 * 60));
}

static void plan_relabel(struct Office *o, struct Plant *p)
{
	int at = draw_between(&o->draw, 9 * 60 + 10, 15 * 60);

	for (int i = 0; i < p->amount; i++)
		planted(o, p, VISIT_RELABEL, at + i * 4);
}

static void plan_register(struct Office *o, struct Plant *p)
{
	int at = draw_between(&o->draw, 9 * 60 + 10, 15 * 60);

	for (int i = 0; i < p->amount; i++)
		planted(o, p, VISIT_REGISTER, at + i * 5);
}

static const struct PlantForm forms[] = {
        {"off-hours", "night-copy", WHO_CLERK, WHEN_NIGHT, false, {{1, 1}, {1, 3}, {3, 7}},
                {{1, 4}, {4, 20}, {25, 120}}, plan_off_hours, 0},
        {"off-hours", "early-copy", WHO_CLERK, WHEN_EARLY, false, {{1, 1}, {1, 3}, {2, 5}},
                {{1, 4}, {4, 15}, {20, 80}}, plan_off_hours, 0},
        {"off-hours", "holiday-copy", WHO_CLERK, WHEN_CLOSED, false, {{1, 1}, {1, 3}, {3, 7}},
                {{1, 4}, {4, 20}, {25, 120}}, plan_off_hours, 0},
        {"foreign-terminal", "lent-there", WHO_CLERK, WHEN_DAY, true, {{1, 1}, {1, 2}, {3, 6}},
                {{1, 3}, {3, 12}, {20, 80}}, plan_copies, 0},
        {"foreign-terminal", "read-there", WHO_CLERK, WHEN_DAY, true, {{1, 1}, {1, 2}, {2, 4}},
                {{1, 3}, {3, 12}, {20, 60}}, plan_gets, 0},
        {"foreign-terminal", "others-loan-there", WHO_CLERK, WHEN_DAY, true, {{1, 2}, {2, 4}, {5, 12}},
                {{0, 0}, {0, 0}, {0, 0}}, plan_attempts, FAULT_OTHER_LOAN},
        {"without-right", "beyond-role", WHO_CLERK, WHEN_DAY, false, {{2, 2}, {3, 5}, {6, 14}},
                {{0, 0}, {0, 0}, {0, 0}}, plan_attempts, FAULT_NOT_ALLOWED},
        {"without-right", "others-loan", WHO_CLERK, WHEN_DAY, false, {{2, 2}, {3, 5}, {6, 12}},
                {{0, 0}, {0, 0}, {0, 0}}, plan_attempts, FAULT_OTHER_LOAN},
        {"without-right", "not-on-roster", WHO_CLERK, WHEN_DAY, true, {{1, 2}, {3, 5}, {6, 12}},
                {{0, 0}, {0, 0}, {0, 0}}, plan_attempts, FAULT_NOT_ON_ROSTER},
        {"without-right", "right-expired", WHO_CLERK, WHEN_DAY, false, {{2, 3}, {4, 6}, {7, 12}},
                {{0, 0}, {0, 0}, {0, 0}}, plan_attempts, FAULT_RIGHT_EXPIRED},
        {"without-right", "self-lending", WHO_SECOND, WHEN_DAY, false, {{1, 1}, {2, 3}, {4, 6}},
                {{0, 0}, {0, 0}, {0, 0}}, plan_attempts, FAULT_SELF_LENDING},
        {"unusual", "mass-copy", WHO_MODEST, WHEN_DAY, false, {{1, 1}, {1, 1}, {1, 2}},
                {{40, 80}, {100, 200}, {250, 500}}, plan_copies, 0},
        {"unusual", "first-read", WHO_WRITER, WHEN_DAY, false, {{1, 1}, {1, 3}, {3, 6}},
                {{5, 10}, {10, 30}, {40, 90}}, plan_gets, 0},
        {"unusual", "relabel", WHO_SECOND, WHEN_DAY, false, {{1, 1}, {1, 2}, {2, 4}},
                {{0, 0}, {0, 0}, {0, 0}}, plan_relabel, 0},
        {"unusual", "register", WHO_SECOND, WHEN_DAY, false, {{1, 1}, {1, 2}, {2, 3}},
                {{0, 0}, {0, 0}, {0, 0}}, plan_register, 0},
        {"unusual", "policy-changed", WHO_NOBODY, WHEN_DAY, false, {{1, 1}, {1, 1}, {1, 1}},
                {{20, 40}, {60, 100}, {120, 200}}, plan_policy, 0},
        {"repetition", "small-copies", WHO_CLERK, WHEN_DAY, false, {{7, 9}, {10, 16}, {18, 40}},
                {{1, 1}, {1, 2}, {1, 2}}, plan_copies, 0},
        {"repetition", "refused-plugs", WHO_CLERK, WHEN_DAY, false, {{4, 6}, {7, 12}, {14, 30}},
                {{0, 0}, {0, 0}, {0, 0}}, plan_plugs, 0},
        {"repetition", "wrong-password", WHO_CLERK, WHEN_DAY, false, {{5, 6}, {7, 12}, {15, 30}},
                {{0, 0}, {0, 0}, {0, 0}}, plan_wrong, 0},
        {"rise", "more-copies", WHO_MODEST, WHEN_DAY, false, {{5, 6}, {7, 10}, {11, 20}},
                {{2, 2}, {2, 3}, {2, 4}}, plan_rise, 0},
        {"rise", "more-files", WHO_MODEST, WHEN_DAY, false, {{2, 3}, {3, 4}, {3, 6}},
                {{12, 16}, {20, 30}, {40, 80}}, plan_rise, 0},
};

/* ------------------------------------------------------------------ the year's choice */

static bool person_fits(const struct Office *o, const struct Plant *p, const struct Person *who)
{
	static const uint32_t roles[] = {ROLE_CLERK, ROLE_CLERK, ROLE_CLERK, ROLE_SUPERVISOR};

	if (who->role != roles[p->form->who] || who->plants > 1)
		return false;
	if (p->form->who == WHO_SECOND && who->first)
		return false;
	if (p->form->who == WHO_MODEST && (who->files > 3 || who->batch_day || who->busy < 250))
		return false;
	if (p->form->who == WHO_WRITER && who->gets)
		return false;
	/* what is a first time must be the only one */
	if ((p->form->who == WHO_WRITER || p->form->who == WHO_SECOND) && who->plants)
		return false;
	if (p->form->when == WHEN_DAY && !(who->days >> day_weekday(day_from_number(p->day)) & 1))
		return false;
	if (p->day > who->away_from - 15 && p->day < who->away_to + 5)
		return false;
	for (size_t i = 0; i < o->n_plants; i++)
		if (o->plants[i].who == who && llabs(o->plants[i].day - p->day) < 12)
			return false;
	return true;
}

static bool draw_person(struct Office *o, struct Plant *p)
{
	for (int i = 0; i < 300; i++) {
		struct Person *who = &o->people[draw_below(&o->draw, (unsigned int)o->n_people)];

		if (!person_fits(o, p, who))
			continue;
		p->who = who;
		return true;
	}
	return false;
}

static bool draw_desk(struct Office *o, struct Plant *p)
{
	for (int i = 0; i < 300; i++) {
		struct Desk *d = &o->desks[draw_below(&o->draw, (unsigned int)o->n_desks)];
		int section = p->who ? post_of(p->who)->section : d->section;

		/* in use for a while */
		if (!desk_works(d, p->day) || p->day < d->from + 40 ||
		        (p->day > d->away_from - 15 && p->day < d->away_to + 10) ||
		        p->form->foreign == (d->section == section))
			continue;
		p->desk = d;
		if (p->form->foreign || p->form->who >= WHO_SECOND)
			return true;
		p->desk = post_of(p->who)->desk;
		return p->desk && desk_works(p->desk, p->day) && p->day > p->desk->from + 40 &&
		       !(p->day > p->desk->away_from - 15 && p->day < p->desk->away_to + 10);
	}
	return false;
}

static bool draw_day(struct Office *o, struct Plant *p)
{
	int days = (int)(o->to - o->from), first = MIN(50, days / 3);
	struct Day day;

	p->day = o->from + draw_between(&o->draw, first, MAX(first, days - 12));
	if (p->form->when == WHEN_CLOSED || p->form->when == WHEN_EARLY) {
		/* a night of any day; of those that are closed the plain ones */
		for (int i = 0;
		        i < 10 && p->form->when == WHEN_CLOSED && !day_is_closed(day_from_number(p->day));
		        i++)
			p->day++;
		p->loan_day = work_day_before(p->day);
	} else if (day_is_closed(day_from_number(p->day))) {
		p->day = work_day_after(p->day);
	}
	day = day_from_number(p->day);
	/* not around the turn of a year or where people change places */
	return !(day.month == 3 && day.day > 15) && !(day.month == 4 && day.day < 20) &&
	       !(day.month == 10 && day.day < 10) && p->day <= o->to - 5 &&
	       (p->form->when != WHEN_CLOSED ||
	               (day_is_closed(day) && !(day_weekday(day) == 0 && (day.month < 4))));
}

static void draw_minute(struct Office *o, struct Plant *p)
{
	p->minute = draw_between(&o->draw, 0, 59);
	if (p->form->when == WHEN_EARLY)
		p->minute += 60 * draw_between(&o->draw, 4, 5);
	if (p->form->when == WHEN_CLOSED)
		p->minute += 60 * draw_between(&o->draw, 8, 20);
	if (p->form->when != WHEN_NIGHT)
		return;
	if (draw_chance(&o->draw, 500)) {
		p->minute += 22 * 60 + 30;
		p->minute = MIN(p->minute, 23 * 60 + 50);
		p->loan_day = p->day;
	} else {
		p->minute += 60 * draw_between(&o->draw, 0, 3);
		p->loan_day = work_day_before(p->day);
	}
}

static bool plant_draw(struct Office *o, const struct PlantForm *form)
{
	struct Plant *p = &o->plants[o->n_plants];

	for (int i = 0; i < 50; i++) {
		*p = (struct Plant){.form = form, .strength = draw_between(&o->draw, 0, 2)};
		p->amount =
		        draw_between(&o->draw, form->amount[p->strength][0], form->amount[p->strength][1]);
		p->size = draw_between(&o->draw, form->size[p->strength][0], form->size[p->strength][1]);
		if (!draw_day(o, p) || (form->who != WHO_NOBODY && !draw_person(o, p)) || !draw_desk(o, p))
			continue;
		draw_minute(o, p);
		if (p->who)
			p->who->plants += form->who == WHO_WRITER || form->who == WHO_SECOND ? 2 : 1;
		o->n_plants++;
		return true;
	}
	return false;
}

void plants_make(struct Office *o)
{
	int days = (int)(o->to - o->from) + 1;
	/* some come to nothing: nobody was there to lend */
	int wanted = draw_between(&o->draw, 38, 62) * days / 365 * (int)MIN(o->n_desks, 20) / 20;

	wanted = MAX(wanted, 8);
	o->plants = calloc((size_t)wanted + ARRAY_SIZE(forms), sizeof(*o->plants));
	must(o->plants != NULL, "memory");
	/* each form once when there are many, then as it comes */
	for (size_t i = 0; i < ARRAY_SIZE(forms) && wanted > (int)ARRAY_SIZE(forms); i++)
		plant_draw(o, &forms[i]);
	for (int tries = 0; (int)o->n_plants < wanted && tries < 4 * wanted; tries++)
		plant_draw(o, &forms[draw_below(&o->draw, ARRAY_SIZE(forms))]);
}

void plants_done(struct Office *o)
{
	for (size_t i = 0; i < o->n_plants; i++) {
		free(o->plants[i].marks.rows);
		free(o->plants[i].marks.telling);
	}
	free(o->plants);
}

/* ------------------------------------------------------------------ day by day */

static void be_there(struct Person *p)
{
	if (p->present)
		return;
	p->present = true;
	p->today_arrive = p->arrive;
	p->today_leave = p->leave;
}

static void lender_be_there(struct Office *o, int section)
{
	if (office_present(o, section, ROLE_SUPERVISOR))
		return;
	for (size_t i = 0; i < o->n_people; i++)
		if (o->people[i].role == ROLE_SUPERVISOR && post_of(&o->people[i])->section == section)
			be_there(&o->people[i]);
}

void plants_presence(struct Office *o, int64_t day)
{
	for (size_t i = 0; i < o->n_plants; i++) {
		struct Plant *p = &o->plants[i];

		if (p->who && (p->loan_day == day || (p->day == day && p->form->when == WHEN_DAY))) {
			be_there(p->who);
			/* nothing else on that day: nobody is in two places, and what is counted is the act's
			 */
			if (p->form->when == WHEN_DAY)
				p->who->barred = day;
			lender_be_there(o, p->desk->section);
		}
	}
}

void plants_day(struct Office *o, int64_t day)
{
	for (size_t i = 0; i < o->n_plants; i++) {
		struct Plant *p = &o->plants[i];

		if (p->loan_day == day)
			lend(o, p, day, 15 * 60 + p->minute % 60, time_at(work_day_after(p->day), 17 * 60));
		if (p->day == day)
			p->form->plan(o, p);
	}
}

void plant_begins(struct Plant *p, const struct Desk *d)
{
	if (p->begun)
		return;
	p->begun = true;
	p->year = d->writer.year;
	p->from = d->now;
}

void plant_ends(struct Plant *p, const struct Desk *d)
{
	p->to = d->writer.time;
}

/* ------------------------------------------------------------------ written down */

static bool is_telling(const struct Plant *p)
{
	for (size_t i = 0; i < p->marks.n; i++)
		if (p->marks.telling[i])
			return true;
	return false;
}

static void numbers_write(const struct Plant *p, bool telling, FILE *to)
{
	bool any = false;

	for (size_t i = 0; i < p->marks.n; i++) {
		if (telling && !p->marks.telling[i])
			continue;
		fprintf(to, "%s%" PRIu64, any ? "," : "", p->marks.rows[i]);
		any = true;
	}
}

static void plant_write(const struct Plant *p, size_t id, FILE *to)
{
	static const char *const strengths[] = {"subtle", "plain", "gross"};
	char from[CLOCK_TEXT], until[CLOCK_TEXT];

	clock_format(p->from, from);
	clock_format(p->to, until);
	fprintf(to, "{\"id\":%zu,\"kind\":\"%s\",\"form\":\"%s\",\"strength\":\"%s\",", id, p->form->kind,
	        p->form->word, strengths[p->strength]);
	if (p->who)
		fprintf(to, "\"who\":\"%s\",\"uid\":%u,", p->who->login, p->who->uid);
	fprintf(to, "\"terminal\":\"%s\",\"year\":%u,\"from\":\"%s\",\"to\":\"%s\",\"telling\":[",
	        p->desk->id, p->year, from, until);
	numbers_write(p, true, to);
	fprintf(to, "],\"records\":[");
	numbers_write(p, false, to);
	fprintf(to, "]}");
}

size_t plants_write(const struct Office *o, FILE *to)
{
	size_t n = 0;

	fprintf(to, "{\"seed\":%" PRIu64 ",\"plants\":[\n", o->seed);
	for (size_t i = 0; i < o->n_plants; i++) {
		if (!is_telling(&o->plants[i]))
			continue;
		if (n++)
			fprintf(to, ",\n");
		plant_write(&o->plants[i], n, to);
	}
	fprintf(to, "\n]}\n");
	return n;
}
