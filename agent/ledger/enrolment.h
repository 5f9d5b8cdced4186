/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * /var/lib/mediagate/enrolment: who this terminal is. Written last, so its presence says that the
 * enrolment was finished. Lines `<key>=<value>⏎` in this order: terminal, domain, year (fiscal year of
 * the first ledger), label_vkey, then one `disk=` for each fixed disk: WWID or serial (`-`: none), a space,
 * its path below /sys/devices.
 */
#include "limits.h"
#include "std.h"

#define ENROLMENT_FILE  "enrolment"
#define ENROLMENT_HEAD  "mediagate/enrolment/v1"
#define ENROLMENT_DISKS 12  /* with their paths they fit into record 0 */
#define ENROLMENT_DISK  192 /* bytes of one */
#define ENROLMENT_TEXT  (1024 + ENROLMENT_DISKS * (ENROLMENT_DISK + 8))

struct Enrolment {
	char terminal[LIMIT_CODE];
	char domain[LIMIT_DOMAIN];
	uint32_t year;
	char label_vkey[LIMIT_VKEY];
	size_t n_disks;
	char disks[ENROLMENT_DISKS][ENROLMENT_DISK];
};

/* Ids that become folder names and key names: A-Z a-z 0-9 . _ -, not starting with a dot. */
bool enrolment_is_name(const char *text);

/* The file's bytes: their number. */
size_t enrolment_write(const struct Enrolment *e, char ret[static ENROLMENT_TEXT]);

/* -EINVAL: not such a text. */
int enrolment_read(const char *text, size_t n, struct Enrolment *ret);

/* Reads the file below the state directory: 0, -ENOENT, -EINVAL or another -errno. */
int enrolment_read_at(int dir, struct Enrolment *ret);
