/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a ledger as a terminal makes it, for the verifier's tests: ledger_make DIR SEED RECORDS.
 *
 * The agent's own enrolment and its own ledger process, in its sandbox, write it below DIR: records of
 * every kind that core sends, with every key, texts that need escapes, masks or hex; between them clean
 * stops, kills and torn writes. Odd seeds end with a kill and a torn line, even ones with a clean stop. Each
 * checkpoint met at a stop is kept as <DIR>/<made folder>/seen-<n>. Says the folder.
 */
#include "../unit/ledger_rig.h"

#include "settings.h"
#include "std.h"
#include "str.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define PARTS 5 /* runs of the process */

struct Make {
	struct Rig rig;
	uint64_t random; /* xorshift: the same seed gives the same records */
	uint64_t size;
	unsigned int seen;
};

static void must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

static uint64_t draw(struct Make *m, uint64_t below)
{
	m->random ^= m->random << 13;
	m->random ^= m->random >> 7;
	m->random ^= m->random << 17;
	return m->random % below;
}

static const char *const texts[] = {
        "",
        "report.xlsx",
        "申請書/令和8年 \"確定\" \\ 版.pdf",
        "tab\there, line\nthere, bell\a, delete\x7f",
        "=cmd|'/c calc'!A0 \xf0\x9f\x94\x92 \xe2\x80\xae.exe",
        "number 123456789018 and 1234-5678-9018",
        "not UTF-8: \xff\xfe\xc0\xaf",
        "\xed\xa0\x80 surrogate",
};

static void item_add(struct Make *m, struct Record *r, enum RecordKey key)
{
	uint8_t bytes[64];
	char text[1200];

	switch (record_key_type(key)) {
	case TYPE_CODE:
		record_text(r, key, draw(m, 2) ? "2-1.4" : "T-01-2026-0001");
		return;
	case TYPE_TEXT:
		if (draw(m, 16))
			return record_text(r, key, texts[draw(m, ARRAY_SIZE(texts))]);
		/* so long that it may be cut */
		for (size_t i = 0; i < sizeof(text) - 3; i += 3)
			memcpy(text + i, "税", 4);
		return record_text(r, key, text);
	case TYPE_HEX:
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)draw(m, 256);
		return record_bytes(r, key, bytes, draw(m, 2) ? 32 : draw(m, sizeof(bytes) + 1));
	case TYPE_NUMBER:
		return record_number(r, key, draw(m, 2) ? draw(m, 100) : UINT64_MAX - draw(m, 100));
	case TYPE_TIME:
		return record_time(r, key, 1795219200000 + (int64_t)draw(m, 1u << 30));
	case TYPE_FLAG:
		return record_flag(r, key, draw(m, 2));
	}
}

/* What core sends in any order; the kinds with a meaning for the register only as refusals. */
static void record_draw(struct Make *m, struct Record *r)
{
	static const enum RecordKind free_kinds[] = {
	        RECORD_START,
	        RECORD_STOP,
	        RECORD_POLICY,
	        RECORD_DEVICE,
	        RECORD_OPEN,
	        RECORD_CLOSE,
	        RECORD_FILE,
	        RECORD_READ,
	        RECORD_LIST,
	        RECORD_REQUEST,
	        RECORD_TAMPER,
	        RECORD_GAP,
	        RECORD_CLOCK,
	        RECORD_HELPER,
	        RECORD_FLOOD,
	        RECORD_RESIDUE,
	};
	static const enum RecordKind bound_kinds[] = {
	        RECORD_REGISTER, RECORD_CHECKOUT, RECORD_RETURN, RECORD_COPY};
	bool bound = !draw(m, 5);

	if (bound)
		record_start(r, bound_kinds[draw(m, ARRAY_SIZE(bound_kinds))], RESULT_REFUSED);
	else
		record_start(r, free_kinds[draw(m, ARRAY_SIZE(free_kinds))],
		        draw(m, 3) ? RESULT_DONE : RESULT_REFUSED);
	if (draw(m, 4)) {
		STR_SET(r->actor, draw(m, 2) ? "clerk1" : "sato.k@city.example");
		r->roles = 1u << draw(m, 5);
	}
	if (!draw(m, 4))
		STR_SET(r->deputy_for, "supervisor1");
	if (draw(m, 2))
		STR_SET(r->medium, "USB-0007");
	if (draw(m, 2))
		STR_SET(r->checkout, "T-01-2026-0001");
	if (r->result == RESULT_REFUSED)
		r->reason = (uint16_t)(1 + draw(m, _FAULT_N - 1));
	if (!draw(m, 3))
		r->numbers = (int64_t)draw(m, 2000);
	for (uint64_t i = draw(m, 8); i > 0; i--)
		item_add(m, r, (enum RecordKey)draw(m, _KEY_N));
}

static void append_some(struct Make *m, uint64_t records)
{
	uint64_t accepted = 0;

	for (uint64_t i = 0; i < records; i++) {
		struct Record r;
		uint64_t n;
		int fault;

		record_draw(m, &r);
		fault = rig_append(&m->rig, &r, &n);
		must(fault >= 0, "the ledger process ended");
		if (fault == FAULT_OK) {
			accepted++;
			m->size = n + 1;
		}
	}
	must(accepted * 10 >= records * 9, "records of core were not accepted");
}

static void checkpoint_keep(struct Make *m)
{
	_cleanup_free_ char *bytes = NULL;
	_cleanup_fd_ int fd = -1;
	char name[32];
	size_t n;

	bytes = rig_file(&m->rig, "checkpoint", &n);
	snprintf(name, sizeof(name), "seen-%u", m->seen++);
	fd = openat(m->rig.dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	must(bytes && fd >= 0 && write(fd, bytes, n) == (ssize_t)n, name);
}

static void tail_tear(struct Make *m)
{
	_cleanup_fd_ int year = rig_year_dir(&m->rig);
	_cleanup_fd_ int fd = openat(year, "records.jsonl", O_WRONLY | O_APPEND | O_CLOEXEC);
	static const char torn[] = "{\"n\":99,\"t\":\"2026-";

	must(fd >= 0 && write(fd, torn, sizeof(torn) - 1) == sizeof(torn) - 1, "records.jsonl");
}

/* One life of the process: ends clean, or by a kill after an append that no checkpoint covers yet. */
static void part_run(struct Make *m, uint64_t records, bool kill)
{
	must(rig_start(&m->rig) == 0, "the ledger process does not start");
	append_some(m, records);
	if (!kill) {
		must(rig_stop(&m->rig) == 0, "the ledger process does not stop");
		return checkpoint_keep(m);
	}
	must(rig_cover(&m->rig, m->size) == 0, "no checkpoint");
	append_some(m, 1 + draw(m, 3));
	rig_kill(&m->rig);
	tail_tear(m);
}

int main(int argc, char **argv)
{
	static struct Make m;
	unsigned long seed, records;

	if (argc != 4) {
		fprintf(stderr, "error: ledger_make DIR SEED RECORDS\n");
		return 2;
	}
	seed = strtoul(argv[2], NULL, 10);
	records = strtoul(argv[3], NULL, 10);
	m.random = 0x9e3779b97f4a7c15u ^ seed;
	rig_make(&m.rig, argv[1]);
	must(rig_enrol(&m.rig) == 0, "enrolment");
	checkpoint_keep(&m);
	for (unsigned int i = 1; i <= PARTS; i++)
		part_run(&m, 1 + records / PARTS, i % 2 == seed % 2);
	printf("%s\n", m.rig.path);
	return 0;
}
