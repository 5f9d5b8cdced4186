/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many records a second the ledger takes when they come one behind another, as the files of one copy do:
 * bench_group [--json] [--dir DIR] [N].
 *
 * Sends as fast as the process takes them, reads every answer, and counts until a checkpoint covers the last.
 */
#include "../unit/ledger_rig.h"

#include "settings.h"
#include "std.h"
#include "str.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>

#define RECORDS 100000
#define ROUNDS  3

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

static void record_make(struct MsgAppend *m, uint64_t i)
{
	char name[64];

	*m = (struct MsgAppend){.cookie = i};
	record_start(&m->record, RECORD_FILE, RESULT_DONE);
	STR_SET(m->record.actor, "clerk1");
	m->record.roles = ROLE_CLERK;
	STR_SET(m->record.medium, "USB-0007");
	record_text(&m->record, KEY_COPY, "T-01-20261121-0001");
	snprintf(name, sizeof(name), "申請書/%06llu.pdf", (unsigned long long)i);
	record_text(&m->record, KEY_NAME, name);
	record_number(&m->record, KEY_SIZE, 123456);
	record_bytes(&m->record, KEY_SHA256, "0123456789abcdef0123456789abcdef", 32);
}

struct Count {
	uint64_t answered, checkpoints, last, covered;
};

/* All answers that are there. */
static void answers_take(struct Rig *g, struct Count *c, bool wait)
{
	for (;;) {
		struct pollfd p = {.fd = g->channel, .events = POLLIN};
		static struct Message m;

		must(poll(&p, 1, wait ? -1 : 0) >= 0, "poll");
		if (!(p.revents & POLLIN))
			return;
		must(channel_receive(g->channel, &m) == 0, "receive");
		if (m.type == MSG_APPENDED) {
			must(m.body.APPENDED.fault == 0, "append");
			c->answered++;
			c->last = m.body.APPENDED.n;
		} else {
			c->checkpoints++;
			c->covered = m.body.COVERED.size;
		}
		wait = false;
	}
}

static double burst(struct Rig *g, uint64_t n, struct Count *c)
{
	double start = now();
	struct MsgAppend m;

	*c = (struct Count){};
	for (uint64_t i = 0; i < n; i++) {
		struct pollfd p = {.fd = g->channel, .events = POLLIN | POLLOUT};

		record_make(&m, i);
		for (;;) {
			must(poll(&p, 1, -1) == 1, "poll");
			if (p.revents & POLLIN)
				answers_take(g, c, false);
			if (p.revents & POLLOUT)
				break;
		}
		must(channel_send(g->channel, MSG_APPEND, &m, NULL, 0) == 0, "send");
	}
	while (c->answered < n || c->covered <= c->last)
		answers_take(g, c, true);
	return now() - start;
}

int main(int argc, char **argv)
{
	unsigned long long n = RECORDS;
	const char *dir = NULL;
	bool json = false;
	struct Count count;
	struct Rig rig;
	double best = 0;

	for (int i = 1; i < argc; i++) {
		if (str_eq(argv[i], "--json"))
			json = true;
		else if (str_eq(argv[i], "--dir") && i + 1 < argc)
			dir = argv[++i];
		else
			n = strtoull(argv[i], NULL, 10);
	}
	if (n < 1 || n > 10000000) {
		fprintf(stderr, "usage: bench_group [--json] [--dir DIR] [N]\n");
		return 2;
	}
	rig_make(&rig, dir);
	must(rig_enrol(&rig) == 0 && rig_start(&rig) == 0, "ledger");
	for (int i = 0; i < ROUNDS; i++) {
		double t = burst(&rig, n, &count);

		best = best == 0 || t < best ? t : best;
	}
	must(rig_stop(&rig) == 0, "stop");
	if (json)
		printf("{\"ratios\":{},\"figures\":{\"group_records\":%llu,\"group_records_per_s\":%.0f,"
		       "\"group_checkpoints\":%llu}}\n",
		        n, (double)n / best, (unsigned long long)count.checkpoints);
	else
		printf("%llu records one behind another: %.0f a second (goal: 50,000 at least), %llu "
		       "checkpoints\n",
		        n, (double)n / best, (unsigned long long)count.checkpoints);
	rig_remove(&rig);
	return 0;
}
