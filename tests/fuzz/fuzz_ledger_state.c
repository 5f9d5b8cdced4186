/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of verified records: what is read is written as the same bytes. */
#include "ledger_state.h"
#include "std.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct LedgerState state;
	static char text[STATE_MOST];
	_cleanup_free_ char *copy = malloc(size ? size : 1);

	if (!copy)
		return 0;
	if (size)
		memcpy(copy, data, size);
	if (state_read(copy, size, &state) < 0)
		return 0;
	if (state_write(&state, text, sizeof(text)) != (ssize_t)size || memcmp(text, copy, size))
		abort();
	return 0;
}
