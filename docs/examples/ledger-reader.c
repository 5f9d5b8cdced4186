/* SPDX-License-Identifier: Apache-2.0 */
/* Verifies a ledger, prints who did what, and proves its last record: ledger-reader FOLDER [VKEY].
   cc ledger-reader.c $(pkg-config --cflags --libs mediagate-ledger) */
#include <mediagate/ledger.h>

#include <stdio.h>

int main(int argc, char **argv)
{
	static char proof[LEDGER_PROOF_MOST];
	struct LedgerReader *reader = NULL;
	struct LedgerReport report;
	struct LedgerEntry entry;
	size_t size;

	if (argc < 2 || ledger_reader_open(argv[1], argv[2], &reader) < 0)
		return fputs("cannot open this ledger\n", stderr), 1;
	if (ledger_reader_verify(reader, NULL, NULL, &report) < 0 || report.fault)
		return fprintf(stderr, "line %ju: %s\n", (uintmax_t)report.line, report.error), 1;
	while (ledger_reader_next(reader, &entry) == 1)
		printf("%.*s %.*s %.*s\n", (int)entry.t.size, entry.t.text, (int)entry.kind.size,
		        entry.kind.text, (int)entry.actor.size, entry.actor.text ? entry.actor.text : "");
	if (report.covered && !ledger_reader_find(reader, report.covered - 1, &entry) &&
	        !ledger_reader_prove(reader, entry.n, proof, sizeof(proof), &size))
		fputs(proof, stdout);
	ledger_reader_free(reader);
	return 0;
}
