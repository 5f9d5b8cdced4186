/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Numbers of texts, kept in memory so that a million records do not ask the database seven times each. */
#include "sqlite.h"

struct Words;

int words_new(struct Words **ret);
void words_freep(struct Words **w);
/* After a transaction was taken back: the numbers may be gone. */
void words_forget(struct Words *w);
/* The number of a text, made when it is new: 0 or -errno. */
int words_number(struct Words *w, struct Db *db, int what, const char *text, int64_t *ret);
