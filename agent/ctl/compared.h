/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What a rule of the judge compared, in the reader's language: to be freed, never NULL. */
#include "std.h"

char *compared_text(unsigned int rule, const char *compared);
