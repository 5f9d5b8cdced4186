/* SPDX-License-Identifier: Apache-2.0 */
#include "visit.h"

#include "clock.h"
#include "names.h"
#include "plant.h"
#include "str.h"

struct Run {
	struct Office *o;
	struct Desk *d;
	const struct Visit *v;
};

static int day_of_month(const struct Desk *d)
{
	return day_from_number((d->now + 9 * 3600000) / 86400000).day;
}

static struct CopyWork copy_work(const struct Run *r, int files)
{
	const struct Section *s = &sections[MAX(post_of(r->v->who)->section, 0)];
	struct CopyWork w = {
	        .stems = s->stems, .files = files, .numbers = r->v->who->numbers, .day = day_of_month(r->d)};

	/* to the same place mostly by certificate */
	if (draw_chance(&r->d->draw, 550))
		w.recipient = s->recipients[0];
	return w;
}

static void run_start(const struct Run *r)
{
	desk_start(r->d, r->v->time);
}

static void run_stop(const struct Run *r)
{
	desk_stop(r->d);
}

/* The power goes, now and then in the middle of a copy. */
static void run_crash(const struct Run *r)
{
	struct Desk *d = r->d;

	for (size_t i = 0; i < d->n_sticks && d->on; i++)
		if (*d->sticks[i].checkout && !d->sticks[i].overdue && draw_chance(&d->draw, 300)) {
			const struct Section *s = &sections[d->section];
			struct CopyWork w = {.stems = s->stems, .files = 1, .fault = FAULT_INTERRUPTED};

			if (act_plug(d, &d->sticks[i]))
				act_copy(d, d->sticks[i].clerk, &d->sticks[i], &w);
			break;
		}
	if (d->on)
		desk_crash(d);
}

static void run_lend(const struct Run *r)
{
	const struct Section *s = &sections[r->d->section];
	struct Stick *has = desk_loan(r->d, r->v->other), *stick;
	struct Draw *draw = &r->d->draw;
	struct LendWork w = {.until = r->v->until,
	        .purpose = purposes[draw_chance(draw, 250)],
	        .ground = grounds[draw_chance(draw, 800) ? 0 : draw_between(draw, 1, 3)],
	        .destination = s->recipients[0],
	        .carry_out = draw_chance(draw, 600)};
	size_t n = 0;

	if (has && (!r->v->plant || (has->until >= w.until && !has->overdue)))
		return;
	if (has) {
		act_plug(r->d, has);
		act_return(r->d, r->v->other, has, 0);
		desk_pass(r->d, 60, 200);
	}
	while (s->recipients[n])
		n++;
	w.destination = s->recipients[draw_below(draw, (unsigned int)n)];
	stick = desk_free(r->d);
	if (stick && w.until > r->d->now)
		act_lend(r->d, r->v->who, r->v->other, stick, &w);
}

static void run_copy(const struct Run *r)
{
	static const enum Fault faults[] = {
	        FAULT_MEDIUM_FULL, FAULT_FILE_CHANGED, FAULT_CANCELLED, FAULT_MEDIUM_ERROR};
	struct Stick *s = desk_loan(r->d, r->v->who);
	struct Draw *draw = &r->d->draw;

	if (!s || !act_plug(r->d, s))
		return;
	if (!r->v->plant && draw_chance(draw, 120))
		act_list(r->d, r->v->who, s, 0);
	for (int i = 0; i < r->v->amount; i++) {
		struct CopyWork w = copy_work(r, MAX(r->v->size, 1));

		if (!r->v->plant && draw_chance(draw, 18)) {
			w.fault = faults[draw_below(draw, ARRAY_SIZE(faults))];
			act_copy(r->d, r->v->who, s, &w);
			desk_pass(r->d, 20, 120);
			w.fault = FAULT_OK;
		}
		act_copy(r->d, r->v->who, s, &w);
		desk_pass(r->d, 15, r->v->amount > 6 ? 70 : 240);
	}
	act_unplug(r->d, s);
}

