/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include "fault.h"
#include "holiday.h"
#include "record.h"
#include "table.h"

enum { MONTHS = 6 };

/* What is counted and told by no rule of its own. */
enum {
	PERSON = 0,
	REGISTERED = _RULE_END, /* on a terminal */
	POLICY_OF,              /* of a terminal: the policy that was last in force */
	POLICY_ON,              /* of a policy: a terminal on which it was in force */
	POLICY,                 /* of a policy: on how many */
	_COUNTED_END,
};

/* What is known of a person, a terminal, an operation: one for each month that counts. */
struct Month {
	int64_t month;
	uint32_t days;
	int64_t sum, most;
};

struct Memory {
	struct ReviewKey key;
	struct Month months[MONTHS];
};

/* The last uses of one file by one person. */
struct Uses {
	struct ReviewKey key;
	size_t n;
	int64_t day[16], record[16]; /* the newest at (n - 1) % 16 */
};

/* What a day brings for one key. */
struct Entry {
	struct ReviewKey key;
	struct ReviewHit hit;
	bool told; /* another hit says it already */
	int64_t policy;
	bool strange; /* no duty of the role in which it was done */
};

struct Review {
	struct ReviewParams params;
	struct ReviewBounds bounds;
	int64_t first, day;
	ReviewFound found;
	void *owner;
	struct ReviewTable memory, uses, today;
};

/* ------------------------------------------------------------------ words */

struct RuleWords {
	int64_t number;
	const char *word, *title, *sentence;
};

#define RULE_WORDS(name, number, word, title, sentence) {number, word, title, sentence},
static const struct RuleWords rules[] = {REVIEW_RULES(RULE_WORDS)};
static const struct RuleWords no_rule = {0, "", "", ""};

static const struct RuleWords *words(int64_t rule)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].number == rule)
			return &rules[i];
	return &no_rule;
}

const char *review_rule_word(int64_t rule)
{
	return words(rule)->word;
}

const char *review_rule_title(int64_t rule)
{
	return words(rule)->title;
}

const char *review_rule_sentence(int64_t rule)
{
	return words(rule)->sentence;
}

const char *review_measure_word(int64_t measure)
{
#define MEASURE_WORD(name, number, word, people) [number] = word,
	static const char *const measures[] = {"", REVIEW_MEASURES(MEASURE_WORD)};

	return measure > 0 && measure < _MEASURE_END ? measures[measure] : "";
}

/* ------------------------------------------------------------------ what is remembered */

int64_t review_month(int64_t day)
{
	struct Day d = day_from_number(day);

	return (d.year - 1970) * 12LL + d.month - 1;
}

int64_t review_month_day(int64_t month)
{
	return day_number((struct Day){(int)(1970 + month / 12), (int)(month % 12) + 1, 1});
}

/* Sums over the months that count. */
static struct Month known(const struct Review *r, const struct ReviewKey *key)
{
	const struct Memory *m = table_find(&r->memory, key);
	struct Month all = {.month = review_month(r->day)};

	for (size_t i = 0; m && i < MONTHS; i++) {
		const struct Month *one = &m->months[i];

		if (!one->days || one->month < all.month - r->params.learn_months)
			continue;
		all.days += one->days;
		all.sum += one->sum;
		all.most = MAX(all.most, one->most);
	}
	return all;
}

static int learn(struct Review *r, const struct Entry *e)
{
	struct Memory *m = table_make(&r->memory, &e->key);
	int64_t month = review_month(r->day);
	struct Month *one = m ? &m->months[month % MONTHS] : NULL;

	if (!one)
		return -ENOMEM;
	if (one->month != month)
		*one = (struct Month){.month = month};
	one->days++;
	one->sum += e->hit.count;
	one->most = MAX(one->most, e->hit.count);
	return 0;
}

/* Whether there is enough of a past for anything to be unusual. */
static bool is_known(const struct Review *r, int64_t actor)
{
	const struct ReviewKey key = {PERSON, actor, 0};

	return known(r, &key).days >= r->params.known_days;
}

