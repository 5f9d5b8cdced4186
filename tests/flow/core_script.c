/* SPDX-License-Identifier: Apache-2.0 */
/* The honest helpers: what ledger, load, watch and a job say when nothing is wrong with them. */
#include "core_rig.h"
#include "label_slot.h"
#include "str.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>

/* ------------------------------------------------------------------ ledger */

static void detail_text(const struct Record *r, enum RecordKey key, char *to, size_t size)
{
	struct RecordItem item;

	if (record_find(r, key, &item))
		(void)str_set_n(to, size, (const char *)item.bytes, item.size);
}

static int64_t detail_number(const struct Record *r, enum RecordKey key)
{
	struct RecordItem item;
	int64_t value = 0;

	if (record_find(r, key, &item) && item.size == sizeof(value))
		memcpy(&value, item.bytes, sizeof(value));
	return value;
}

static void detail_digest(const struct Record *r, uint8_t *ret)
{
	struct RecordItem item;

	if (record_find(r, KEY_LABEL, &item) && item.size == DIGEST_SIZE)
		memcpy(ret, item.bytes, DIGEST_SIZE);
}

static void fold_label(struct Rig *rig, const struct Record *r)
{
	struct MediumRow *m = loans_medium_row(&rig->state, r->medium);

	if (!m || r->result == RESULT_REFUSED)
		return;
	if (r->result == RESULT_INTENT) {
		RIG_MUST(rig->liar || !m->intent); /* one at a time */
		m->intent = rig->n_lines - 1;
		m->intent_counter = (uint64_t)detail_number(r, KEY_COUNTER);
		detail_digest(r, m->intent_label);
		return;
	}
	RIG_MUST(rig->liar || (uint64_t)detail_number(r, KEY_INTENT) == m->intent);
	if (r->result == RESULT_DONE) {
		m->counter = (uint64_t)detail_number(r, KEY_COUNTER);
		detail_digest(r, m->label);
		detail_text(r, KEY_REGISTRATION, m->registration, sizeof(m->registration));
	}
	m->intent = m->intent_counter = 0;
}

/* Stands in for signature and digest: what differs in a byte differs here. */
static void stamp(const uint8_t *bytes, size_t n, uint8_t salt, uint8_t ret[static DIGEST_SIZE])
{
	uint64_t lanes[4];

	for (size_t k = 0; k < 4; k++) {
		lanes[k] = 14695981039346656037u + salt + k;
		for (size_t i = 0; i < n; i++)
			lanes[k] = (lanes[k] ^ bytes[i]) * 1099511628211u;
	}
	memcpy(ret, lanes, DIGEST_SIZE);
}

static void label_make(const char *terminal, const struct MsgLabelMake *make, struct MsgLabelMade *ret)
{
	static uint64_t made;
	struct Label l = {.counter = make->counter};

	made++;
	STR_CUT(l.terminal, terminal);
	memcpy(l.random, &made, sizeof(made));
	memcpy(l.identity, make->identity, DIGEST_SIZE);
	STR_CUT(l.number, make->number);
	STR_CUT(l.registration, make->registration);
	STR_CUT(l.loan.checkout, make->checkout.id);
	STR_CUT(l.loan.clerk, make->checkout.clerk);
	if (label_encode(&l, ret->bytes) < 0) {
		ret->fault = FAULT_INTERNAL;
		return;
	}
	stamp(ret->bytes, LABEL_SIGNED, 1, l.signature);
	(void)label_encode(&l, ret->bytes);
	stamp(ret->bytes, LABEL_SIZE, 2, ret->sha256);
}

void script_label(struct MediumRow *m, const struct CheckoutRow *c, uint8_t slots[LABEL_SLOTS][LABEL_SIZE])
{
	struct MsgLabelMake make = {.counter = 1};
	struct MsgLabelMade made = {};

	m->counter = 1;
	STR_CUT(m->registration, "T1-R1");
	STR_CUT(make.number, m->number);
	STR_CUT(make.registration, m->registration);
	memcpy(make.identity, m->identity, DIGEST_SIZE);
	if (c)
		make.checkout = *c;
	label_make("T1", &make, &made);
	memcpy(m->label, made.sha256, DIGEST_SIZE);
	memcpy(slots[1], made.bytes, LABEL_SIZE);
}