static void run_get(const struct Run *r)
{
	struct Stick *s = desk_loan(r->d, r->v->who);

	if (!s || !act_plug(r->d, s))
		return;
	for (int i = 0; i < r->v->amount; i++) {
		struct CopyWork w = copy_work(r, MAX(r->v->size, 1));

		if (!r->v->plant && draw_chance(&r->d->draw, 60))
			w.fault = FAULT_WRONG_PASSWORD;
		act_get(r->d, r->v->who, s, &w);
		desk_pass(r->d, 5, 60);
	}
	act_unplug(r->d, s);
}

static void run_wrong(const struct Run *r)
{
	struct Stick *s = desk_loan(r->d, r->v->who);

	if (!s || !act_plug(r->d, s))
		return;
	for (int i = 0; i < r->v->amount; i++) {
		struct CopyWork w = copy_work(r, 1);

		w.fault = FAULT_WRONG_PASSWORD;
		act_get(r->d, r->v->who, s, &w);
		desk_pass(r->d, 8, 50);
	}
	act_unplug(r->d, s);
}

static void run_return(const struct Run *r)
{
	struct Stick *s = desk_loan(r->d, r->v->other);

	if (!s)
		return;
	act_plug(r->d, s);
	act_return(r->d, r->v->who, s, draw_chance(&r->d->draw, 25) ? draw_between(&r->d->draw, 1, 2) : 0);
}

static void run_stranger(const struct Run *r)
{
	static const enum Fault reasons[] = {FAULT_NOT_REGISTERED, FAULT_NOT_REGISTERED, FAULT_NOT_REGISTERED,
	        FAULT_NOT_REGISTERED, FAULT_NOT_REGISTERED, FAULT_NO_SERIAL, FAULT_PLACEHOLDER_SERIAL,
	        FAULT_COMPOSITE, FAULT_BUS_CLOSED};
	enum Fault reason =
	        r->v->plant ? FAULT_NOT_REGISTERED : reasons[draw_below(&r->d->draw, ARRAY_SIZE(reasons))];
	struct Stranger s;

	stranger_make(&r->d->draw, &s);
	for (int i = 0; i < r->v->amount; i++) {
		/* within a minute it would be one record with a count */
		act_stranger(r->d, &s, reason, draw_chance(&r->d->draw, 150) ? 2 : 1);
		desk_pass(r->d, 62, 170);
	}
}

static void run_idle(const struct Run *r)
{
	struct Stick *s = desk_free(r->d);

	if (s)
		act_plug(r->d, s);
}

static void run_mistyped(const struct Run *r)
{
	static const struct {
		enum Fault reason;
		const char *subject;
	} rows[] = {{FAULT_UNKNOWN_PURPOSE, "submision"}, {FAULT_UNKNOWN_GROUND, "low"},
	        {FAULT_NOT_A_CLERK, "satou"}, {FAULT_UNTIL_PAST, NULL}, {FAULT_UNTIL_FAR, NULL},
	        {FAULT_SAFEGUARDS_MISSING, NULL}};
	size_t i = draw_below(&r->d->draw, ARRAY_SIZE(rows));
	struct Stick *s = desk_free(r->d);
	char until[CLOCK_TEXT];
	struct RefusedWork w = {.kind = RECORD_CHECKOUT,
	        .actor = r->v->other->login,
	        .role = r->v->other->role,
	        .stick = s,
	        .reason = rows[i].reason,
	        .subject = rows[i].subject};

	if (!s)
		return;
	clock_format(r->d->now + (rows[i].reason == FAULT_UNTIL_FAR ? 60 : -1) * INT64_C(86400000), until);
	if (rows[i].reason == FAULT_UNTIL_PAST || rows[i].reason == FAULT_UNTIL_FAR)
		w.subject = until;
	act_refused(r->d, &w);
}

