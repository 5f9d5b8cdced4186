/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The content key under a key from a password: RFC 3211, with AES-256-CBC twice over
 *   length | first three key bytes inverted | key | random bytes up to a whole block
 */
#include "crypto.h"

#define PWRI_WRAPPED 48

int pwri_wrap(const uint8_t kek[static CRYPTO_KEY], const uint8_t iv[static CRYPTO_BLOCK],
        const uint8_t key[static CRYPTO_KEY], uint8_t ret[static PWRI_WRAPPED]);
/* CRYPTO_REFUSED when the check bytes are wrong; one wrong key in 2^24 passes, and fails at the tag. */
int pwri_unwrap(const uint8_t kek[static CRYPTO_KEY], const uint8_t iv[static CRYPTO_BLOCK],
        const uint8_t wrapped[static PWRI_WRAPPED], uint8_t ret[static CRYPTO_KEY]);
