/* SPDX-License-Identifier: Apache-2.0 */
/* What can be asked without changing anything: status, devices, explain, records. */
#include "core.h"
#include "judge.h"
#include "str.h"

#include <stdio.h>

struct Device *request_device(struct Core *core, const char *name)
{
	for (struct Device *d = core->devices.first; d; d = d->next) {
		const struct MediumRow *m = loans_medium_of(&core->loans, d->digest);
		char serial[LIMIT_SERIAL];

		str_escape(serial, sizeof(serial), d->identity.serial, d->identity.serial_size);
		if (d->interface_dir >= 0 &&
			(str_eq(d->identity.port, name) || (serial[0] && str_eq(serial, name)) ||
				(m && str_eq(m->number, name))))
			return d;
	}
	return NULL;
}

struct Device *request_medium_device(struct Core *core, const struct MediumRow *m)
{
	return devices_by_digest(&core->devices, m->identity);
}

static int show_device(struct Core *core, struct Ask *ask, const struct Device *d)
{
	const struct MediumRow *m = loans_medium_of(&core->loans, d->digest);
	struct MsgDevice row = {
		.vendor = d->identity.vendor,
		.product = d->identity.product,
		.size = d->disk.size,
		.open = d->state == DEVICE_OPEN,
		.reason = (uint16_t)d->reason,
		.observed = d->let != LET_NO,
	};

	STR_CUT(row.port, d->identity.port);
	STR_CUT(row.disk, d->disk.name);
	str_escape(row.serial, sizeof(row.serial), d->identity.serial, d->identity.serial_size);
	if (m)
		STR_CUT(row.number, m->number);
	return ask_row(core, ask, MSG_DEVICE, &row);
}

static int show_devices(struct Core *core, struct Ask *ask)
{
	for (const struct Device *d = core->devices.first; d; d = d->next) {
		int r = d->interface_dir < 0 ? 0 : show_device(core, ask, d);

		if (r < 0)
			return r;
	}
	return 0;
}

static int show_medium(struct Core *core, struct Ask *ask, const struct MediumRow *m)
{
	const struct CheckoutRow *c = loans_checkout(&core->loans, m->number);
	struct MsgMedium row = {.medium = *m, .present = request_medium_device(core, m) != NULL};

	if (c) {
		const struct PersonRow *clerk = core->policy ? policy_person_by_login(core->policy, c->clerk) : NULL;

		row.checked_out = 1;
		row.checkout = *c;
		if (clerk)
			STR_CUT(row.clerk_name, clerk->name);
	}
	return ask_row(core, ask, MSG_MEDIUM, &row);
}

int request_status(struct Core *core, struct Ask *ask)
{
	struct MsgStatus row = {
		.roles = ask->person.roles,
		.fault = (uint16_t)(core->shut ? core->shut : core->policy ? FAULT_OK : FAULT_NO_POLICY),
		.n = core->records,
		.observe = observe_meant(core),
	};
	int r;

	STR_CUT(row.terminal, core->state.terminal);
	STR_CUT(row.login, ask->person.login);
	STR_CUT(row.name, ask->person.name);
	STR_CUT(row.subject, core->shut ? core->shut_subject : core->config_error);
	if (core->policy) {
		policy_contact(core->policy, NULL, row.contact, sizeof(row.contact));
		row.settings = *policy_settings(core->policy);
	}
	r = ask_row(core, ask, MSG_STATUS, &row);
	for (size_t i = 0; i < core->loans.n_media && r >= 0; i++)
		r = show_medium(core, ask, &core->loans.media[i]);
	if (r >= 0)
		r = show_devices(core, ask);
	return r < 0 ? r : ask_reply(core, ask, FAULT_OK, NULL);
}

int request_devices(struct Core *core, struct Ask *ask)
{
	int r = show_devices(core, ask);

	return r < 0 ? r : ask_reply(core, ask, FAULT_OK, NULL);
}

int request_explain(struct Core *core, struct Ask *ask)
{
	struct Device *d = request_device(core, ask->request.device);
	struct Verdict verdict;
	struct Walk walk;
	int r;

	if (!d)
		return ask_reply(core, ask, FAULT_NO_SUCH_DEVICE, ask->request.device);
	device_flow_explain(core, d, &verdict, &walk);
	r = show_device(core, ask, d);
	for (size_t i = 0; i < verdict.n_steps && r >= 0; i++) {
		struct MsgStep row = {.step = walk.steps[i]};

		r = ask_row(core, ask, MSG_STEP, &row);
	}
	return r < 0 ? r : ask_reply(core, ask, FAULT_OK, NULL);
}

static int records_readable(struct Core *core, uint64_t id, const struct Answer *a)
{
	struct Ask *ask = ask_find(core, id);
	struct MsgReplyFiles row = {};
	int r;

	if (!ask)
		return 0;
	if (a->fault || a->m->body.READABLE.fault)
		return ask_reply(core, ask, a->fault ? a->fault : a->m->body.READABLE.fault, NULL);
	row.client = ask->client;
	row.whole = a->m->n_fds >= 3;
	if (!a->m->n_fds)
		return ask_reply(core, ask, FAULT_NO_LEDGER, NULL);
	r = peer_send(&core->gate, MSG_REPLY_FILES, &row, a->m->fds, a->m->n_fds);
	return r < 0 ? r : ask_reply(core, ask, FAULT_OK, NULL);
}

int request_records(struct Core *core, struct Ask *ask)
{
	const uint32_t whole = ROLE_CHIEF | ROLE_SUPERVISOR | ROLE_AUDITOR | ROLE_ADMINISTRATOR;
	struct MsgRead read = {};
	struct Question q = {MSG_READ, &read, NULL, 0};

	/* a clerk reads what is recorded of themselves, nobody else's */
	if (!(ask->person.roles & whole))
		STR_CUT(read.actor, ask->person.login);
	return ledger_ask(core, &q, records_readable, ask->id);
}
