/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What folder.c and unseal.c share; unseal.h is for everybody else. */
#include "unseal.h"

/* A regular file of the folder, read-only. 0, FAULT_INCOMPLETE (not there), FAULT_DAMAGED, -errno. */
int folder_open(int dir, const char *name, int *ret);

/* Name of the file that the note's i-th digest is of, from 1; OPEN.txt follows the parts. */
void folder_file(const struct Folder *f, uint32_t i, char ret[static PART_NAME]);
/* That digest; only of a note that note_check has passed. */
void note_digest(const struct Folder *f, const char *text, uint32_t i, uint8_t ret[static CRYPTO_DIGEST]);

/* The rest of a descriptor's bytes into a digest. */
int folder_digest(int fd, struct CryptoDigest *d, uint64_t *size);
/* The i-th file against its digest. */
int folder_file_check(int dir, const struct Folder *f, const char *text, uint32_t i, uint64_t *size);
