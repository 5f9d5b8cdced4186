/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Which USB interfaces the kernel's storage drivers bind to: the MODALIAS patterns of usb_storage, uas and
 * ums_*, read from the installed kernels' module tables. Those drivers bind by vendor and product, too:
 * the class alone does not tell.
 */
#include "std.h"

struct Aliases;

int aliases_new(struct Aliases **ret);
struct Aliases *aliases_free(struct Aliases *a);
void aliases_freep(struct Aliases **a);

/* Adds the storage drivers' patterns of <root>/lib/modules/<release>. Its modules.alias must be there;
   modules.builtin.modinfo is read when it is. 0 or -errno. */
int aliases_load(struct Aliases *a, const char *root, const char *release);

/* Adds one pattern of a storage driver; a repeat is harmless. */
int aliases_add(struct Aliases *a, const char *pattern, size_t n);

/* Adds from a table's text: lines of modules.alias, or (builtin) NUL-closed modinfo entries. */
int aliases_add_text(struct Aliases *a, const char *text, size_t n, bool builtin);

struct AliasQuestion {
	uint16_t vendor, product, revision;
	uint8_t class, subclass, protocol;                                       /* of the device */
	uint8_t number, interface_class, interface_subclass, interface_protocol; /* of the interface */
};

/* True when a storage driver would bind to such an interface. */
bool aliases_match(const struct Aliases *a, const struct AliasQuestion *q);

/* The patterns in ascending order, NULL when there is no such one: for udev rules. */
size_t aliases_count(const struct Aliases *a);
const char *aliases_at(const struct Aliases *a, size_t i);

/* A module or driver name (usb_storage, usb-storage, uas, ums_…, ums-…) that makes disks of USB interfaces.
 */
bool alias_is_storage_driver(const char *name);