/* ------------------------------------------------------------------ the rules, at the end of a day */

static bool judge_always(struct Review *r, struct Entry *e)
{
	(void)r;
	(void)e;
	return true;
}

static bool judge_usual(struct Review *r, struct Entry *e)
{
	e->hit.usual = known(r, &e->key).days;
	return is_known(r, e->hit.actor) && e->hit.usual < r->params.usual_days;
}

/* In how many terminals' records a policy stands. */
static const struct Month *policy_terminals(const struct Review *r, int64_t policy)
{
	const struct Memory *m = table_find(&r->memory, &(struct ReviewKey){POLICY, policy, 0});

	return m ? &m->months[0] : NULL;
}

/* What few do on few days is looked at whoever does it, once the office has a past. */
static bool is_rare(const struct Review *r, const struct Entry *e)
{
	const struct ReviewKey office = {PERSON, 0, 0};

	return (e->hit.thing == RECORD_REGISTER || e->hit.thing == RECORD_REQUEST) &&
	       e->hit.usual < r->params.usual_days && known(r, &office).days >= r->params.known_days;
}

static bool judge_unusual(struct Review *r, struct Entry *e)
{
	const struct Month *other = e->hit.actor ? NULL : policy_terminals(r, e->policy);

	if (other)
		return other->sum == 1;
	return judge_usual(r, e) || e->strange || is_rare(r, e);
}

static bool judge_right(struct Review *r, struct Entry *e)
{
	const struct Entry *registered =
	        table_find(&r->today, &(struct ReviewKey){REGISTERED, -e->key.subject, 0});

	/* a medium is plugged in, and refused, before it is registered */
	if (registered)
		e->hit.count -= registered->hit.count;
	return e->hit.count >= r->params.attempts;
}

static bool judge_again(struct Review *r, struct Entry *e)
{
	const struct Uses *u = table_find(&r->uses, &e->key);
	size_t kept = u ? MIN(u->n, ARRAY_SIZE(u->day)) : 0;

	e->hit.n = 0;
	for (size_t i = 0; i < kept; i++) {
		size_t at = (u->n - kept + i) % ARRAY_SIZE(u->day);

		if (u->day[at] > r->day - r->params.again_days)
			e->hit.records[e->hit.n++] = u->record[at];
	}
	e->hit.count = (int64_t)e->hit.n;
	return e->hit.n >= r->params.again;
}

/* The same rise is told once: of the person rather than of the terminal, of the first measure. */
static void tell_others(struct Review *r, const struct Entry *e)
{
	const int64_t subjects[] = {e->hit.actor, -e->hit.terminal};

	for (size_t i = 0; i < ARRAY_SIZE(subjects); i++)
		for (int64_t measure = 1; measure < _MEASURE_END; measure++) {
			struct Entry *other =
			        table_find(&r->today, &(struct ReviewKey){RULE_RISE, subjects[i], measure});

			if (other)
				other->told = true;
		}
}

/* More than ever; or, that one great day may not hide the next, more than twice what a rise is. Many people's
   days differ more from one another than one person's. */
static bool is_most(const struct Review *r, const struct Entry *e, const struct Month *past)
{
	if (!e->hit.actor)
		return e->hit.count > past->most * 2;
	return e->hit.count > past->most || e->hit.count > e->hit.usual * r->params.rise * 2;
}

static bool judge_rise(struct Review *r, struct Entry *e)
{
	const uint32_t least[] = {[MEASURE_COPIES] = r->params.rise_copies,
	        [MEASURE_FILES] = r->params.rise_files,
	        [MEASURE_NUMBERS] = r->params.rise_numbers};
	struct Month past = known(r, &e->key);

	if (e->hit.count < least[e->hit.thing] || past.days < r->params.known_days)
		return false;
	e->hit.usual = past.sum / past.days;
	if (e->hit.count <= e->hit.usual * r->params.rise || !is_most(r, e, &past))
		return false;
	tell_others(r, e);
	return true;
}

