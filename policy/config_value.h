/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* One value of the configuration: whether it may stand under its key. Pure. */
#include "config_keys.h"
#include "nodes.h"

/* NULL, or what is wrong with it: `must be …`. Not for groups. */
const char *value_wrong(const struct KeyRow *key, const struct Node *value);

/* "07" or "ff:1234:5678" that value_wrong let pass. */
struct UsbClass value_usb_class(const char *text);

/* The first millisecond after a day YYYY-MM-DD that value_wrong let pass, in local time. */
int64_t value_day_end(const char *date);
