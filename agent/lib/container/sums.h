/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Lines of SHA256SUMS, as GNU sha256sum writes and checks them:
 *   # copy <id> files <n>
 *   <64 hex digits><two spaces><name>
 * A name with a backslash, newline or carriage return has them written as \\ \n \r and a backslash
 * before the digits. Pure.
 */
#include "limits.h"
#include "std.h"

#define SUMS_LINE  (1 + 64 + 2 + 2 * LIMIT_FILE_NAME + 1)
#define SUMS_FIRST (LIMIT_ID + 48)

/* Bytes of the line with its newline; no NUL is added. */
size_t sums_line(const char *name, const uint8_t sha256[static 32], char ret[static SUMS_LINE]);
size_t sums_line_size(const char *name);
size_t sums_first(const char *copy, uint64_t files, char ret[static SUMS_FIRST]);
