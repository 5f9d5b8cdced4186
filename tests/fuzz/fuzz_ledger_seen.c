/* SPDX-License-Identifier: Apache-2.0 */
/* What was copied from paper, or a note: what is read is written so that it reads as the same. */
#include "mediagate/ledger.h"
#include "std.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = malloc(size ? size : 1);
	struct LedgerSeen seen, back;
	char paper[LEDGER_PAPER_MOST];

	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	if (ledger_seen_read(text, size, &seen) < 0)
		return 0;
	ledger_paper_write(seen.size, seen.root, paper);
	if (ledger_seen_read(paper, strlen(paper), &back) < 0 || back.size != seen.size ||
	        memcmp(back.root, seen.root, sizeof(back.root)))
		abort();
	return 0;
}
