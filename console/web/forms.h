/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What forms are made of. */
#include "holiday.h"
#include "site.h"

struct Input {
	const char *label; /* a sentence */
	const char *name, *value;
	const char *type; /* NULL: text */
	size_t most;      /* characters; 0: any number */
	bool required, wide;
};
void input_show(struct Html *h, const struct Input *i);

/* Several lines. */
void area_show(struct Html *h, const char *label, const char *name, bool required);

void select_start(struct Html *h, const char *label, const char *name);
void select_start_wide(struct Html *h, const char *label, const char *name);
void select_number(struct Html *h, int64_t value, const char *sentence);
void select_end(struct Html *h);
/* Who signs in here and may be asked to do something, by login; for those who may see the accounts. */
_must_check_ int select_people(struct Page *p, const char *label, const char *name);

/* <button>sentence</button></form> */
void form_end(struct Html *h, const char *sentence);

/* Asks what a form said; the browser goes on to `to`, or the outcome. */
_must_check_ int form_ask(struct Page *p, struct Ask *ask, const char *to);

/* 2026-11-21T10:30 as browsers send a moment: local time. -EINVAL. */
int moment_read(const char *text, int64_t *ret);
void moment_text(int64_t ms, char ret[static 24]);
/* 2026-11: the first of that month. -EINVAL. */
int month_read(const char *text, struct Day *ret);