void script_label_by(const char *terminal, const struct MediumRow *m, uint8_t slots[LABEL_SLOTS][LABEL_SIZE])
{
	script_label_lent(terminal, m, NULL, slots);
}

void script_label_lent(
	const char *terminal, const struct MediumRow *m, const struct CheckoutRow *loan, uint8_t slots[LABEL_SLOTS][LABEL_SIZE])
{
	struct MsgLabelMake make = {.counter = m->counter};
	struct MsgLabelMade made = {};

	if (loan)
		make.checkout = *loan;
	STR_CUT(make.number, m->number);
	STR_CUT(make.registration, m->registration);
	memcpy(make.identity, m->identity, DIGEST_SIZE);
	label_make(terminal, &make, &made);
	RIG_MUST(!made.fault);
	memcpy(slots[m->counter % LABEL_SLOTS], made.bytes, LABEL_SIZE);
}

/* A terminal's key is known here by its name alone: empty for this one's. */
static void label_look_at(const uint8_t *bytes, const char *vkey, struct LabelSeen *ret)
{
	char name[LIMIT_VKEY];
	uint8_t signature[DIGEST_SIZE];
	struct Label l;
	int r = label_decode(bytes, &l);

	ret->state = r == LABEL_NOTHING ? LABEL_STATE_EMPTY : LABEL_STATE_MALFORMED;
	if (r)
		return;
	ret->state = LABEL_STATE_STRANGER;
	snprintf(name, sizeof(name), RIG_ISSUER, l.terminal);
	if (!str_eq(vkey, str_eq(l.terminal, "T1") ? "" : name))
		return;
	stamp(bytes, LABEL_SIGNED, 1, signature);
	ret->state = memcmp(signature, l.signature, DIGEST_SIZE) ? LABEL_STATE_FORGED :
		vkey[0]							? LABEL_STATE_ISSUED :
									  LABEL_STATE_VALID;
	STR_CUT(ret->terminal, l.terminal);
	ret->counter = l.counter;
	stamp(bytes, LABEL_SIZE, 2, ret->sha256);
	memcpy(ret->identity, l.identity, DIGEST_SIZE);
	STR_CUT(ret->number, l.number);
	STR_CUT(ret->registration, l.registration);
	STR_CUT(ret->checkout, l.loan.checkout);
}

/* What a restart is told. */
static void fold(struct Rig *rig, const struct Record *r)
{
	struct MediumRow m = {};
	struct CheckoutRow c = {};
	struct RecordItem item;

	if (r->kind == RECORD_OVERDUE)
		for (size_t i = 0; i < rig->state.n_checkouts; i++)
			if (str_eq(rig->state.checkouts[i].id, r->checkout))
				rig->state.checkouts[i].state = CHECKOUT_OVERDUE;
	if (r->kind == RECORD_RETURN && r->result == RESULT_DONE)
		loans_remove_checkout(&rig->state, r->checkout);
	if (r->kind == RECORD_REGISTER && r->result == RESULT_DONE) {
		STR_CUT(m.number, r->medium);
		detail_text(r, KEY_SUPERVISOR, m.supervisor, sizeof(m.supervisor));
		m.size = (uint64_t)detail_number(r, KEY_SIZE);
		if (record_find(r, KEY_IDENTITY, &item) && item.size == DIGEST_SIZE)
			memcpy(m.identity, item.bytes, DIGEST_SIZE);
		detail_text(r, KEY_REGISTRATION, m.registration, sizeof(m.registration));
		m.counter = (uint64_t)detail_number(r, KEY_COUNTER);
		detail_digest(r, m.label);
		RIG_MUST(loans_add_medium(&rig->state, &m) == 0);
	}
	if (r->kind == RECORD_LABEL)
		fold_label(rig, r);
	if (r->kind == RECORD_CHECKOUT && r->result == RESULT_DONE) {
		STR_CUT(c.id, r->checkout);
		STR_CUT(c.medium, r->medium);
		detail_text(r, KEY_CLERK, c.clerk, sizeof(c.clerk));
		detail_text(r, KEY_SUPERVISOR, c.supervisor, sizeof(c.supervisor));
		c.from = detail_number(r, KEY_FROM);
		c.until = detail_number(r, KEY_UNTIL);
		/* one medium, one loan: whatever core was asked */
		RIG_MUST(rig->liar || !loans_checkout(&rig->state, c.medium));
		RIG_MUST(loans_add_checkout(&rig->state, &c) == 0);
		rig->next_checkout++;
	}
}

