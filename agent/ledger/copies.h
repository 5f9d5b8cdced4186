/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The copies under way: each has its intent on record and no outcome. Only for these is a note built,
 * from typed lines, once.
 */
#include "limits.h"
#include "state.h"
#include "std.h"

#define NOTE_LINES_MOST 65537 /* parts, and OPEN.txt */

struct Copy {
	char id[LIMIT_ID];
	uint32_t parts, of; /* lines that came; how many there are to be */
	bool open_text;     /* OPEN.txt came: the last line */
	bool spoilt;        /* a line was wrong: no note any more */
	bool signed_once;
	char *text; /* the note's text so far */
	size_t n, room;
};

struct Copies {
	struct Copy *items;
	size_t n, room;
};

#define COPIES_NULL  \
	{            \
		NULL \
	}

void copies_done(struct Copies *c);

/* An intent is on record. Repeating is harmless. -EINVAL: the id could not be a folder's name. */
int copies_begin(struct Copies *c, const char *id);

/* An outcome is on record. */
void copies_end(struct Copies *c, const char *id);

/* NULL: no such copy is under way. */
struct Copy *copies_find(struct Copies *c, const char *id);

/* Adds `<hex sha256>  <name>⏎`. A name that is not the next one spoils the note. 0 or -ENOMEM. */
int copy_add_line(struct Copy *copy, const char *name, const uint8_t sha256[static DIGEST_SIZE]);

/* All parts, then OPEN.txt, n_lines in all; not signed before. */
bool copy_is_whole(const struct Copy *copy, uint32_t n_lines);
