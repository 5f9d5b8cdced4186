/* SPDX-License-Identifier: Apache-2.0 */
/* Checkouts that run out close by themselves: job, sync, unmount, deauthorise; then it is on record. */
#include "clock.h"
#include "core.h"
#include "str.h"

static int overdue_due(void *owner);

int overdue_arm(struct Core *core)
{
	int64_t end = loans_next_end(&core->loans), now = clock_now();

	if (end == INT64_MAX)
		return dispatch_at(core->dispatch, INT64_MAX, overdue_due, core);
	return dispatch_at(core->dispatch, clock_boot() + MAX(end - now, (int64_t)0), overdue_due, core);
}

static int overdue_one(struct Core *core, struct CheckoutRow *c)
{
	struct Record r;

	c->state = CHECKOUT_OVERDUE;
	record_start(&r, RECORD_OVERDUE, RESULT_DONE);
	STR_CUT(r.medium, c->medium);
	STR_CUT(r.checkout, c->id);
	record_text(&r, KEY_CLERK, c->clerk);
	record_time(&r, KEY_UNTIL, c->until);
	return ledger_append(core, &r, WANT_DURABLE, NULL, 0);
}

static int overdue_due(void *owner)
{
	struct Core *core = owner;
	int64_t now = clock_now();
	int r;

	for (size_t i = 0; i < core->loans.n_checkouts; i++) {
		struct CheckoutRow *c = &core->loans.checkouts[i];

		if (c->state != CHECKOUT_OPEN || c->until > now)
			continue;
		r = overdue_one(core, c);
		if (r < 0)
			return r;
	}
	r = device_flow_judge_all(core);
	return r < 0 ? r : overdue_arm(core);
}