/* A durable intent is leave for the port that it names. */
static void leave(struct Rig *rig, const struct Record *r)
{
	char port[LIMIT_PORT] = "";
	struct RecordItem item;

	if (r->result != RESULT_INTENT)
		return;
	detail_text(r, KEY_DEVICE, port, sizeof(port));
	for (size_t i = 0; i < rig->n_devices; i++) {
		struct RigDevice *d = &rig->devices[i];
		bool named = (r->kind == RECORD_OPEN || r->kind == RECORD_REGISTER) && str_eq(d->port, port);

		for (size_t k = 0; (r->kind == RECORD_RETURN || r->kind == RECORD_REQUEST) && k < rig->state.n_media; k++)
			named |= str_eq(rig->state.media[k].number, r->medium) &&
				!memcmp(rig->state.media[k].identity, d->add.identity.serial,
					MIN((size_t)DIGEST_SIZE, (size_t)d->add.identity.serial_size));
		if (record_find(r, KEY_SERIAL, &item))
			named &= item.size == d->add.identity.serial_size &&
				!memcmp(item.bytes, d->add.identity.serial, item.size);
		d->leave |= named;
		d->let_leave |= r->kind == RECORD_OBSERVE && str_eq(d->port, port);
	}
}

static void ledger_append_answer(struct Rig *rig, struct RigEnd *end, const struct Message *m)
{
	const struct MsgAppend *ask = &m->body.APPEND;
	struct MsgAppended answer = {.cookie = ask->cookie, .n = rig->n_lines, .fault = (uint16_t)rig->ledger_fault};

	if (!answer.fault) {
		RIG_MUST(rig->n_lines < RIG_LINES && ask->record.detail_size <= LIMIT_DETAIL);
		RIG_MUST(ask->record.names != NAMES_CLEAR); /* the policy's, and none says this */
		rig->lines[rig->n_lines++] = ask->record;
		fold(rig, &ask->record);
		leave(rig, &ask->record);
	}
	rig_say(rig, end, MSG_APPENDED, &answer, NULL, 0);
	if (rig->covered < rig->n_lines) {
		struct MsgCovered covered = {.size = rig->n_lines};

		rig->covered = covered.size;
		rig_say(rig, end, MSG_COVERED, &covered, NULL, 0);
	}
}

static int sealed(void)
{
	int fd = memfd_create("script", MFD_CLOEXEC);

	RIG_MUST(fd >= 0);
	return fd;
}

static void copies_are(const struct Rig *rig, const struct MsgCopiesOn *on, struct MsgCopiesAre *ret)
{
	size_t at = (size_t)on->from;

	if (at >= ARRAY_SIZE(rig->on_record) || !rig->on_record[at])
		return;
	snprintf(ret->copies, sizeof(ret->copies), "%s\n", rig->on_record[at]);
	ret->next = at + 1;
}

