/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A year of an office's ledgers, for demonstrations and tests of who reads them:
 *
 *	ledger_year --out DIR [--terminals 40] [--from 2025-04-01] [--to 2026-03-31] [--seed N]
 *		[--plant FILE.json] [--office FILE.json] [--hostile]
 *
 * The ledgers are written by the agent's own code and verify. THEIR KEYS ARE MADE FROM THE SEED: they vouch
 *for nothing.
 */
#include "hostile.h"
#include "plant.h"
#include "str.h"

#include <dirent.h>
#include <fcntl.h>
#include <getopt.h>
#include <sys/stat.h>
#include <time.h>

#define STICKS_OF_LEAST 4

struct Options {
	const char *out, *plant, *office;
	unsigned long terminals;
	unsigned long long seed;
	int64_t from, to;
	bool hostile;
};

static bool day_read(const char *text, int64_t *ret)
{
	struct Day d;
	char end;

	if (sscanf(text, "%4d-%2d-%2d%c", &d.year, &d.month, &d.day, &end) != 3 || !day_is_valid(d) ||
	        d.year < HOLIDAY_FIRST_YEAR || d.year > HOLIDAY_LAST_YEAR)
		return false;
	*ret = day_number(d);
	return true;
}

static bool number_read(const char *text, unsigned long long most, unsigned long long *ret)
{
	char *end;

	errno = 0;
	*ret = strtoull(text, &end, 10);
	return !errno && end != text && !*end && *ret <= most;
}

static bool option_read(struct Options *o, int option, const char *value)
{
	unsigned long long n = 0;

	switch (option) {
	case 'o':
		o->out = value;
		return true;
	case 'p':
		o->plant = value;
		return true;
	case 'O':
		o->office = value;
		return true;
	case 't':
		if (!number_read(value, 1000, &n) || !n)
			return false;
		o->terminals = (unsigned long)n;
		return true;
	case 's':
		return number_read(value, UINT64_MAX, &o->seed);
	case 'f':
		return day_read(value, &o->from);
	case 'u':
		return day_read(value, &o->to);
	case 'h':
		o->hostile = true;
		return true;
	default:
		return false;
	}
}

static bool options_read(struct Options *o, int argc, char **argv)
{
	static const struct option rows[] = {{"out", required_argument, NULL, 'o'},
	        {"plant", required_argument, NULL, 'p'}, {"office", required_argument, NULL, 'O'},
	        {"terminals", required_argument, NULL, 't'}, {"seed", required_argument, NULL, 's'},
	        {"from", required_argument, NULL, 'f'}, {"to", required_argument, NULL, 'u'},
	        {"hostile", no_argument, NULL, 'h'}, {}};
	int option;

	*o = (struct Options){.terminals = 40, .seed = 1};
	day_read("2025-04-01", &o->from);
	day_read("2026-03-31", &o->to);
	while ((option = getopt_long(argc, argv, "", rows, NULL)) >= 0)
		if (!option_read(o, option, optarg))
			return false;
	return o->out && optind == argc && o->from <= o->to;
}

/* ------------------------------------------------------------------ */

/* Enrolment, and the sticks that lie in its cabinet. */
static void desk_begin(struct Office *o, struct Desk *d, int out, int64_t day)
{
	int n = draw_between(&o->draw, STICKS_OF_LEAST, STICKS_OF_LEAST + 4);
	struct Person *first = NULL;

	for (size_t i = 0; i < o->n_people && !first; i++)
		if (o->people[i].first && post_of(&o->people[i])->section == d->section)
			first = &o->people[i];
	/* one terminal of a section after the other */
	d->now = time_at(day, 8 * 60 + 31 + 9 * (atoi(strrchr(d->id, '-') + 1) - 1));
	writer_open(&d->writer, out, d->id, o->seed, d->now);
	desk_start(d, d->now + 60000);
	for (int i = 0; i < n; i++) {
		act_register(d, first, o->next_stick++, draw_chance(&o->draw, 500));
		desk_pass(d, 20, 60);
	}
}

static void day_run(struct Office *o, int out, int64_t day)
{
	office_rotate(o, day);
	ordinary_presence(o, day);
	plants_presence(o, day);
	for (size_t i = 0; i < o->n_desks; i++)
		if (o->desks[i].from == day)
			desk_begin(o, &o->desks[i], out, day);
	ordinary_day(o, day);
	plants_day(o, day);
	for (size_t i = 0; i < o->n_desks; i++)
		if (day >= o->desks[i].from)
			visits_run(o, &o->desks[i]);
}

static void file_write(const struct Office *o, const char *path, bool plants)
{
	_cleanup_stream_ FILE *f = path ? fopen(path, "we") : NULL;

	if (!path)
		return;
	must(f != NULL, path);
	if (plants)
		printf("planted %zu\n", plants_write(o, f));
	else
		office_write(o, f);
	must(fflush(f) == 0, path);
}

static void office_run(const struct Options *options, int out)
{
	uint64_t records = 0;
	struct Office o;

	office_make(&o, options->seed, options->from, options->to, options->terminals);
	if (options->plant)
		plants_make(&o);
	for (int64_t day = o.from; day <= o.to; day++)
		day_run(&o, out, day);
	for (size_t i = 0; i < o.n_desks; i++) {
		if (o.desks[i].from > o.to)
			continue;
		records += o.desks[i].writer.records + o.desks[i].writer.next;
		writer_close(&o.desks[i].writer);
	}
	printf("terminals %zu\nrecords %llu\n", o.n_desks, (unsigned long long)records);
	file_write(&o, options->plant, true);
	file_write(&o, options->office, false);
	plants_done(&o);
	office_done(&o);
}

static bool folder_is_empty(const char *path)
{
	DIR *dir = opendir(path);
	size_t n = 0;

	if (!dir)
		return false;
	while (readdir(dir))
		n++;
	closedir(dir);
	errno = ENOTEMPTY;
	return n == 2;
}

int main(int argc, char **argv)
{
	_cleanup_fd_ int out = -1;
	struct Options options;

	if (!options_read(&options, argc, argv)) {
		fprintf(stderr, "usage: ledger_year --out DIR [--terminals N] [--from DAY] [--to DAY] "
		                "[--seed N] [--plant FILE] "
		                "[--office FILE] [--hostile]\n");
		return 2;
	}
	must(setenv("TZ", "Asia/Tokyo", 1) == 0, "TZ");
	tzset();
	umask(022);
	must(mkdir(options.out, 0755) == 0 || errno == EEXIST, options.out);
	out = open(options.out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(out >= 0 && folder_is_empty(options.out), options.out);
	office_run(&options, out);
	if (options.hostile)
		hostile_run(out, options.seed, time_at(options.from, 9 * 60), time_at(options.to, 17 * 60));
	return 0;
}
