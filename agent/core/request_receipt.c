/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A console has received the ledger so far (docs/forward.md): its cosignature goes on record, and with it where the
 * console's own ledger stood. It opens nothing; what it says anybody can judge who has the console's key.
 */
#include "core.h"
#include "hex.h"
#include "str.h"

#define COSIGNATURE_BYTES 76 /* key id, time, signature */

static int receipt_recorded(struct Core *core, uint64_t id, const struct Answer *a)
{
	struct Ask *ask = ask_find(core, id);

	if (!ask)
		return 0;
	ask->reply.n = a->fault ? UINT64_MAX : a->n;
	return ask_reply(core, ask, a->fault, NULL);
}

int request_receipt(struct Core *core, struct Ask *ask)
{
	const struct Request *q = &ask->request;
	uint8_t cosignature[COSIGNATURE_BYTES], root[DIGEST_SIZE], console_root[DIGEST_SIZE];
	const bool own = q->console_covered && *q->console_root;
	struct Record r;

	if (hex_decode(q->cosignature, strlen(q->cosignature), cosignature, sizeof(cosignature)) < 0 ||
		hex_decode(q->root, strlen(q->root), root, sizeof(root)) < 0 ||
		(own && hex_decode(q->console_root, strlen(q->console_root), console_root, sizeof(console_root)) < 0))
		return ask_reply(core, ask, FAULT_BAD_REQUEST, "receipt");
	/* nobody can have received what there is not yet: it is of another year */
	if ((uint64_t)q->covered > core->records)
		return ask_reply(core, ask, FAULT_BAD_REQUEST, "covered");
	ask_record(ask, &r, RESULT_DONE);
	record_text(&r, KEY_CONSOLE, q->console);
	record_number(&r, KEY_COVERED, (uint64_t)q->covered);
	record_bytes(&r, KEY_ROOT, root, sizeof(root));
	record_bytes(&r, KEY_COSIGNATURE, cosignature, sizeof(cosignature));
	if (own) {
		record_number(&r, KEY_CONSOLE_COVERED, (uint64_t)q->console_covered);
		record_bytes(&r, KEY_CONSOLE_ROOT, console_root, sizeof(console_root));
	}
	return ledger_append(core, &r, WANT_DURABLE, receipt_recorded, ask->id);
}