/* Somebody else's loan; NULL: there is none. */
static struct Stick *others_loan(const struct Run *r)
{
	for (size_t i = 0; i < r->d->n_sticks; i++)
		if (*r->d->sticks[i].checkout && r->d->sticks[i].clerk != r->v->who)
			return &r->d->sticks[i];
	return NULL;
}

static void run_mixed_up(const struct Run *r)
{
	struct RefusedWork w = {.kind = RECORD_COPY,
	        .actor = r->v->who->login,
	        .role = r->v->who->role,
	        .stick = others_loan(r),
	        .reason = FAULT_OTHER_LOAN};

	if (w.stick)
		act_refused(r->d, &w);
}

struct AttemptRow {
	enum Fault reason;
	enum RecordKind kind;
	const char *verb;
};
static const struct AttemptRow attempts[] = {
        {FAULT_NOT_ALLOWED, RECORD_CHECKOUT, NULL},
        {FAULT_NOT_ALLOWED, RECORD_REGISTER, NULL},
        {FAULT_NOT_ALLOWED, RECORD_REQUEST, "relabel"},
        {FAULT_NOT_ALLOWED, RECORD_CLOCK, NULL},
        {FAULT_OTHER_LOAN, RECORD_COPY, NULL},
        {FAULT_OTHER_LOAN, RECORD_LIST, NULL},
        {FAULT_OTHER_LOAN, RECORD_READ, NULL},
        {FAULT_OTHER_LOAN, RECORD_RETURN, NULL},
        {FAULT_NOT_ON_ROSTER, RECORD_COPY, NULL},
        {FAULT_NOT_ON_ROSTER, RECORD_LIST, NULL},
        {FAULT_RIGHT_EXPIRED, RECORD_COPY, NULL},
        {FAULT_RIGHT_EXPIRED, RECORD_LIST, NULL},
        {FAULT_SELF_LENDING, RECORD_CHECKOUT, NULL},
};

static void run_attempts(const struct Run *r)
{
	enum Fault reason = (enum Fault)r->v->reason;
	char stranger[LIMIT_LOGIN];
	struct Person *p = r->v->who;

	snprintf(stranger, sizeof(stranger), "uid%u", p->uid);
	for (int i = 0; i < r->v->amount; i++) {
		const struct AttemptRow *row;
		struct RefusedWork w = {.actor = p->login, .role = p->role, .reason = reason};

		do
			row = &attempts[draw_below(&r->d->draw, ARRAY_SIZE(attempts))];
		while (row->reason != reason);
		w.kind = row->kind;
		w.verb = row->verb;
		w.stick = reason == FAULT_OTHER_LOAN || reason == FAULT_RIGHT_EXPIRED ? others_loan(r)
		                                                                      : desk_free(r->d);
		if (reason == FAULT_OTHER_LOAN && !w.stick)
			return;
		if (reason == FAULT_NOT_ON_ROSTER) {
			w.actor = stranger;
			w.role = 0;
		}
		if (reason == FAULT_NOT_ALLOWED || reason == FAULT_NOT_ON_ROSTER ||
		        reason == FAULT_RIGHT_EXPIRED || reason == FAULT_SELF_LENDING)
			w.subject = w.actor;
		if (row->kind == RECORD_CLOCK)
			w.stick = NULL;
		act_refused(r->d, &w);
		desk_pass(r->d, 20, 200);
	}
}

static void run_register(const struct Run *r)
{
	if (r->d->n_sticks + 4 < DESK_STICKS)
		act_register(r->d, r->v->other, r->o->next_stick++, r->v->plant != NULL);
}

static void run_relabel(const struct Run *r)
{
	struct Stick *s = desk_free(r->d);

	if (s)
		act_relabel(r->d, r->v->other, s);
}

static void run_roll_out(const struct Run *r)
{
	act_policy(r->d, r->o->config);
}

