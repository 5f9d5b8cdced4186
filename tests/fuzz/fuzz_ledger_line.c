/* SPDX-License-Identifier: Apache-2.0 */
/* One line, and all that can be asked of it. A line that is read twice, once with more behind it, must say
   the same. */
#include "entry.h"
#include "std.h"

/* `read`: entry_read has passed it; what it has not must not bring the walker down, no more. */
static void walk(struct LedgerSlice container, unsigned int depth, bool read)
{
	struct LedgerMember m;
	char text[4200];
	uint64_t number;
	size_t at = 0;

	while (ledger_member_next(container, &at, &m)) {
		if (m.value.text < container.text ||
		        m.value.text + m.value.size > container.text + container.size)
			abort();
		if (m.type == LEDGER_TEXT && ledger_unescape(m.value, text, sizeof(text)) < 0 && read)
			abort();
		if (m.type == LEDGER_NUMBER && m.value.text[0] != '-' &&
		        ledger_number(m.value, &number) < 0 && read)
			abort();
		if ((m.type == LEDGER_OBJECT || m.type == LEDGER_ARRAY) && depth)
			walk(m.value, depth - 1, read);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *line = malloc(size ? size : 1), *padded = calloc(1, size + 64);
	struct LedgerEntry e, again;
	const char *error;

	if (!line || !padded)
		return 0;
	memcpy(line, data, size);
	memcpy(padded, data, size);
	padded[size] = '\n';
	error = ledger_entry_read(line, size, &e);
	if (memchr(line, '\n', size) == NULL &&
	        (entry_read(padded, size, padded + size + 64, &again) == LEDGER_E_NONE) != (error == NULL))
		abort();
	if (error)
		walk((struct LedgerSlice){line, size}, 8, false);
	else
		walk(e.detail, 8, true);
	return 0;
}
