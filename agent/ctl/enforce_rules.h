/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The udev rules of the gate: shipped templates filled with what this machine's kernels and site add. */
#include "alias.h"

/* Lines of /etc/mediagate/usb-classes: `07` opens a class, `04b8:0202` one product; `#` starts a comment. */
struct Site {
	size_t n;
	struct SiteRow {
		bool by_class;
		unsigned int class;           /* by_class */
		unsigned int vendor, product; /* otherwise */
	} rows[64];
};

/* 0, or the number of the line that cannot be meant. Storage classes cannot be opened here. */
unsigned int site_read(const char *text, size_t n, struct Site *ret);

/* The template with its marks (#@storage-drivers@, #@site-interfaces@, #@site-nodes@) filled; to be freed.
   0, -ENOMEM, or -EBADMSG when there are no storage drivers' patterns: such rules would not close the gate.
 */
int rules_fill(const char *template, const struct Aliases *aliases, const struct Site *site, char **ret);