static const struct {
	bool (*judge)(struct Review *r, struct Entry *e); /* NULL: it only teaches */
	bool learned;
} judges[_COUNTED_END] = {
        [PERSON] = {NULL, true},
        [RULE_HOURS] = {judge_always, false},
        [RULE_TERMINAL] = {judge_usual, true},
        [RULE_RIGHT] = {judge_right, false},
        [RULE_UNUSUAL] = {judge_unusual, true},
        [RULE_AGAIN] = {judge_again, false},
        [RULE_RISE] = {judge_rise, true},
};

static int day_end(struct Review *r)
{
	int result = 0;

	for (size_t i = 0; i < r->today.n && result >= 0; i++) {
		struct Entry *e = table_at(&r->today, i);
		bool (*judge)(struct Review *, struct Entry *) = judges[e->key.rule].judge;

		if (r->day >= r->first && judge && !e->told && judge(r, e))
			result = r->found(r->owner, &e->hit);
	}
	/* only when all are judged: what is of this day is no past */
	for (size_t i = 0; i < r->today.n && result >= 0; i++) {
		const struct Entry *e = table_at(&r->today, i);

		if (judges[e->key.rule].learned)
			result = learn(r, e);
	}
	table_empty(&r->today);
	return result;
}

/* ------------------------------------------------------------------ what a record is to each rule */

static int note(struct Review *r, const struct ReviewAct *a, struct ReviewKey key, int64_t count)
{
	struct Entry *e = table_make(&r->today, &key);
	struct ReviewHit *hit;

	if (!e)
		return -ENOMEM;
	hit = &e->hit;
	if (!hit->n)
		*hit = (struct ReviewHit){.rule = (enum ReviewRule)key.rule,
		        .day = r->day,
		        .t = a->t,
		        .actor = key.subject > 0 ? a->actor : 0,
		        .terminal = a->terminal,
		        .thing = key.rule == RULE_TERMINAL || key.rule == RULE_HOURS ? 0 : key.thing};
	hit->count += count;
	if (hit->n < REVIEW_RECORDS)
		hit->records[hit->n++] = a->id;
	return 0;
}

#define BIT(kind) (UINT64_C(1) << (kind))
#define USES      (BIT(RECORD_COPY) | BIT(RECORD_READ) | BIT(RECORD_LIST))
#define OPERATIONS                                                                                       \
	(USES | BIT(RECORD_REGISTER) | BIT(RECORD_CHECKOUT) | BIT(RECORD_RETURN) | BIT(RECORD_REQUEST) | \
	        BIT(RECORD_CLOCK))

static bool is_any(const struct ReviewAct *a, uint64_t kinds)
{
	return a->kind >= 0 && kinds & BIT(a->kind);
}

static bool is_closed(const struct Review *r)
{
	for (size_t i = 0; i < r->bounds.n_days; i++)
		if (r->bounds.days[i] == r->day)
			return false;
	return day_is_closed(day_from_number(r->day));
}

static bool is_outside(const struct Review *r, const struct ReviewAct *a)
{
	int64_t minute = a->local - r->day * 24 * 60;

	return minute < r->bounds.open || minute >= r->bounds.close || is_closed(r);
}

