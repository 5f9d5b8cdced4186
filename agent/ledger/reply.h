/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What core asks besides APPEND: digests, notes, what is on record. */
#include "serve.h"

int reply_digest(struct Server *s, const struct Message *m);
int reply_files_digest(struct Server *s, const struct Message *m);
int reply_note_line(struct Server *s, const struct Message *m);
int reply_note_sign(struct Server *s, const struct Message *m);
int reply_read(struct Server *s, const struct Message *m);
int reply_find_copy(struct Server *s, const struct Message *m);

/* reply_copies.c */
int reply_copies_on(struct Server *s, const struct Message *m);

/* reply_label.c */
int reply_label_make(struct Server *s, const struct Message *m);
int reply_label_look(struct Server *s, const struct Message *m);

/* reply_year.c */
int reply_year_look(struct Server *s, const struct Message *m);
int reply_year_drop(struct Server *s, const struct Message *m);
