/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Names of files as the policy wants them: in clear, masked, or as a salted hash. Individual Numbers are
 * masked before any of it: a hash of a number could be tried out, a hash of stars says nothing.
 */
#include "crypto.h"
#include "record_detail.h"

#define NAMES_SALT 16

/* *ret is the record with its names as `names` of it says. 0; -EBADMSG: its detail is malformed; -errno. */
_must_check_ int names_apply(struct Crypto *c, const struct Record *r, struct Record *ret);
