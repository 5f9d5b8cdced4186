/* SPDX-License-Identifier: Apache-2.0 */
#include "label_choose.h"

#include "str.h"

#include <stdio.h>

static bool is_whole(const struct LabelSeen *s)
{
	return s->state == LABEL_STATE_VALID || s->state == LABEL_STATE_ISSUED;
}

static bool is_mediums(const struct LabelSeen *s, unsigned int slot, const struct LabelExpected *e)
{
	return is_whole(s) && label_slot(s->counter) == slot && str_eq(s->number, e->number) &&
		!memcmp(s->identity, e->identity, DIGEST_SIZE);
}

static bool is_own(const struct LabelSeen *s, unsigned int slot, const struct LabelExpected *e)
{
	return is_mediums(s, slot, e) && str_eq(s->registration, e->registration);
}

/* A terminal may register or relabel the medium anew, in its own name; it may not bring back another's
   registration that has ended here. */
static bool is_issued(const struct LabelSeen *s, unsigned int slot, const struct LabelExpected *e)
{
	char made[LIMIT_ID];
	size_t n;

	if (s->state != LABEL_STATE_ISSUED || !is_mediums(s, slot, e))
		return false;
	n = (size_t)snprintf(made, sizeof(made), LABEL_REGISTRATION, s->terminal, "");
	return str_eq(s->registration, e->registration) ||
		(!strncmp(s->registration, made, n) && !strchr(s->registration + n, '-'));
}

/* The very label that the ledger names. */
static bool is_label(const struct LabelSeen *seen, uint64_t counter, const uint8_t *sha256,
	const struct LabelExpected *e)
{
	unsigned int slot = label_slot(counter);

	return counter && is_own(&seen[slot], slot, e) && seen[slot].counter == counter &&
		!memcmp(seen[slot].sha256, sha256, DIGEST_SIZE);
}

/* A first label has no older one beside it, and what stood there before is nobody's. Where another terminal
   has registered the medium anew, the one before is of an earlier registration. */
static bool is_torn(const struct LabelSeen *seen, uint64_t counter, const struct LabelExpected *e)
{
	unsigned int slot = label_slot(counter), other = 1 - slot;
	const struct LabelSeen *s = &seen[other];
	bool beside = seen[slot].state == LABEL_STATE_ISSUED ? is_mediums(s, other, e) :
							       is_own(s, other, e) || is_issued(s, other, e);

	return counter > 1 && !(beside && s->counter < counter);
}

static void accept(const struct LabelSeen *seen, enum LabelOutcome outcome, uint64_t counter,
	const struct LabelExpected *e, struct LabelChoice *ret)
{
	*ret = (struct LabelChoice){
		.outcome = (uint8_t)outcome,
		.slot = (uint8_t)label_slot(counter),
		.torn = is_torn(seen, counter, e),
		.intent = is_label(seen, e->intent_counter, e->intent_sha256, e),
		.found = counter,
	};
}

/* What one slot says for itself, the strongest first when two differ. */
static enum LabelOutcome slot_says(const struct LabelSeen *seen, unsigned int slot, const struct LabelExpected *e)
{
	const struct LabelSeen *s = &seen[slot];

	if (s->state == LABEL_STATE_EMPTY)
		return LABEL_MISSING;
	if (s->state == LABEL_STATE_STRANGER)
		return LABEL_OTHER;
	if (!is_whole(s) || label_slot(s->counter) != slot)
		return LABEL_ALTERED;
	if (s->state == LABEL_STATE_ISSUED)
		return is_issued(s, slot, e) && s->counter <= e->counter ? LABEL_OLDER : LABEL_OTHER;
	if (!is_own(s, slot, e))
		return LABEL_OTHER;
	return s->counter > MAX(e->counter, e->intent_counter) ? LABEL_AHEAD : LABEL_OLDER;
}

/*
 * None is acceptable. Two whole labels of this medium that are both older are a clone or an old image; where
 * the current one's slot holds damaged bytes, its neighbour is older by right, and the damage is what counts.
 */
static void refuse(const struct LabelSeen *seen, const struct LabelExpected *e, struct LabelChoice *ret)
{
	static const enum LabelOutcome order[] = {LABEL_AHEAD, LABEL_OLDER, LABEL_ALTERED, LABEL_OTHER, LABEL_MISSING};
	const enum LabelOutcome says[LABEL_SLOTS] = {slot_says(seen, 0, e), slot_says(seen, 1, e)};
	unsigned int current = label_slot(e->counter);

	if (e->counter && says[current] == LABEL_ALTERED && says[1 - current] == LABEL_OLDER &&
		seen[1 - current].counter + 1 == e->counter) {
		*ret = (struct LabelChoice){.outcome = LABEL_ALTERED, .slot = (uint8_t)current};
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		for (unsigned int slot = 0; slot < LABEL_SLOTS; slot++) {
			if (says[slot] != order[i])
				continue;
			/* of two older ones the newer tells how far behind it is */
			if (says[1 - slot] == order[i] && seen[1 - slot].counter > seen[slot].counter)
				slot = 1 - slot;
			*ret = (struct LabelChoice){.outcome = (uint8_t)order[i], .slot = (uint8_t)slot,
				.found = is_whole(&seen[slot]) ? seen[slot].counter : 0};
			return;
		}
}

/*
 * The counter of a later label by another terminal; 0: none. Beside one of our own that we do not know it is
 * not looked at: then this terminal's ledger was put back, and that is to be said.
 */
static uint64_t taken(const struct LabelSeen *seen, const struct LabelExpected *e)
{
	uint64_t counter = 0;

	for (unsigned int slot = 0; slot < LABEL_SLOTS && e->counter; slot++) {
		if (slot_says(seen, slot, e) == LABEL_AHEAD)
			return 0;
		if (is_issued(&seen[slot], slot, e) && seen[slot].counter > MAX(e->counter, counter))
			counter = seen[slot].counter;
	}
	return is_label(seen, e->intent_counter, e->intent_sha256, e) && e->intent_counter > counter ? 0 : counter;
}

void label_choose(const struct LabelSeen seen[static LABEL_SLOTS], const struct LabelExpected *e,
	struct LabelChoice *ret)
{
	uint64_t counter = taken(seen, e);

	if (counter)
		accept(seen, LABEL_TAKEN, counter, e, ret);
	else if (is_label(seen, e->intent_counter, e->intent_sha256, e))
		accept(seen, LABEL_INTENT, e->intent_counter, e, ret);
	else if (is_label(seen, e->counter, e->sha256, e))
		accept(seen, LABEL_CURRENT, e->counter, e, ret);
	else
		refuse(seen, e, ret);
}
