/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledger's message handler under messages of the right shape and any content, over a real folder in
 * memory. After each input the folder must verify and every line must be readable.
 *
 * Input: a run of {uint8 message, uint16 size, bytes}: the body is filled from the bytes, the rest is zero.
 */
#include "batch.h"
#include "enrol.h"
#include "mediagate/ledger.h"
#include "run.h"
#include "str.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const enum MessageType types[] = {MSG_APPEND, MSG_APPEND, MSG_APPEND, MSG_DIGEST, MSG_FILES_DIGEST,
        MSG_NOTE_LINE, MSG_NOTE_SIGN, MSG_READ, MSG_FIND_COPY, MSG_WATCH_READY,
        MSG_YEAR_LOOK, MSG_YEAR_DROP, MSG_COPIES_ON};

#define MUST(good)               \
	do                       \
		if (!(good))     \
			abort(); \
	while (0)

/* As channel_check leaves a message: texts closed. */
static bool shaped(struct Message *m, const uint8_t *bytes, size_t n)
{
	static uint8_t packet[8 + sizeof(union MessageBody)];
	uint32_t body = (uint32_t)channel_size(m->type), type = m->type;

	memset(packet, 0, sizeof(packet));
	memcpy(packet, &type, 4);
	memcpy(packet + 4, &body, 4);
	memcpy(packet + 8, bytes, MIN(n, (size_t)body));
	return channel_check(packet, 8 + body, type == MSG_FILES_DIGEST ? 1 : 0, m) == 0;
}

static void drain(int fd)
{
	for (;;) {
		struct Message m;

		if (channel_receive(fd, &m))
			return;
		MUST(m.type != MSG_APPENDED || m.body.APPENDED.fault < _FAULT_N);
		message_done(&m);
	}
}

static void verify(const struct Store *store)
{
	char checkpoint[SEAL_CHECKPOINT], vkey[LIMIT_VKEY];
	struct LedgerInput in = {.records = store->records, .checkpoint = checkpoint, .vkey = vkey};
	struct LedgerReport report;
	int fd = openat(store->dir, STORE_CHECKPOINT, O_RDONLY | O_CLOEXEC);

	in.checkpoint_size = (size_t)read(fd, checkpoint, sizeof(checkpoint));
	close(fd);
	MUST(!vkey_format(&store->seal->ledger_vkey, vkey, sizeof(vkey)));
	MUST(!ledger_verify(&in, &report) && !report.fault && !report.torn);
	MUST(report.records == store->tree.size && report.covered == report.records);
}

static void feed(struct Server *s, int ours, const uint8_t *data, size_t size)
{
	while (size >= 3) {
		static struct Message m;
		size_t n;
		uint16_t wanted;

		m = (struct Message){.type = types[data[0] % ARRAY_SIZE(types)]};
		memcpy(&wanted, data + 1, sizeof(wanted));
		n = MIN((size_t)wanted, size - 3);
		if (shaped(&m, data + 3, n)) {
			int r;

			if (m.type == MSG_FILES_DIGEST) {
				m.fds[0] = s->store->records;
				m.n_fds = 1;
			}
			r = server_message(s, &m);
			MUST(r == 0 || (r == -EPROTO && m.type == MSG_WATCH_READY));
		}
		drain(ours);
		data += 3 + n;
		size -= 3 + n;
	}
}

static void make_folder(char path[static 64], struct Ledger *l)
{
	static struct Enrolment e;
	struct EnrolResult keys;
	char subject[LIMIT_SUBJECT];
	int dir;

	strcpy(path, "/dev/shm/fuzz-ledger-XXXXXX");
	MUST(mkdtemp(path));
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	e = (struct Enrolment){.year = 2026};
	STR_SET(e.terminal, "T-01");
	STR_SET(e.domain, "city.example");
	MUST(dir >= 0 && !enrol_ledger(dir, &e, &keys) && !enrol_finish(dir, &e));
	MUST(!ledger_open(l, dir, subject));
	l->server.terminal_dir = l->terminal;
	close(dir);
}

static void remove_folder(const char *path)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", path);
	MUST(system(command) == 0);
}

/* Back to record 0: an input must not see what the one before left. */
static void reset(struct Ledger *l)
{
	char line[LIMIT_LINE + 1];
	ssize_t n = pread(l->store.records, line, sizeof(line), 0);
	uint8_t leaf[HASH_SIZE];
	char *end = memchr(line, '\n', (size_t)n);

	MUST(n > 0 && end);
	l->store.size = (uint64_t)(end + 1 - line);
	MUST(!ftruncate(l->store.records, (off_t)l->store.size));
	l->store.tree = (struct Tree)TREE_NULL;
	l->store.room = 0;
	l->store.covered = 0;
	MUST(!crypto_leaf(l->seal.crypto, line, (size_t)(end - line), leaf));
	MUST(!tree_add(&l->store.tree, l->seal.crypto, leaf));
	copies_done(&l->server.copies);
	l->server.n_waiting = 0;
	l->server.n_lines = 0;
	l->server.closed = false;
}

static char path[64];

static void at_end(void)
{
	remove_folder(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct Ledger ledger = LEDGER_NULL;
	int pair[2];

	if (!*path) {
		make_folder(path, &ledger);
		atexit(at_end);
		ledger.server.store = &ledger.store;
		ledger.server.terminal = ledger.enrolment.terminal;
		ledger.server.lines = malloc(BATCH_MOST * (LIMIT_LINE + 1));
		MUST(ledger.server.lines);
	}
	MUST(!channel_pair(pair));
	MUST(!fcntl(pair[0], F_SETFL, O_NONBLOCK) && !fcntl(pair[1], F_SETFL, O_NONBLOCK));
	reset(&ledger);
	ledger.server.channel = pair[1];
	feed(&ledger.server, pair[0], data, size);
	MUST(!batch_flush(&ledger.server));
	MUST(!store_checkpoint(&ledger.store));
	verify(&ledger.store);
	close(pair[0]);
	close(pair[1]);
	return 0;
}
