/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Where fuzz_core_client and fuzz_core_helper begin: a running core, three sticks, one of them lent. */
#include "core_rig.h"
#include "str.h"

struct Bytes {
	const uint8_t *data;
	size_t size;
};

static inline uint8_t byte(struct Bytes *b)
{
	if (!b->size)
		return 0;
	b->size--;
	return *b->data++;
}

static inline struct Rig *world_new(void)
{
	/* one for the whole run: libFuzzer calls from one thread */
	static struct Rig *r;
	struct MediumRow medium = {.number = "USB-1", .supervisor = "supervisor1", .identity = "LENT0001"};
	struct MediumRow idle = {.number = "USB-2", .supervisor = "supervisor1", .identity = "IDLE0002"};
	struct CheckoutRow loan = {.id = "T1-2026-0001", .medium = "USB-1", .clerk = "clerk1",
		.supervisor = "supervisor1", .purpose = "submission", .ground = "law", .destination = "tax office"};

	if (!r) {
		r = calloc(1, sizeof(*r));
		RIG_MUST(r);
		rig_start(r);
	}
	rig_reset(r);
	r->quiet = true;
	loan.from = r->now;
	loan.until = r->now + 86400000;
	script_label(&medium, &loan, r->devices[0].slots);
	script_label(&idle, NULL, r->devices[1].slots);
	RIG_MUST(loans_add_medium(&r->state, &medium) == 0 && loans_add_medium(&r->state, &idle) == 0 &&
		loans_add_checkout(&r->state, &loan) == 0);
	rig_boot(r);
	rig_plug(r, "2-1", "LENT0001");
	rig_plug(r, "2-2", "IDLE0002");
	rig_plug(r, "2-3", "NEW00003");
	rig_run(r);
	RIG_MUST(rig_is_open(r, &r->devices[0]) && !rig_is_open(r, &r->devices[1]));
	return r;
}

/* What is left is brought to its end: nobody waits for ever. */
static inline void world_settle(struct Rig *r)
{
	static const enum RigRole children[] = {RIG_JOB, RIG_LABEL, RIG_PREPARE};
	struct RigEnd *end;

	memset(r->script, 0, sizeof(r->script));
	r->alter.with = 0;
	for (int i = 0; i < 4 && !r->ended; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(children); k++)
			while (!r->ended && (end = rig_end(r, children[k]))) {
				rig_die(r, end);
				rig_run(r);
			}
		rig_answer(r);
		rig_later(r, 20001); /* who waits for a disk, and helpers that are started anew */
	}
}

static inline int64_t world_while(uint8_t k)
{
	static const int64_t times[] = {1, 250, 10001, 20001, 60001, 120001, 86400001};

	return times[k % ARRAY_SIZE(times)];
}

static inline void world_toggle(struct Rig *r, uint8_t k)
{
	static const char *const serials[] = {"LENT0001", "IDLE0002", "NEW00003", "LENT0001"};
	static const char *const ports[] = {"2-1", "2-2", "2-3", "2-4"};
	struct RigDevice *d = k % 4 < (int)r->n_devices ? &r->devices[k % 4] : NULL;

	if (d && d->plugged)
		rig_unplug(r, d);
	else
		rig_plug(r, ports[k % 4], serials[k % 4]);
}
