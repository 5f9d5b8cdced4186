/* SPDX-License-Identifier: Apache-2.0 */
/* An ordinary day of the office: who comes, who needs a medium for what, what goes wrong as it does. */
#include "visit.h"

int64_t time_at(int64_t day, int minute)
{
	return (day * 1440 + minute - 9 * 60) * 60000;
}

int64_t work_day_after(int64_t day)
{
	do
		day++;
	while (day_is_closed(day_from_number(day)));
	return day;
}

int64_t work_day_before(int64_t day)
{
	do
		day--;
	while (day_is_closed(day_from_number(day)));
	return day;
}

/* ------------------------------------------------------------------ who is there */

static int season_of(const struct Person *p, struct Day day)
{
	int section = post_of(p)->section;

	return section < 0 ? 10 : sections[section].season[day.month - 1];
}

static bool comes(struct Office *o, struct Person *p, int64_t day)
{
	struct Day d = day_from_number(day);
	int off = d.month == 8 ? 170 : d.month == 12 || d.month == 1 ? 90 : 60;

	if (day >= p->away_from && day <= p->away_to)
		return false;
	if (day_is_closed(d)) /* doors open on a Sunday: some of the section */
		return office_opens(post_of(p)->section, d) &&
		       draw_chance(&o->draw, p->role == ROLE_CLERK ? 450 : 700);
	return p->days >> day_weekday(d) & 1 && !draw_chance(&o->draw, (unsigned int)off);
}

void ordinary_presence(struct Office *o, int64_t day)
{
	struct Day d = day_from_number(day);

	for (size_t i = 0; i < o->n_people; i++) {
		struct Person *p = &o->people[i];
		bool busy = season_of(p, d) > 12;

		p->present = comes(o, p, day);
		p->today_arrive = p->arrive + draw_bell(&o->draw, -15, 20);
		p->today_leave = p->leave + draw_bell(&o->draw, -10, 30);
		if (draw_chance(&o->draw, (unsigned int)(p->late * (busy ? 3 : 1))))
			p->today_leave = MIN(p->today_leave + draw_between(&o->draw, 40, 210), 21 * 60 + 20);
		if (day_is_closed(d)) {
			p->today_arrive = MAX(p->today_arrive, 8 * 60 + 30);
			p->today_leave = MIN(p->today_leave, 17 * 60);
		}
	}
}

/* ------------------------------------------------------------------ work */

struct Job {
	struct Office *o;
	struct Person *p;
	struct Desk *desk;
	int64_t day;
	int from, to; /* minutes in which they are there */
};

static int minute_in(const struct Job *j, int from, int to)
{
	return draw_between(&j->o->draw, MAX(from, j->from), MAX(MIN(to, j->to), MAX(from, j->from)));
}

static struct Visit *visit(const struct Job *j, int kind, int minute)
{
	struct Visit *v =
	        visit_add(j->o, j->desk, kind, time_at(j->day, minute) + draw_between(&j->o->draw, 0, 59999));

	v->who = v->other = j->p;
	return v;
}

static void add_copies(const struct Job *j, int minute)
{
	struct Draw *draw = &j->o->draw;
	struct Day d = day_from_number(j->day);
	bool batch = j->p->batch_day && d.day >= j->p->batch_day && d.day < j->p->batch_day + 3;
	struct Visit *v = visit(j, VISIT_COPY, minute);

	/* mostly at once; now and then it takes several, as what was forgotten is added */
	v->amount = draw_chance(draw, 800)   ? 1
	            : draw_chance(draw, 900) ? draw_between(draw, 2, 3)
	                                     : draw_between(draw, 4, 6);
	v->size = draw_count(draw, j->p->files);
	if (batch)
		v->size += 4 * j->p->files;
	if (j->p->gets && draw_chance(draw, 250)) {
		v = visit(j, VISIT_GET, minute + 4);
		v->amount = 1;
		v->size = draw_between(draw, 1, 3);
	}
}

