/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The ledger key changes at every start and every 1,000 records, so that who takes the terminal's key later
 * cannot rewrite what was signed before. In this order, each step durable before the next:
 *
 *	1  the new key		as ledger.key.next
 *	2  the `key` record	new verifier key, the old key's signature over all before it
 *	3  a checkpoint		over it, by the new key
 *	4  the old key		overwritten
 *	5  ledger.key.next	becomes ledger.key
 *
 * A checkpoint of size m is signed by the key that the last `key` record below m names. So before 2 the old
 *key is the only valid one and after 2 the new one is, and both are on disk until 3 is. A start that finds
 * ledger.key.next named by the last complete `key` record finishes from there; otherwise it deletes it.
 */
#include "store.h"

#define ROTATE_EVERY 1000 /* records */

/* Changes the key: 0, with everything under a checkpoint; STORE_FULL: no room, the old key stays; or -errno,
   after which the ledger must end. */
_must_check_ int rotate(struct Store *s, const char *terminal);

/* At a start, before anything is written: which of the keys on disk signs. `last_vkey` is the one that the
   last complete `key` record names. 0; 1: a change is to be finished, once its checkpoint is there; -EBADMSG:
   none of ours does; -errno. */
_must_check_ int rotate_resume(struct Seal *seal, const char *last_vkey);
