/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The configuration's texts → rows on a channel. */
#include "config_keys.h"
#include "std.h"

struct LoadInput {
	int channel;
	int texts[_CONFIG_FILE_N]; /* taken over; can be read twice (memory or a file) */
	int accounts;              /* /etc/passwd; taken over */
};

/* All rows and LOAD_END, or LOAD_END with the first mistake alone: 0; or -errno. */
int load_run(const struct LoadInput *in);

/* The filter that load_run can work in. Reads the zone's file first, which cannot be opened later. */
int load_confine(void);
