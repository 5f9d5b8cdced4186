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
	for (unsigned int i = 0; i < LABEL_SLOTS; i++) {
		const struct LabelExpected e = {.number = seen[i].number, .registration = seen[i].registration,
			.identity = seen[i].identity, .counter = seen[i].counter, .sha256 = seen[i].sha256,
			.intent_sha256 = seen[i].sha256};

		label_choose(seen, &e, &c);
		if (c.outcome >= _LABEL_OUTCOME_N || c.slot >= LABEL_SLOTS)
			abort();
		if (c.outcome == LABEL_CURRENT && (seen[i].state != LABEL_STATE_VALID || c.found != seen[i].counter))
			abort();
	}
	return 0;
}
