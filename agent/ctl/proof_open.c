/* SPDX-License-Identifier: Apache-2.0 */
#include "proof_open.h"

#include "file.h"
#include "hex.h"
#include "json.h"
#include "mediagate/ledger.h"
#include "record_text.h"
#include "say.h"

#include <fcntl.h>

static void proved_json(const struct LedgerProof *p)
{
	char root[2 * sizeof(p->root) + 1];
	struct Json j = {.out = stdout};

	hex_encode(p->root, sizeof(p->root), root);
	json_object(&j, NULL);
	json_flag(&j, "ok", p->code == LEDGER_E_NONE);
	if (p->code != LEDGER_E_NONE)
		json_text(&j, "error", ledger_error_sentence(p->code));
	json_text(&j, "origin", p->origin);
	json_number(&j, "covered", p->size);
	json_text(&j, "root", root);
	if (p->code == LEDGER_E_NONE) {
		json_number(&j, "n", p->entry.n);
		json_text(&j, "record", p->line);
	}
	json_end_object(&j);
}

static void proved_people(const struct LedgerProof *p)
{
	_cleanup_free_ char *origin = say_escape(p->origin), *line = NULL, *act = NULL, *result = NULL;
	_cleanup_free_ char *actor = NULL, *time = NULL;
	const struct Names none = NAMES_NULL; /* a proof stands for itself, wherever it is read */
	int64_t ms;

	if (p->code != LEDGER_E_NONE) {
		printf("%s: %s\n", _("NOT PROVED"), _(ledger_error_sentence(p->code)));
		return;
	}
	printf(_("%s: record %ju is proved\n"), origin, (uintmax_t)p->entry.n);
	time = record_text_time(&p->entry, &ms);
	actor = record_text_member(p->entry.actor);
	act = record_text_act(&p->entry, &none);
	result = record_text_result(&p->entry, &none);
	line = say_escape(p->line);
	printf("  %s  %s  %s%s%s%s\n", time, *actor ? actor : "-", act, *result ? " (" : "", result,
	        *result ? ")" : "");
	printf(_("  one of the first %ju records, signed by the key given\n"), (uintmax_t)p->size);
	printf("  %s\n", line);
}

int proof_open(const struct Context *c, const char *file, const char *key)
{
	_cleanup_free_ char *proof = malloc(LEDGER_PROOF_MOST);
	_cleanup_free_ struct LedgerProof *p = malloc(sizeof(*p));
	_cleanup_fd_ int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;

	if (!proof || !p)
		return say_fault(FAULT_INTERNAL, "memory", NULL);
	n = fd < 0 ? -errno : file_read_all(fd, proof, LEDGER_PROOF_MOST);
	if (n < 0)
		return say_fault(FAULT_UNREADABLE, file, NULL);
	if (ledger_proof_verify(proof, (size_t)n, key, p) < 0)
		return say_fault(FAULT_INTERNAL, "memory", NULL);
	if (c->json)
		proved_json(p);
	else
		proved_people(p);
	return p->code == LEDGER_E_NONE ? EXIT_OK : say_fault(FAULT_DAMAGED, file, NULL);
}