static void ledger_answer(struct Rig *rig, struct RigEnd *end, const struct Message *m)
{
	const struct Identity *i = &m->body.DIGEST.identity;
	union MessageBody a = {};
	int fds[3] = {-1, -1, -1};

	memcpy(&a, &m->body, sizeof(uint64_t)); /* the cookie */
	switch (m->type) {
	case MSG_APPEND:
		ledger_append_answer(rig, end, m);
		break;
	case MSG_DIGEST:
		memcpy(a.DIGESTED.digest, i->serial, MIN((size_t)i->serial_size, sizeof(a.DIGESTED.digest)));
		rig_say(rig, end, MSG_DIGESTED, &a, NULL, 0);
		break;
	case MSG_FILES_DIGEST:
		a.FILES_DIGESTED.n = (uint8_t)m->n_fds;
		rig_say(rig, end, MSG_FILES_DIGESTED, &a, NULL, 0);
		break;
	case MSG_NOTE_SIGN:
		fds[0] = sealed();
		memset(a.NOTE.sha256, 7, DIGEST_SIZE);
		rig_say(rig, end, MSG_NOTE, &a, fds, 1);
		break;
	case MSG_READ:
		for (size_t k = 0; k < (m->body.READ.actor[0] ? 1 : 3); k++)
			fds[k] = sealed();
		rig_say(rig, end, MSG_READABLE, &a, fds, fds[1] < 0 ? 1 : 3);
		break;
	case MSG_LABEL_MAKE:
		label_make("T1", &m->body.LABEL_MAKE, &a.LABEL_MADE);
		rig_say(rig, end, MSG_LABEL_MADE, &a, NULL, 0);
		break;
	case MSG_LABEL_LOOK:
		label_look_at(m->body.LABEL_LOOK.bytes, m->body.LABEL_LOOK.vkey, &a.LABEL_SEEN.seen);
		rig_say(rig, end, MSG_LABEL_SEEN, &a, NULL, 0);
		break;
	case MSG_FIND_COPY:
		rig_say(rig, end, MSG_FOUND_COPY, &a, NULL, 0);
		break;
	case MSG_COPIES_ON:
		copies_are(rig, &m->body.COPIES_ON, &a.COPIES_ARE);
		rig_say(rig, end, MSG_COPIES_ARE, &a, NULL, 0);
		break;
	default:
		break;
	}
	for (size_t k = 0; k < ARRAY_SIZE(fds); k++)
		fd_close(fds[k]);
}

static void ledger_begin(struct Rig *rig, struct RigEnd *end)
{
	struct StateEnd last = {.n = rig->n_lines, .n_rows = rig->state.n_media + rig->state.n_checkouts,
		.last_time = rig->now, .next_checkout = rig->next_checkout + 1,
		.fiscal_year = 2026, .terminal = "T1", .domain = "example.org", .label_vkey = "v"};

	for (size_t i = 0; i < rig->state.n_media; i++)
		rig_say(rig, end, MSG_STATE_MEDIUM, &rig->state.media[i], NULL, 0);
	for (size_t i = 0; i < rig->state.n_checkouts; i++)
		rig_say(rig, end, MSG_STATE_CHECKOUT, &rig->state.checkouts[i], NULL, 0);
	rig_say(rig, end, MSG_STATE_END, &last, NULL, 0);
}

/* ------------------------------------------------------------------ load */

static void load_begin(struct Rig *rig, struct RigEnd *end)
{
	static const struct PersonRow people[] = {
		{.login = "supervisor1", .name = "S", .roles = ROLE_SUPERVISOR, .uid = RIG_SUPERVISOR},
		{.login = "supervisor2", .name = "T", .roles = ROLE_SUPERVISOR, .uid = RIG_SUPERVISOR2},
		{.login = "clerk1", .name = "C", .roles = ROLE_CLERK, .uid = RIG_CLERK},
		{.login = "clerk2", .name = "D", .roles = ROLE_CLERK, .uid = RIG_CLERK2},
		{.login = "supervisor3", .name = "U", .roles = ROLE_SUPERVISOR, .uid = RIG_EXPIRED, .valid_until = 1},
		{.login = "auditor1", .name = "A", .roles = ROLE_AUDITOR, .uid = RIG_AUDITOR},
	};
	struct TerminalRow terminal = {.domain = "example.org", .id = "T1"};
	struct CodeRow codes[] = {
		{.table = CODE_PURPOSE, .code = "submission"}, {.table = CODE_GROUND, .code = "law"}};
	struct FileSystemRow vfat = {.type = "vfat"};
	struct SettingsRow settings = {.checkout_days = 7, .own_password_length = 20, .retention_years = 5, .names = NAMES_MASKED,
		.observe = rig->observe};
	struct MsgLoadEnd last = {.n_rows = 3 + ARRAY_SIZE(people) + ARRAY_SIZE(codes)};
	struct IssuerRow issuer = {};

	rig->n_loads++;
	if (rig->no_config || (rig->bad_loads && rig->bad_loads--))
		last = (struct MsgLoadEnd){.fault = FAULT_BAD_CONFIG, .subject = "policy.conf:3: no"};
	rig_say(rig, end, MSG_LOAD_TERMINAL, &terminal, NULL, 0);
	rig_say(rig, end, MSG_LOAD_SETTINGS, &settings, NULL, 0);
	rig_say(rig, end, MSG_LOAD_FILE_SYSTEM, &vfat, NULL, 0);
	for (size_t i = 0; i < ARRAY_SIZE(people); i++)
		rig_say(rig, end, MSG_LOAD_PERSON, &people[i], NULL, 0);
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		rig_say(rig, end, MSG_LOAD_CODE, &codes[i], NULL, 0);
	for (size_t i = 0; i < ARRAY_SIZE(rig->issuers) && rig->issuers[i]; i++) {
		snprintf(issuer.vkey, sizeof(issuer.vkey), RIG_ISSUER, rig->issuers[i]);
		rig_say(rig, end, MSG_LOAD_ISSUER, &issuer, NULL, 0);
		last.n_rows++;
	}
	rig_say(rig, end, MSG_LOAD_END, &last, NULL, 0);
	rig_die(rig, end);
}

