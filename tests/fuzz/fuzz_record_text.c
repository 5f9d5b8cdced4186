/* SPDX-License-Identifier: Apache-2.0 */
/* Any line as a record: what people are shown of it cannot drive their terminal. */
#include "record_text.h"
#include "str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assert_harmless(const char *text)
{
	if (!str_is_line(text, strlen(text)))
		abort();
}

static const struct Names none = NAMES_NULL;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *act = NULL, *result = NULL, *time = NULL;
	struct LedgerEntry e;
	int64_t ms;

	if (ledger_entry_read((const char *)data, size, &e))
		return 0;
	act = record_text_act(&e, &none);
	result = record_text_result(&e, &none);
	time = record_text_time(&e, &ms);
	assert_harmless(act);
	assert_harmless(result);
	assert_harmless(time);
	return 0;
}
