/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* One record as a row of a table of records. */
#include "words.h"

#define RECORD_HEADS                                                                                      \
	{                                                                                                 \
		N_("Time"), N_("Terminal"), N_("Person"), N_("Operation"), N_("Medium"), N_("Result"),    \
		        OF_NUMBERS N_("Individual Numbers"), N_("Verification")                           \
	}

/* row: as RECORD_COLUMNS has it. */
void record_row(struct Html *h, const struct Cell *row);
