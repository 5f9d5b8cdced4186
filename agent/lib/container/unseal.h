/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Opens a copy's folder. The parts must be all there, of one copy, agree with the note, open under one
 * salt, and their members with SHA256SUMS; only then is the result 0 and anything of it true. Until then
 * all that went to the sink is provisional: into unnamed files or a private folder with it.
 *
 * Whether the note's signature verifies is not asked here: the caller gives the note's text (all above
 * the empty line) and knows.
 */
#include "cms_read.h"
#include "fault.h"
#include "part.h"
#include "tar.h"

#define NOTE_HEAD "mediagate/copy/v1\n"
#define NOTE_SIZE (16u << 20) /* bytes of a note at most */

/* What stands in a folder. */
struct Folder {
	char copy[LIMIT_ID];
	uint32_t parts;
};

/* Looks at the names alone: 0; FAULT_NO_SUCH_COPY: no part at all; FAULT_INCOMPLETE: a part is missing;
   FAULT_DAMAGED: parts that do not belong together; -errno. `copy`: the id asked for, or NULL: any. */
int folder_look(int dir, const char *copy, struct Folder *ret);

/* That text is the note of this folder and names every part and OPEN.txt in order. 0 or FAULT_DAMAGED. */
int note_check(const struct Folder *f, const char *text, size_t size);
/* The text of a raw note: bytes before the empty line ahead of the signatures; 0: it is not a note. */
size_t note_text_size(const char *raw, size_t size);

/* Where it went wrong: a file's name in the folder. */
struct UnsealWhere {
	char name[PART_NAME];
};

/* A copy's folder, open, and the text of its note. */
struct SealedFolder {
	int dir;
	const struct Folder *facts;
	const char *text;
	size_t size;
};

/* Without a key: every part's and OPEN.txt's digest against the note. 0, FAULT_DAMAGED, FAULT_INCOMPLETE,
   FAULT_NO_SUCH_COPY, -errno. *ret_bytes: size of the parts. */
int folder_check(const struct SealedFolder *sealed, uint64_t *ret_bytes, struct UnsealWhere *where);

/* Which secrets would open it, from the first part's header. */
int folder_recipients(int dir, const struct Folder *f, struct CmsFacts *ret);

/* Opens it. 0, FAULT_WRONG_PASSWORD, FAULT_WRONG_KEY, FAULT_DAMAGED, FAULT_INCOMPLETE, what the sink
   answered, or -errno. `sink` NULL: only checks. */
int unseal_folder(const struct SealedFolder *sealed, struct CmsKeys *keys, const struct TarSink *sink,
        struct TarTally *ret, struct UnsealWhere *where);