/* How much a refusal weighs: a slip is one, what nobody does by mistake is enough alone. */
static int64_t weight(const struct Review *r, const struct ReviewAct *a)
{
	static const enum Fault slips[] = {FAULT_NOT_REGISTERED, FAULT_NO_SERIAL, FAULT_PLACEHOLDER_SERIAL,
	        FAULT_COMPOSITE, FAULT_NOT_CHECKED_OUT, FAULT_OVERDUE, FAULT_WRONG_TERMINAL, FAULT_BUS_CLOSED,
	        FAULT_LABEL_MISSING, FAULT_NOT_A_CLERK, FAULT_NOT_A_SUPERVISOR, FAULT_UNKNOWN_PURPOSE,
	        FAULT_UNKNOWN_GROUND, FAULT_SAFEGUARDS_MISSING, FAULT_OWN_PASSWORD, FAULT_RECIPIENT_FILE},
	                        graves[] = {FAULT_TWIN, FAULT_OTHER_LOAN, FAULT_REVOKED, FAULT_FOREIGN_MOUNT,
	                                FAULT_LABEL_ALTERED, FAULT_LABEL_OLDER, FAULT_LABEL_OTHER,
	                                FAULT_NOT_ON_ROSTER, FAULT_NOT_ALLOWED, FAULT_SELF_LENDING,
	                                FAULT_RIGHT_EXPIRED, FAULT_NEEDS_ROOT};

	for (size_t i = 0; i < ARRAY_SIZE(graves); i++)
		if (a->fault == (int)graves[i])
			return r->params.attempts;
	for (size_t i = 0; i < ARRAY_SIZE(slips); i++)
		if (a->fault == (int)slips[i])
			return 1;
	if (a->fault == FAULT_WRONG_PASSWORD)
		return 1;
	return a->kind == RECORD_FLOOD || a->kind == RECORD_TAMPER ? r->params.attempts : 0;
}

static int note_refusal(struct Review *r, const struct ReviewAct *a)
{
	bool counts = a->result == RESULT_REFUSED || a->fault == FAULT_WRONG_PASSWORD ||
	              a->kind == RECORD_TAMPER || a->kind == RECORD_FLOOD;
	int64_t n = counts ? weight(r, a) : 0;

	/* a device that nobody is known to have plugged in is the terminal's */
	return n ? note(r, a, (struct ReviewKey){RULE_RIGHT, a->actor ? a->actor : -a->terminal, 0}, n) : 0;
}

static int note_operation(struct Review *r, const struct ReviewAct *a)
{
	const struct ReviewKey key = {
	        RULE_UNUSUAL, a->actor, a->kind + (a->numbers > 0 ? REVIEW_WITH_NUMBERS : 0)};
	const struct ReviewBounds *b = &r->bounds;
	bool strange = a->role >= 0 && b->roles & 1U << a->role && !is_any(a, b->duties[a->role]);
	struct Entry *e;
	int result = 0;

	result = note(r, a, (struct ReviewKey){PERSON, a->actor, 0}, 1);
	if (result >= 0)
		result = note(r, a, (struct ReviewKey){PERSON, 0, 0}, 1);
	if (result >= 0 && is_outside(r, a))
		result = note(r, a, (struct ReviewKey){RULE_HOURS, a->actor, a->terminal}, 1);
	/* a list of names is nothing that anybody takes away */
	if (result < 0 || a->result == RESULT_REFUSED || a->kind == RECORD_LIST)
		return result;
	result = note(r, a, key, 1);
	e = result < 0 ? NULL : table_find(&r->today, &key);
	if (e)
		e->strange |= strange;
	return result;
}

static int note_use(struct Review *r, const struct ReviewAct *a)
{
	return note(r, a,
	        (struct ReviewKey){RULE_TERMINAL, a->actor, r->params.groups ? a->group : a->terminal}, 1);
}

/* A policy that is in force on one terminal alone, and was not before. What a terminal had so long ago that
   it teaches nothing any more is forgotten. */
static int note_policy(struct Review *r, const struct ReviewAct *a)
{
	struct Memory *m = table_make(&r->memory, &(struct ReviewKey){POLICY_ON, a->data, a->terminal});
	const struct ReviewKey key = {RULE_UNUSUAL, -a->terminal, RECORD_POLICY};
	int64_t month = review_month(r->day), before, since;
	bool is_new = m && !m->months[0].days;
	struct Entry *e;
	int result;

	if (is_new)
		m->months[0].days = 1;
	m = m ? table_make(&r->memory, &(struct ReviewKey){POLICY, a->data, 0}) : NULL;
	if (is_new && m)
		m->months[0].sum++;
	m = m ? table_make(&r->memory, &(struct ReviewKey){POLICY_OF, a->terminal, 0}) : NULL;
	if (!m)
		return -ENOMEM;
	before = m->months[0].sum;
	since = m->months[0].month;
	m->months[0] = (struct Month){.month = month, .sum = a->data};
	if (!before || before == a->data || since < month - r->params.learn_months)
		return 0;
	result = note(r, a, key, 1);
	e = result < 0 ? NULL : table_find(&r->today, &key);
	if (e && e->hit.n == 1)
		e->policy = a->data;
	return result;
}

