/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What people wrote of their own: checked, blanks at both ends taken off, Individual Numbers starred as the
 * agent does. It fits one record of the console's own ledger whole, whatever characters it is of.
 */
#include "frame.h"

enum TypedLimit {
	WORDS_MOST = 401, /* bytes of a line, with its NUL */
	TEXT_MOST = 1501, /* of a text of several lines */
};

/* False: too long, or no line of a text. What was not given is "". */
_must_check_ bool typed_line(const struct Cell *c, char ret[static WORDS_MOST]);
_must_check_ bool typed_text(const struct Cell *c, char ret[static TEXT_MOST]);
/* A line in which nothing may be starred: a number to call is of no use then. */
_must_check_ bool typed_contact(const struct Cell *c, char ret[static WORDS_MOST]);
