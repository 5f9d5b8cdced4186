/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* How the things of a ledger look on a page: times, people, states. A state is a word and a shape, and a
   colour only besides. */
#include "frame.h"
#include "holiday.h"
#include "html.h"

struct Day day_local(int64_t ms);
int64_t day_start(struct Day day); /* local midnight, milliseconds */
/* 2026-11-21 as forms send it; -EINVAL. */
int day_read(const char *text, struct Day *ret);
void day_text(struct Day day, char ret[static 16]);

void show_moment(struct Html *h, int64_t ms);       /* 2026-11-21 17:00 */
void show_moment_exact(struct Html *h, int64_t ms); /* with seconds */
void show_day(struct Html *h, struct Day day);      /* 2026-11-21 Sat */
/* As a form has it: 令和8年11月21日 in Japanese. */
void show_day_form(struct Html *h, struct Day day);
/* The year that began in April of `year`. */
void show_fiscal_year(struct Html *h, int year);
/* A role as forms and records write it: 0 and "" for one that is none. */
uint32_t role_from_word(const char *word);
const char *role_word(uint32_t role);
void show_role(struct Html *h, uint32_t role);
void show_role_word(struct Html *h, const char *word); /* as a record holds it */
void show_kind(struct Html *h, const char *word);
void show_result(struct Html *h, const char *word);
/* Why it was refused or failed, in words. */
void show_reason(struct Html *h, const char *code, const char *subject);
/* A state's mark: shape, class and words; the shape is not read out. */
struct Mark {
	const char *shape, *sentence;
	enum { MARK_GOOD, MARK_PLAIN, MARK_WARN, MARK_BAD } tone;
};
void show_mark(struct Html *h, const struct Mark *m);
/* Where a thing stands: one of n looks, with its sentence; nothing for a number that is none. */
void show_state(struct Html *h, const struct Mark *looks, const char *const *sentences, int n, int64_t state);

void show_verdict(struct Html *h, int64_t verdict);
void show_medium_state(struct Html *h, int64_t state);
void show_checkout_state(struct Html *h, int64_t state);
void show_bytes(struct Html *h, int64_t bytes);

/* <tr>, marked when its ledger does not verify: such a row is never taken for a verified one. */
void row_start(struct Html *h, int64_t verdict);
/* <td>text</td>; an empty one for CELL_NONE. */
void cell_show(struct Html *h, const struct Cell *c);
void cell_show_moment(struct Html *h, const struct Cell *c);
void cell_show_number(struct Html *h, const struct Cell *c);
void cell_show_bytes(struct Html *h, const struct Cell *c);
/* Vendor and product, as numbers of USB. */
void cell_show_device(struct Html *h, const struct Cell *vendor, const struct Cell *product);
/* A row's last cell and its end; with the record it rests on (0: none) as a link. */
void row_end_verdict(struct Html *h, const struct Cell *verdict, int64_t record);
/* Before a heading: its column holds numbers and is read from the right, as its cells (cell_show_number) are.
 */
#define OF_NUMBERS "\t"

/* What is said of a table before its rows; all of it sentences. */
struct Table {
	const char *caption;
	const char *none; /* instead of a table without rows; NULL: its head stands alone */
	const char *headings[12];
};

/* Its head; false: there is `none`, which has been said. */
bool table_start(struct Html *h, const struct Table *t, bool any);
void table_end(struct Html *h);
/* What a form or a question came to, read out at once. */
void said_show(struct Html *h, const char *sentence);
/* A page's title, a part's title. */
void title_show(struct Html *h, const char *sentence);
void part_show(struct Html *h, const char *sentence);
/* Behind the address of a link that is a paragraph of its own: <p><a href="… */
void link_line_end(struct Html *h, const char *sentence);
/* What is called so and what it is, within a <dl>: <dt>name</dt><dd> … </dd>. */
void pair_start(struct Html *h, const char *name);
void pair_end(struct Html *h);
/* A whole pair. */
void pair_text(struct Html *h, const char *name, const char *value);
/* The same of a value for programs. */
void pair_code(struct Html *h, const char *name, const char *value);
