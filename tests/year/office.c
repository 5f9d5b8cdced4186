/* SPDX-License-Identifier: Apache-2.0 */
#include "office.h"

#include "clock.h"
#include "names.h"
#include "str.h"

/* ------------------------------------------------------------------ people */

static bool login_is_taken(const struct Office *o, const char *login)
{
	for (size_t i = 0; i < o->n_people; i++)
		if (str_eq(o->people[i].login, login))
			return true;
	return false;
}

static void name_make(struct Office *o, struct Person *p)
{
	const struct NameRow *family = &family_names[draw_below(&o->draw, (unsigned int)n_family_names)];
	const struct NameRow *given = &given_names[draw_below(&o->draw, (unsigned int)n_given_names)];

	snprintf(p->name, sizeof(p->name), "%s %s", family->name, given->name);
	snprintf(p->login, sizeof(p->login), "%s-%s", family->login, given->login);
	for (unsigned int i = 2; login_is_taken(o, p->login); i++)
		snprintf(p->login, sizeof(p->login), "%s-%s%u", family->login, given->login, i);
}

static void habits_make(struct Draw *d, struct Person *p)
{
	bool part = p->role == ROLE_CLERK && draw_chance(d, 180);

	p->arrive = part ? draw_between(d, 9 * 60, 10 * 60) : draw_bell(d, 8 * 60 + 5, 8 * 60 + 35);
	p->leave = part ? draw_between(d, 14 * 60, 16 * 60) : draw_bell(d, 17 * 60 + 10, 18 * 60 + 10);
	p->days = 0x3e; /* Monday to Friday */
	if (part)
		p->days &= (uint8_t) ~(1U << draw_between(d, 1, 5));
	p->late = part ? 0 : draw_chance(d, 350) ? draw_between(d, 60, 160) : draw_between(d, 0, 25);
	p->busy = draw_between(d, 180, 620);
	p->files = draw_between(d, 1, 7);
	p->numbers = draw_between(d, 2, 40);
	p->gets = draw_chance(d, 300);
	p->batch_day = draw_chance(d, 120) ? draw_between(d, 5, 25) : 0;
	p->uid = 1000;
	p->keep_until = 0;
}

/* Sick for weeks, or on leave for a child: a few in a year. */
static void absence_make(struct Office *o, struct Person *p)
{
	int days = (int)(o->to - o->from);

	p->away_from = INT64_MAX;
	p->away_to = INT64_MIN;
	if (days < 60 || !draw_chance(&o->draw, 70))
		return;
	p->away_from = o->from + draw_between(&o->draw, 20, days - 20);
	p->away_to = p->away_from + draw_between(&o->draw, 10, 70);
}

static struct Person *person_add(struct Office *o, uint32_t role, int section, struct Desk *desk)
{
	struct Person *p = &o->people[o->n_people];

	*p = (struct Person){.role = role, .n_posts = 1};
	name_make(o, p);
	habits_make(&o->draw, p);
	absence_make(o, p);
	p->uid = 1000 + (uint32_t)o->n_people++;
	p->posts[0] = (struct Post){o->from, section, desk};
	return p;
}

static void people_make(struct Office *o)
{
	o->people = calloc(4 * o->n_desks + 4 * n_sections + 8, sizeof(*o->people));
	must(o->people != NULL, "memory");
	for (size_t i = 0; i < n_sections; i++)
		for (int k = 0; k < 2; k++)
			person_add(o, ROLE_SUPERVISOR, (int)i, NULL)->first = !k;
	for (size_t i = 0; i < o->n_desks; i++) {
		int n = draw_between(&o->draw, 1, 3);

		for (int k = 0; k < n; k++)
			person_add(o, ROLE_CLERK, o->desks[i].section, &o->desks[i]);
	}
	person_add(o, ROLE_CHIEF, SECTION_STAFF, NULL);
	for (int i = 0; i < 2; i++) {
		person_add(o, ROLE_AUDITOR, SECTION_STAFF, NULL);
		person_add(o, ROLE_ADMINISTRATOR, SECTION_STAFF, NULL);
	}
}

/* ------------------------------------------------------------------ terminals */