static void add_return(const struct Job *j, struct Desk *desk, int minute)
{
	struct Visit *v;

	/* after a change of desk the old one's supervisor takes it */
	if (desk != j->desk && desk->section != j->desk->section) {
		struct Person *s = office_present(j->o, desk->section, ROLE_SUPERVISOR);

		if (!s)
			return;
		v = visit_add(j->o, desk, VISIT_RETURN, time_at(j->day, minute));
		v->who = s;
		v->other = j->p;
		return;
	}
	v = visit_add(j->o, desk, VISIT_RETURN, time_at(j->day, minute));
	v->who = v->other = j->p;
}

/* A medium is lent, used, and brought back today or some days later. */
static void add_loan(const struct Job *j)
{
	struct Draw *draw = &j->o->draw;
	struct Person *s = office_present(j->o, j->desk->section, ROLE_SUPERVISOR);
	bool late = j->to > 18 * 60 + 30 && draw_chance(draw, 400), today = !late && draw_chance(draw, 680);
	int at, use;
	struct Visit *v;
	int64_t last = j->day;

	if (!s)
		return;
	at = minute_in(j, MAX(j->from + 12, s->today_arrive + 5),
	        MIN(late ? 17 * 60 + 5 : j->to - 60, MIN(s->today_leave - 5, 17 * 60)));
	use = late ? minute_in(j, 17 * 60 + 40, j->to - 8) : minute_in(j, at + 3, at + 40);
	if (!today)
		for (int i = draw_between(draw, 1, 4); i > 0; i--)
			last = work_day_after(last);
	else if (MIN(j->to, 17 * 60 + 10) < use + 25)
		last = work_day_after(last);
	v = visit(j, VISIT_LEND, at);
	v->who = s;
	v->until = time_at(last, last == j->day ? 17 * 60 + 15 : 17 * 60);
	add_copies(j, use);
	if (last == j->day)
		add_return(j, j->desk, minute_in(j, use + 15, MIN(j->to - 2, 17 * 60 + 10)));
}

/* What is lent to them, wherever. */
static struct Stick *loan_of(struct Office *o, const struct Person *p, struct Desk **ret)
{
	for (size_t i = 0; i < o->n_desks; i++) {
		struct Stick *s = desk_loan(&o->desks[i], p);

		*ret = &o->desks[i];
		if (s)
			return s;
	}
	return NULL;
}

/* Another one of the section, as the own is taken by somebody. */
static struct Desk *neighbour(struct Office *o, struct Desk *d, int64_t day)
{
	struct Desk *other = &o->desks[draw_below(&o->draw, (unsigned int)o->n_desks)];

	return other->section == d->section && desk_works(other, day) ? other : d;
}

static void clerk_day(struct Office *o, struct Person *p, int64_t day)
{
	struct Job j = {o, p, office_desk(o, p, day), day, p->today_arrive, p->today_leave};
	struct Draw *draw = &o->draw;
	struct Desk *where;
	struct Stick *loan;
	int season = season_of(p, day_from_number(day));
	bool work = draw_chance(draw, (unsigned int)MIN(p->busy * season / 10, 950)), due;

	if (!j.desk || p->barred == day)
		return;
	loan = loan_of(o, p, &where);
	if (!loan && work && draw_chance(draw, 150))
		j.desk = neighbour(o, j.desk, day);
	if (!loan && work && p->keep_until < time_at(day, 0))
		add_loan(&j);
	if (!loan)
		return;
	due = loan->until < time_at(day, 24 * 60);
	if (work && where == j.desk && loan->until > time_at(day, 15 * 60))
		add_copies(&j, minute_in(&j, p->today_arrive + 10, 14 * 60 + 40));
	if (p->keep_until > time_at(day, 0) || !desk_works(where, day))
		return;
	if (due ? draw_chance(draw, loan->overdue ? 600 : 955) : draw_chance(draw, 120))
		add_return(&j, where, minute_in(&j, 15 * 60, MIN(p->today_leave - 2, 16 * 60 + 55)));
}