/* ------------------------------------------------------------------ job */

static void job_end(struct Rig *rig, struct RigEnd *end, int fault)
{
	struct MsgJobDone done = {.fault = (uint16_t)fault, .files = rig->job_files, .bytes = 100, .parts = 1};

	rig_say(rig, end, MSG_JOB_DONE, &done, NULL, 0);
	rig_die(rig, end);
}

/* The order and its issuers have come: the first half of the work. */
static void job_work(struct Rig *rig, struct RigEnd *end)
{
	struct MsgJobFile file = {.name = "a/b", .size = 100};
	struct MsgNoteLine line = {.name = "1"};
	struct MsgJobReady ready = {.files = rig->job_files, .bytes = 100, .parts = 1, .n_lines = 2, .by_password = 1};
	struct MsgJobFound found[] = {{.found = FOUND_COPY, .copy = "7KQ2M0ZBXW93", .name = "MEDIAGATE-7KQ2M0ZBXW93"},
		{.found = FOUND_FOREIGN, .name = "letter.txt", .size = 3}};

	if (rig->job_fault || end->order.kind == JOB_LIST) {
		job_end(rig, end, rig->job_fault);
		return;
	}
	for (size_t i = 0; end->order.kind == JOB_INSPECT && i < ARRAY_SIZE(found); i++)
		rig_say(rig, end, MSG_JOB_FOUND, &found[i], NULL, 0);
	if (end->order.kind == JOB_INSPECT) {
		job_end(rig, end, 0);
		return;
	}
	for (size_t i = 0; i < rig->job_files; i++)
		rig_say(rig, end, MSG_JOB_FILE, &file, NULL, 0);
	STR_CUT(line.copy, end->order.copy);
	for (size_t i = 0; end->order.kind == JOB_COPY && i < 2; i++)
		rig_say(rig, end, MSG_JOB_LINE, &line, NULL, 0);
	rig_say(rig, end, MSG_JOB_READY, &ready, NULL, 0);
}

static void job_message(struct Rig *rig, struct RigEnd *end, const struct Message *m)
{
	switch (m->type) {
	case MSG_JOB:
		end->order = m->body.JOB;
		end->step = 0;
		break;
	case MSG_JOB_ISSUER:
		if (++end->step == end->order.n_issuers)
			job_work(rig, end);
		break;
	case MSG_PROCEED:
		job_end(rig, end, m->body.PROCEED.fault);
		break;
	case MSG_JOB_STOP:
		job_end(rig, end, m->body.JOB_STOP.fault);
		break;
	default:
		rig_fail(__FILE__, __LINE__, "core says what a job knows");
	}
}

/* ------------------------------------------------------------------ label */

