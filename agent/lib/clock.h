/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The only source of time. Milliseconds throughout. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Since 1970 UTC. */
int64_t clock_now(void);

/* Since boot, sleep included: what a changed date cannot move. */
int64_t clock_boot(void);

/* How much of that the machine has slept. */
int64_t clock_slept(void);

/* RFC 3339 with milliseconds and the local offset: 2026-11-21T17:00:00.000+09:00 (29 bytes + NUL). */
#define CLOCK_TEXT 32
#define CLOCK_SIZE 29
void clock_format(int64_t ms, char ret[static CLOCK_TEXT]);

/* Reads exactly that form; -EINVAL otherwise. */
int clock_parse(const char *text, size_t n, int64_t *ret);

/* Whether these 29 bytes are exactly that form, of a day and a time that there are. */
bool clock_is_exact(const char *text);

/* The fiscal year (April to March, local time) a moment lies in. */
unsigned int clock_fiscal_year(int64_t ms);
/* As a ledger's folder is named for it: four digits. 0: it is none. */
unsigned int clock_year_read(const char *text);
/* The moment at which the next one begins. */
int64_t clock_fiscal_year_end(int64_t ms);