static void run_policy(const struct Run *r)
{
	uint8_t config[sizeof(r->d->config)], before[sizeof(r->d->config)];

	memcpy(before, r->d->config, sizeof(before));
	memcpy(config, before, sizeof(config));
	/* policy.conf: the second of the four */
	draw_bytes(&r->d->draw, config + DIGEST_SIZE, DIGEST_SIZE);
	act_policy(r->d, config);
	desk_pass(r->d, r->v->size * 60, r->v->size * 90);
	act_policy(r->d, before);
}

static void run_policy_failed(const struct Run *r)
{
	act_policy_failed(r->d, "/etc/mediagate/roster.conf:14: syntax error");
	desk_pass(r->d, 60, 400);
	act_policy(r->d, r->d->config);
}

static void run_flood(const struct Run *r)
{
	act_flood(r->d, r->v->who->login, (unsigned int)r->v->size);
}

static void run_trouble(const struct Run *r)
{
	static const char *const processes[] = {"watch", "gate", "load", "copy"};

	if (draw_chance(&r->d->draw, 300))
		act_gap(r->d, draw_below(&r->d->draw, 40) + 1);
	else
		act_helper(r->d, processes[draw_below(&r->d->draw, ARRAY_SIZE(processes))]);
}

static void run_clock_set(const struct Run *r)
{
	act_clock_set(r->d, draw_between(&r->d->draw, 1100, 90000));
}

static void run_clock_back(const struct Run *r)
{
	act_clock_back(r->d, draw_between(&r->d->draw, 1500, 90000), r->v->other);
}

static void run_tamper(const struct Run *r)
{
	struct Stranger s;

	stranger_make(&r->d->draw, &s);
	act_tamper(r->d, &s);
}

static void (*const runs[_VISIT_N])(const struct Run *r) = {
        [VISIT_START] = run_start,
        [VISIT_STOP] = run_stop,
        [VISIT_CRASH] = run_crash,
        [VISIT_LEND] = run_lend,
        [VISIT_COPY] = run_copy,
        [VISIT_GET] = run_get,
        [VISIT_RETURN] = run_return,
        [VISIT_STRANGER] = run_stranger,
        [VISIT_IDLE] = run_idle,
        [VISIT_MISTYPED] = run_mistyped,
        [VISIT_MIXED_UP] = run_mixed_up,
        [VISIT_ATTEMPTS] = run_attempts,
        [VISIT_WRONG] = run_wrong,
        [VISIT_REGISTER] = run_register,
        [VISIT_RELABEL] = run_relabel,
        [VISIT_ROLL_OUT] = run_roll_out,
        [VISIT_POLICY] = run_policy,
        [VISIT_POLICY_FAILED] = run_policy_failed,
        [VISIT_FLOOD] = run_flood,
        [VISIT_TROUBLE] = run_trouble,
        [VISIT_CLOCK_SET] = run_clock_set,
        [VISIT_CLOCK_BACK] = run_clock_back,
        [VISIT_TAMPER] = run_tamper,
};

static int visit_compare(const void *a, const void *b)
{
	const struct Visit *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->order - y->order;
}

static void visit_run(struct Office *o, struct Desk *d, const struct Visit *v)
{
	struct Run r = {o, d, v};

	if (v->kind > VISIT_CRASH && !d->on)
		desk_start(d, v->time - draw_between(&d->draw, 60000, 240000));
	desk_reach(d, v->time);
	if (v->plant) {
		d->marks = &v->plant->marks;
		d->telling = v->kind != VISIT_LEND && v->kind != VISIT_RETURN;
		plant_begins(v->plant, d);
	}
	runs[v->kind](&r);
	if (v->plant)
		plant_ends(v->plant, d);
	d->marks = NULL;
	writer_settle(&d->writer);
}

void visits_run(struct Office *o, struct Desk *d)
{
	struct Visits *v = &o->visits[d->index];

	if (v->n > 1)
		qsort(v->rows, v->n, sizeof(*v->rows), visit_compare);
	for (size_t i = 0; i < v->n; i++)
		visit_run(o, d, &v->rows[i]);
	v->n = 0;
}
