/* SPDX-License-Identifier: Apache-2.0 */
/* A slot: what is read is written again as the same bytes. Two slots: the choice holds what it promises. */
#include "label_choose.h"
#include "label_slot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decode(const uint8_t *slot, struct LabelSeen *ret)
{
	static struct Label l;
	static uint8_t again[LABEL_SIZE];
	int r = label_decode(slot, &l);

	*ret = (struct LabelSeen){.state = r == LABEL_NOTHING ? LABEL_STATE_EMPTY : LABEL_STATE_MALFORMED};
	if (r)
		return;
	if (label_encode(&l, again) < 0 || memcmp(again, slot, LABEL_SIZE))
		abort();
	ret->state = LABEL_STATE_VALID;
	ret->counter = l.counter;
	memcpy(ret->identity, l.identity, DIGEST_SIZE);
	memcpy(ret->number, l.number, sizeof(ret->number));
	memcpy(ret->registration, l.registration, sizeof(ret->registration));
	memcpy(ret->terminal, l.terminal, sizeof(ret->terminal));
	memcpy(ret->sha256, l.random, DIGEST_SIZE); /* stands in for the digest */
}

/* Slots shorter than 4,096 bytes are filled up with zeros. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t slots[LABEL_SLOTS][LABEL_SIZE];
	static struct LabelSeen seen[LABEL_SLOTS];
	struct LabelChoice c;

	memset(slots, 0, sizeof(slots));
	memcpy(slots, data, MIN(size, sizeof(slots)));
	decode(slots[0], &seen[0]);
	decode(slots[1], &seen[1]);
	for (unsigned int i = 0; i < 2 * LABEL_SLOTS; i++) {
		const struct LabelSeen *s = &seen[i % LABEL_SLOTS];
		bool issued = i >= LABEL_SLOTS; /* the other slot by another terminal, in the second round */
		struct LabelSeen *other = &seen[1 - i % LABEL_SLOTS];
		const struct LabelExpected e = {.number = s->number, .registration = s->registration,
			.identity = s->identity, .counter = s->counter, .sha256 = s->sha256,
			.intent_sha256 = s->sha256};
		uint8_t state = other->state;

		if (issued && state == LABEL_STATE_VALID)
			other->state = LABEL_STATE_ISSUED;
		label_choose(seen, &e, &c);
		if (c.outcome >= _LABEL_OUTCOME_N || c.slot >= LABEL_SLOTS)
			abort();
		if (c.outcome == LABEL_CURRENT && (s->state != LABEL_STATE_VALID || c.found != s->counter))
			abort();
		if (c.outcome == LABEL_TAKEN &&
			(seen[c.slot].state != LABEL_STATE_ISSUED || c.found <= e.counter || c.found != seen[c.slot].counter))
			abort();
		other->state = state;
	}
	return 0;
}
