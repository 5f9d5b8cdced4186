/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Whether a file system says of itself that it was not taken out cleanly. Foreign bytes at fixed places: no
 * length that stands on the medium is believed, beyond where the first table begins.
 */
#include "std.h"

#define VOLUME_SECTOR 512
#define VOLUME_ENTRY  4

struct Volume {
	const char *type; /* as mount and the policy call it; NULL: none that is known here */
	bool unclean;     /* by the first sector */
	uint64_t entry;   /* where the table's entry 1 is, which may say so too; 0: none does */
	unsigned int width;
};

/* By the first sector. */
void volume_of(const uint8_t sector[static VOLUME_SECTOR], struct Volume *ret);

/* By entry 1 of the table. */
bool volume_entry_is_unclean(const struct Volume *v, const uint8_t entry[static VOLUME_ENTRY]);

/* Both, from the open disk or partition. 0, or -EIO: they cannot be read. */
int volume_look(int fd, struct Volume *ret);
