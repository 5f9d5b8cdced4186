/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Passwords and keys: one stretch of memory that is never swapped, dumped or inherited, and wiped. */
#include "channel.h"
#include "cms_read.h"

#define SECRETS_PEM 16384 /* bytes of a private key's file */

struct Secrets {
	struct Message message; /* a SECRET comes straight into it */
	struct MsgPassword made;
	struct CmsKeys keys;
	uint8_t pem[SECRETS_PEM];
};

/* -errno when it cannot be locked: the caller must not go on. */
int secrets_new(struct Secrets **ret);
void secrets_freep(struct Secrets **s);
#define _cleanup_secrets_ _cleanup_(secrets_freep)

/* Wipes what calls that have returned left below on the stack. */
void secrets_wipe_stack(void);
