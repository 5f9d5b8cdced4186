/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The udev rules of the gate: shipped templates filled with what this machine's kernels and site add. */
#include "alias.h"
#include "config_keys.h"
#include "limits.h"

/* usb_classes of policy.conf; and whether the slot of memory cards has to stay as it is */
struct Site {
	bool keep_cards;
	size_t n;
	struct UsbClass rows[LIMIT_ROWS];
};

/* The template with its marks (#@storage-drivers@, #@site-interfaces@, #@site-nodes@, #@cards@) filled; to be freed.
   0, -ENOMEM, or -EBADMSG when there are no storage drivers' patterns: such rules would not close the gate.
 */
int rules_fill(const char *template, const struct Aliases *aliases, const struct Site *site, char **ret);