static int note_rise(struct Review *r, const struct ReviewAct *a, enum ReviewMeasure measure, int64_t count)
{
	int result = note(r, a, (struct ReviewKey){RULE_RISE, a->actor, measure}, count);

	return result < 0 ? result : note(r, a, (struct ReviewKey){RULE_RISE, -a->terminal, measure}, count);
}

static int note_copy(struct Review *r, const struct ReviewAct *a)
{
	int result = note_rise(r, a, MEASURE_COPIES, 1);

	return result < 0 || a->numbers <= 0 ? result : note_rise(r, a, MEASURE_NUMBERS, a->numbers);
}

static int note_file(struct Review *r, const struct ReviewAct *a)
{
	const struct ReviewKey key = {RULE_AGAIN, a->actor, a->data};
	struct Uses *u;
	int result = note_rise(r, a, MEASURE_FILES, 1);

	if (result >= 0 && a->numbers > 0)
		result = note_rise(r, a, MEASURE_NUMBERS, a->numbers);
	if (result < 0 || !a->data || r->day + r->params.again_days <= r->first)
		return result;
	u = table_make(&r->uses, &key);
	if (!u)
		return -ENOMEM;
	u->day[u->n % ARRAY_SIZE(u->day)] = r->day;
	u->record[u->n++ % ARRAY_SIZE(u->record)] = a->id;
	return note(r, a, key, 1);
}

int review_add(struct Review *r, const struct ReviewAct *act)
{
	int64_t day = act->local / (24 * 60);
	int result = day != r->day ? day_end(r) : 0;

	r->day = day;
	if (result >= 0)
		result = note_refusal(r, act);
	if (result >= 0 && act->kind == RECORD_POLICY && act->result == RESULT_DONE && act->data)
		result = note_policy(r, act);
	/* signing in to the console is a request, too: of no role, and no operation on a medium */
	if (result < 0 || !act->actor || act->result == RESULT_INTENT ||
	        (act->kind == RECORD_REQUEST && act->role < 0))
		return result;
	if (act->kind == RECORD_REGISTER && act->result == RESULT_DONE)
		result = note(r, act, (struct ReviewKey){REGISTERED, act->terminal, 0}, 1);
	if (result >= 0 && is_any(act, OPERATIONS))
		result = note_operation(r, act);
	if (result >= 0 && is_any(act, USES))
		result = note_use(r, act);
	if (result >= 0 && act->result == RESULT_DONE && act->kind == RECORD_COPY)
		result = note_copy(r, act);
	if (result >= 0 && act->result == RESULT_DONE && act->kind == RECORD_FILE)
		result = note_file(r, act);
	return result;
}

int review_end(struct Review *r)
{
	return day_end(r);
}

int review_new(
        const struct ReviewParams *p, int64_t first, ReviewFound found, void *owner, struct Review **ret)
{
	_cleanup_(review_freep) struct Review *r = calloc(1, sizeof(*r));
	int result = r ? review_bounds(p, &r->bounds) : -ENOMEM;

	if (result < 0)
		return result;
	r->params = *p;
	r->first = first;
	r->found = found;
	r->owner = owner;
	r->memory = REVIEW_TABLE(struct Memory);
	r->uses = REVIEW_TABLE(struct Uses);
	r->today = REVIEW_TABLE(struct Entry);
	*ret = r;
	r = NULL;
	return 0;
}

void review_freep(struct Review **r)
{
	if (!*r)
		return;
	table_done(&(*r)->memory);
	table_done(&(*r)->uses);
	table_done(&(*r)->today);
	free(*r);
	*r = NULL;
}
