/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* A copy's folder, as it lies there: its note, and how large it is. */
#include "state.h"
#include "std.h"
#include "unseal.h"

struct FolderNote {
	char *bytes;
	size_t size;
	size_t text_size;            /* of the signed text at its beginning */
	uint8_t sha256[DIGEST_SIZE]; /* of all of it */
};

void folder_note_free(struct FolderNote *n);
#define _cleanup_note_ _cleanup_(folder_note_free)

/* 0, FAULT_INCOMPLETE: there is none, FAULT_DAMAGED: it is no note, -errno. */
int folder_note_read(int dir, const char *copy, struct FolderNote *ret);

/* The sizes of all parts; false: one cannot be looked at. */
bool folder_parts_size(int dir, const struct Folder *f, uint64_t *ret);
