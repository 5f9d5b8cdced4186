/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The text whose SHA-256 is a medium's identity digest (pure):
 *
 *	mediagate/identity/v1⏎
 *	<vendor>:<product>:<revision>⏎		four lower-case hex digits each
 *	<serial>⏎				the bytes sysfs gives, in lower-case hex
 *	<class>:<subclass>:<protocol>⏎		two hex digits each, one line for each different triple of
 *						all interface settings, in ascending order
 *
 * The triple 08:06:62 (UAS) is written 08:06:50 (BOT): a stick offers it on one port and not on
 * another. Port, configuration numbers and the number of settings are left out for the same reason.
 */
#include "identity.h"
#include "std.h"

#define IDENTITY_TEXT (64 + 2 * LIMIT_SERIAL + 9 * LIMIT_INTERFACES)

/* Returns its size. Counts beyond the arrays are cut to them. */
size_t identity_text(const struct Identity *id, char ret[static IDENTITY_TEXT]);
