/* SPDX-License-Identifier: Apache-2.0 */
/* The one table of outcomes; see include/fault.h. */
#include "fault.h"

#include "std.h"

#define FAULT_ROW(name, code, status, sentence, hint) [FAULT_##name] = {code, status, sentence, hint},
static const struct FaultRow rows[] = {FAULT_TABLE(FAULT_ROW)};

static_assert(ARRAY_SIZE(rows) == _FAULT_N, "a row for each outcome");

const struct FaultRow *fault_row(int fault)
{
	if (fault < 0 || fault >= _FAULT_N)
		fault = FAULT_INTERNAL;
	return &rows[fault];
}

int fault_from_code(const char *code)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (!strcmp(rows[i].code, code))
			return (int)i;
	return -ENOENT;
}