/* ------------------------------------------------------------------ what goes wrong as it does */

struct Noise {
	int kind;
	unsigned int per_ten_thousand; /* of a terminal's days */
};
static const struct Noise noises[] = {
        {VISIT_STRANGER, 220},
        {VISIT_IDLE, 130},
        {VISIT_MISTYPED, 90},
        {VISIT_MIXED_UP, 12},
        {VISIT_REGISTER, 25},
        {VISIT_RELABEL, 8},
        {VISIT_POLICY_FAILED, 4},
        {VISIT_TROUBLE, 25},
        {VISIT_CLOCK_SET, 25},
        {VISIT_CLOCK_BACK, 5},
        {VISIT_TAMPER, 2},
};

static void desk_noise(struct Office *o, struct Desk *d, struct Person *p, int64_t day)
{
	struct Person *s = office_present(o, d->section, ROLE_SUPERVISOR);

	for (size_t i = 0; i < ARRAY_SIZE(noises); i++) {
		struct Visit *v;

		if (draw_below(&o->draw, 10000) >= noises[i].per_ten_thousand)
			continue;
		if (!s ||
		        (!s->first && (noises[i].kind == VISIT_REGISTER || noises[i].kind == VISIT_RELABEL)))
			continue;
		v = visit_add(o, d, noises[i].kind,
		        time_at(day, draw_between(&o->draw, p->today_arrive + 20,
		                             MIN(p->today_leave - 20, 17 * 60))));
		v->who = p;
		v->other = s;
		v->amount = draw_chance(&o->draw, 850) ? 1 : 2;
	}
}

static void desk_day(struct Office *o, struct Desk *d, int64_t day)
{
	struct Person *any = NULL;
	int from = 24 * 60, to = 0;

	for (size_t i = 0; i < o->n_people; i++) {
		struct Person *p = &o->people[i];

		if (!p->present || office_desk(o, p, day) != d)
			continue;
		any = p;
		from = MIN(from, p->today_arrive);
		to = MAX(to, p->today_leave);
	}
	if (!any || !desk_works(d, day))
		return;
	if (d->always_on && day_weekday(day_from_number(day)) == 1) /* its weekly restart */
		visit_add(o, d, VISIT_STOP, time_at(day, from - 3));
	visit_add(o, d, VISIT_START, time_at(day, from + 1));
	if (!d->always_on)
		visit_add(o, d, draw_chance(&o->draw, 4) ? VISIT_CRASH : VISIT_STOP, time_at(day, to));
	desk_noise(o, d, any, day);
}

/* A new configuration for all terminals: twice a year when people move, and now and then. */
static bool is_roll_out(struct Day d)
{
	return d.day <= 7 && day_weekday(d) == 3 &&
	       (d.month == 4 || d.month == 7 || d.month == 10 || d.month == 1);
}

void ordinary_day(struct Office *o, int64_t day)
{
	if (is_roll_out(day_from_number(day)) && !day_is_closed(day_from_number(day)))
		draw_bytes(&o->draw, o->config, sizeof(o->config));
	for (size_t i = 0; i < o->n_desks; i++) {
		struct Desk *d = &o->desks[i];

		/* one that is on hears of it in the course of the day, the others when they start */
		if (d->on && memcmp(d->config, o->config, sizeof(o->config)))
			visit_add(o, d, VISIT_ROLL_OUT, time_at(day, 10 * 60));
		else
			memcpy(d->config, o->config, sizeof(o->config));
		desk_day(o, d, day);
	}
	for (size_t i = 0; i < o->n_people; i++)
		if (o->people[i].present && o->people[i].role == ROLE_CLERK)
			clerk_day(o, &o->people[i], day);
}