static void label_message(struct Rig *rig, struct RigEnd *end, const struct Message *m)
{
	struct RigDevice *d = rig_label_device(rig, end);
	struct MsgLabelDone done = {};
	struct MsgLabelSlot slot = {};

	RIG_MUST(m->type == MSG_LABEL_ORDER);
	if (!d || !d->plugged)
		done.fault = FAULT_MEDIUM_GONE;
	else if (m->body.LABEL_ORDER.write)
		memcpy(d->slots[m->body.LABEL_ORDER.slot], m->body.LABEL_ORDER.bytes, LABEL_SIZE);
	for (; !done.fault && !m->body.LABEL_ORDER.write && slot.slot < LABEL_SLOTS; slot.slot++) {
		memcpy(slot.bytes, d->slots[slot.slot], LABEL_SIZE);
		rig_say(rig, end, MSG_LABEL_SLOT, &slot, NULL, 0);
	}
	rig_say(rig, end, MSG_LABEL_DONE, &done, NULL, 0);
	rig_die(rig, end);
}

/* ------------------------------------------------------------------ gate */

static void gate_message(struct Rig *rig, const struct Message *m)
{
	uint32_t client;
	struct RigReply *reply;

	memcpy(&client, &m->body, sizeof(client));
	reply = rig_reply(rig, client);
	if (!reply) {
		RIG_MUST(client == 0 || rig->liar); /* one whose gate is gone */
		return;
	}
	RIG_MUST(reply->n_replies == 0 || rig->liar); /* nothing follows the one reply */
	if (m->type == MSG_REPLY) {
		reply->n_replies++;
		reply->reply = m->body.REPLY;
		/* told is what a checkpoint covers */
		RIG_MUST(rig->liar || m->body.REPLY.n == UINT64_MAX || m->body.REPLY.n < rig->covered);
		return;
	}
	if (m->type == MSG_STATUS)
		reply->status = m->body.STATUS;
	if (m->type == MSG_DEVICE)
		reply->device = m->body.DEVICE;
	if (m->type == MSG_REPLY_FILES)
		reply->n_files = (int)m->n_fds;
	reply->n_rows++;
}

/* ------------------------------------------------------------------ all */

/* There is a logind, and it waits for us. */
static void session_begin(struct Rig *r, struct RigEnd *end)
{
	struct MsgSleepLock lock = {.held = 1};

	if (r->no_session)
		rig_die(r, end);
	else
		rig_say(r, end, MSG_SLEEP_LOCK, &lock, NULL, 0);
}

void script_begin(struct Rig *r, struct RigEnd *end)
{
	struct MsgWatchReady ready = {};

	switch (end->role) {
	case RIG_LEDGER:
		if (!r->ledger_reads)
			ledger_begin(r, end);
		break;
	case RIG_LOAD:
		load_begin(r, end);
		break;
	case RIG_WATCH:
		for (size_t i = 0; i < r->n_devices; i++)
			r->devices[i].disk = false;
		for (size_t i = 0; i < r->n_devices; i++)
			if (r->devices[i].plugged)
				rig_plug(r, r->devices[i].port, NULL);
		rig_say(r, end, MSG_WATCH_READY, &ready, NULL, 0);
		break;
	case RIG_SESSION:
		session_begin(r, end);
		break;
	default:
		break;
	}
}

void rig_verified(struct Rig *r)
{
	r->ledger_reads = false;
	ledger_begin(r, rig_end(r, RIG_LEDGER));
	rig_run(r);
}

void script_answer(struct Rig *r, struct RigEnd *end, const struct Message *m)
{
	switch (end->role) {
	case RIG_LEDGER:
		ledger_answer(r, end, m);
		break;
	case RIG_GATE:
		gate_message(r, m);
		break;
	case RIG_JOB:
		job_message(r, end, m);
		break;
	case RIG_LABEL:
		label_message(r, end, m);
		break;
	case RIG_SESSION:
		r->sleep_ready = m->type == MSG_SLEEP_READY ? m->body.SLEEP_READY.number : 0;
		break;
	default:
		break;
	}
}

void script_message(struct Rig *r, struct RigEnd *end, const struct Message *m)
{
	if (r->script[end->role] && r->script[end->role](r, end, m))
		return;
	if (end->role == RIG_LEDGER && r->ledger_slow && m->type == MSG_APPEND) {
		RIG_MUST(r->n_held < ARRAY_SIZE(r->held));
		r->held[r->n_held] = *m;
		r->held[r->n_held++].n_fds = 0;
		return;
	}
	script_answer(r, end, m);
}