static int section_of(size_t desk, size_t of)
{
	unsigned int all = 0, at;

	for (size_t i = 0; i < n_sections; i++)
		all += sections[i].weight;
	at = (unsigned int)(desk * all / of);
	for (size_t i = 0; i < n_sections; i++) {
		if (at < sections[i].weight)
			return (int)i;
		at -= sections[i].weight;
	}
	return 0;
}

static void desks_make(struct Office *o)
{
	int days = (int)(o->to - o->from), last = -1, number = 0;

	o->desks = calloc(o->n_desks, sizeof(*o->desks));
	o->visits = calloc(o->n_desks, sizeof(*o->visits));
	must(o->desks && o->visits, "memory");
	for (size_t i = 0; i < o->n_desks; i++) {
		struct Desk *d = &o->desks[i];

		d->section = section_of(i, o->n_desks);
		number = d->section == last ? number + 1 : 1;
		last = d->section;
		snprintf(d->id, sizeof(d->id), "%s-%02d", sections[d->section].code, number);
		d->index = i;
		d->draw = draw_stream(o->seed, "desk", i);
		d->from = o->from;
		d->away_from = INT64_MAX;
		d->away_to = INT64_MIN;
		d->always_on = draw_chance(&o->draw, 150);
		memcpy(d->config, o->config, sizeof(d->config));
		/* not the first of a section: somebody must be able to work */
		if (number > 1 && days > 120 && draw_chance(&o->draw, 60))
			d->from = o->from + draw_between(&o->draw, 40, days - 60);
		else if (number > 1 && days > 120 && draw_chance(&o->draw, 70)) {
			d->away_from = o->from + draw_between(&o->draw, 30, days - 60);
			d->away_to = d->away_from + draw_between(&o->draw, 14, 40);
		}
	}
}

void office_make(struct Office *o, uint64_t seed, int64_t from, int64_t to, size_t terminals)
{
	*o = (struct Office){.seed = seed, .from = from, .to = to, .n_desks = terminals, .next_stick = 1};
	o->draw = draw_stream(seed, "office", 0);
	draw_bytes(&o->draw, o->config, sizeof(o->config));
	desks_make(o);
	people_make(o);
}

void office_done(struct Office *o)
{
	for (size_t i = 0; i < o->n_desks; i++)
		free(o->visits[i].rows);
	free(o->visits);
	free(o->desks);
	free(o->people);
}

bool desk_works(const struct Desk *d, int64_t day)
{
	return day >= d->from && !(day >= d->away_from && day <= d->away_to);
}

struct Desk *office_desk(struct Office *o, const struct Person *p, int64_t day)
{
	const struct Post *post = post_of(p);

	if (!post->desk || desk_works(post->desk, day))
		return post->desk;
	for (size_t i = 0; i < o->n_desks; i++)
		if (o->desks[i].section == post->section && desk_works(&o->desks[i], day))
			return &o->desks[i];
	return NULL;
}

struct Person *office_present(struct Office *o, int section, uint32_t role)
{
	for (size_t i = 0; i < o->n_people; i++)
		if (o->people[i].present && o->people[i].role == role &&
		        post_of(&o->people[i])->section == section)
			return &o->people[i];
	return NULL;
}

/* ------------------------------------------------------------------ the calendar */

bool office_opens(int section, struct Day day)
{
	if (section < 0 || day_weekday(day) != 0)
		return false;
	if (str_eq(sections[section].code, "zeimu")) /* 確定申告 */
		return (day.month == 2 && day.day > 14 && day.day < 29) || (day.month == 3 && day.day < 9);
	if (str_eq(sections[section].code, "shimin")) /* 転入・転出 */
		return (day.month == 3 && day.day > 24) || (day.month == 4 && day.day < 8);
	return false;
}

/* Two people change places. Not who is part of a plant: what is unusual for somebody needs what is usual. */
static void rotate_pair(struct Person *a, struct Person *b, int64_t day)
{
	const struct Post from = *post_of(a), to = *post_of(b);

	a->posts[a->n_posts++] = (struct Post){day, to.section, to.desk};
	b->posts[b->n_posts++] = (struct Post){day, from.section, from.desk};
}

void office_rotate(struct Office *o, int64_t day)
{
	struct Day d = day_from_number(day);
	struct Person *waiting = NULL;

	if (d.day != 1 || (d.month != 4 && d.month != 10) || day == o->from)
		return;
	for (size_t i = 0; i < o->n_people; i++) {
		struct Person *p = &o->people[i];

		if (p->role != ROLE_CLERK || p->n_posts == POSTS || p->plants || !draw_chance(&o->draw, 250))
			continue;
		if (waiting) {
			rotate_pair(waiting, p, day);
			waiting = NULL;
		} else {
			waiting = p;
		}
	}
}

