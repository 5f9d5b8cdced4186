/* SPDX-License-Identifier: Apache-2.0 */
#include "slip.h"

#include "mediagate/ledger.h"
#include "say.h"

#include <stdio.h>

static bool slip_text(const struct MsgReply *reply, char ret[LEDGER_PAPER_MOST])
{
	if (reply->fault != FAULT_OK || !reply->covered)
		return false;
	ledger_paper_write(reply->covered, reply->root, ret);
	return true;
}

void slip_people(const struct MsgReply *reply)
{
	char text[LEDGER_PAPER_MOST];

	if (slip_text(reply, text))
		printf("%s\n  %s\n",
		        _("note for the slip, to check the records by (mediagate verify --seen):"), text);
}

void slip_json(struct Json *j, const struct MsgReply *reply)
{
	char text[LEDGER_PAPER_MOST];

	if (slip_text(reply, text))
		json_text(j, "paper", text);
}
