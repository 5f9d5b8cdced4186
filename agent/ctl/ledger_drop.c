/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_drop.h"

#include "client.h"
#include "clock.h"
#include "mediagate/ledger.h"
#include "say.h"
#include "show.h"

#include <stdio.h>

struct Dropped {
	struct MsgYear year;
	bool seen;
};

static void year_row(void *owner, struct Message *m)
{
	struct Dropped *d = owner;

	if (m->type != MSG_YEAR_ROW)
		return;
	d->year = m->body.YEAR_ROW;
	d->seen = true;
}

static void drop_people(const char *year, bool confirm, const struct Dropped *d)
{
	char paper[LEDGER_PAPER_MOST];

	ledger_paper_write(d->year.size, d->year.root, paper);
	if (confirm)
		printf(_("the ledger of %s is dropped; its last checkpoint is kept in heads"), year);
	else
		printf(_("on record: the ledger of %s is to be dropped"), year);
	printf("\n  %s %s\n", _("for paper:"), paper);
	if (confirm)
		return;
	printf("  ");
	printf(_("another supervisor or the chief confirms within %d days: mediagate ledger drop %s "
	         "--confirm"),
	        LIMIT_ASKED_DAYS, year);
	printf("\n  %s\n", _("nothing is taken away before; to keep it elsewhere: mediagate ledger archive"));
}

static void drop_json(bool confirm, const struct Dropped *d, const struct MsgReply *reply)
{
	struct Json j = {.out = stdout};
	char paper[LEDGER_PAPER_MOST];

	json_object(&j, NULL);
	client_reply_json(&j, reply);
	if (d->seen) {
		ledger_paper_write(d->year.size, d->year.root, paper);
		json_text(&j, "paper", paper);
	}
	if (d->seen && confirm)
		json_text(&j, "asked_by", d->year.asked_by);
	if (reply->fault == FAULT_OK)
		json_flag(&j, "dropped", confirm);
	if (reply->n != UINT64_MAX)
		json_number(&j, "record", reply->n);
	json_end_object(&j);
}

int ledger_drop(const struct Context *c, const char *year, bool confirm)
{
	struct Dropped dropped = {};
	struct MsgReply reply;
	struct Ask ask;

	ask_start(&ask, VERB_DROP);
	ask_text(&ask, REQUEST_year, year);
	ask_flag(&ask, REQUEST_confirm, confirm);
	client_call(c, &ask, year_row, &dropped, &reply);
	if (c->json)
		drop_json(confirm, &dropped, &reply);
	else if (reply.fault == FAULT_OK && dropped.seen)
		drop_people(year, confirm, &dropped);
	return say_fault(reply.fault, reply.subject, reply.contact);
}
