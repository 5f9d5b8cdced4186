/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Names inside a copy's folder: parts are `<copy id>-001of007.p7m`; numbers have three digits, or as many
 * as the count needs, all of one width. Pure.
 */
#include "limits.h"
#include "std.h"

#define PART_SIZE (64u << 20) /* bytes of plaintext in every part but the last */
#define PARTS_MAX 65535u
#define PART_NAME 64 /* with NUL; as MsgNoteLine.name */

#define OPEN_NAME "OPEN.txt"
#define SUMS_NAME "SHA256SUMS"

struct PartName {
	char copy[LIMIT_ID];
	uint32_t index, count; /* index from 1 */
};

/* A letter or digit, then letters, digits, `-`; at most 40. */
bool copy_id_is_valid(const char *copy);

/* How many parts so many bytes of plaintext make; 0: too many. */
uint32_t part_count(uint64_t bytes, uint64_t part_size);

void part_name(const struct PartName *p, char ret[static PART_NAME]);
/* 0, or -EINVAL: not the name of a part. Only the one spelling that part_name gives is taken. */
int part_name_parse(const char *name, struct PartName *ret);
/* `<copy id>.note` */
void note_name(const char *copy, char ret[static PART_NAME]);