struct Visit *visit_add(struct Office *o, struct Desk *d, int kind, int64_t time)
{
	struct Visits *v = &o->visits[d->index];

	if (v->n == v->room) {
		v->room = v->room ? 2 * v->room : 32;
		v->rows = reallocarray(v->rows, v->room, sizeof(*v->rows));
		must(v->rows != NULL, "memory");
	}
	v->rows[v->n] = (struct Visit){.time = time, .kind = kind, .order = (int)v->n};
	return &v->rows[v->n++];
}

/* ------------------------------------------------------------------ written down */

static void day_write(FILE *to, int64_t day)
{
	struct Day d = day_from_number(day);

	fprintf(to, "\"%04d-%02d-%02d\"", d.year, d.month, d.day);
}

static const char *role_word(uint32_t role)
{
	return role == ROLE_CLERK        ? "clerk"
	       : role == ROLE_SUPERVISOR ? "supervisor"
	       : role == ROLE_CHIEF      ? "chief"
	       : role == ROLE_AUDITOR    ? "auditor"
	                                 : "administrator";
}

static void person_write(const struct Person *p, FILE *to)
{
	fprintf(to,
	        "{\"login\":\"%s\",\"name\":\"%s\",\"uid\":%u,\"role\":\"%s\",\"arrives\":%d,\"leaves\":%d,"
	        "\"posts\":[",
	        p->login, p->name, p->uid, role_word(p->role), p->arrive, p->leave);
	for (size_t i = 0; i < p->n_posts; i++) {
		const struct Post *post = &p->posts[i];

		fprintf(to, "%s{\"from\":", i ? "," : "");
		day_write(to, post->from);
		if (post->section >= 0)
			fprintf(to, ",\"section\":\"%s\"", sections[post->section].code);
		if (post->desk)
			fprintf(to, ",\"terminal\":\"%s\"", post->desk->id);
		fprintf(to, "}");
	}
	fprintf(to, "]}");
}

static void desk_write(const struct Desk *d, FILE *to)
{
	fprintf(to, "{\"terminal\":\"%s\",\"section\":\"%s\",\"from\":", d->id, sections[d->section].code);
	day_write(to, d->from);
	if (d->away_from < d->away_to) {
		fprintf(to, ",\"off\":[");
		day_write(to, d->away_from);
		fprintf(to, ",");
		day_write(to, d->away_to);
		fprintf(to, "]");
	}
	fprintf(to, "}");
}

static void openings_write(const struct Office *o, FILE *to)
{
	bool any = false;

	for (int64_t day = o->from; day <= o->to; day++)
		for (size_t i = 0; i < n_sections; i++) {
			if (!office_opens((int)i, day_from_number(day)))
				continue;
			fprintf(to, "%s{\"section\":\"%s\",\"day\":", any ? "," : "", sections[i].code);
			day_write(to, day);
			fprintf(to, "}");
			any = true;
		}
}

void office_write(const struct Office *o, FILE *to)
{
	fprintf(to, "{\"seed\":%llu,\"from\":", (unsigned long long)o->seed);
	day_write(to, o->from);
	fprintf(to, ",\"to\":");
	day_write(to, o->to);
	fprintf(to, ",\n\"sections\":[");
	for (size_t i = 0; i < n_sections; i++)
		fprintf(to, "%s{\"code\":\"%s\",\"name\":\"%s\"}", i ? "," : "", sections[i].code,
		        sections[i].name);
	fprintf(to, "],\n\"openings\":[");
	openings_write(o, to);
	fprintf(to, "],\n\"terminals\":[\n");
	for (size_t i = 0; i < o->n_desks; i++) {
		desk_write(&o->desks[i], to);
		fprintf(to, i + 1 < o->n_desks ? ",\n" : "");
	}
	fprintf(to, "],\n\"people\":[\n");
	for (size_t i = 0; i < o->n_people; i++) {
		person_write(&o->people[i], to);
		fprintf(to, i + 1 < o->n_people ? ",\n" : "");
	}
	fprintf(to, "]}\n");
}
