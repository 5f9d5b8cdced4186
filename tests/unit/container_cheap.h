/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A derivation that costs nothing, for programs that open thousands of messages; link with
 * --wrap=crypto_pbkdf2. It still depends on password, salt and rounds.
 */
#include "crypto.h"

int __wrap_crypto_pbkdf2(const void *password, size_t size, const uint8_t *salt, size_t salt_size,
        uint32_t rounds, uint8_t ret[static CRYPTO_KEY]);

int __wrap_crypto_pbkdf2(const void *password, size_t size, const uint8_t *salt, size_t salt_size,
        uint32_t rounds, uint8_t ret[static CRYPTO_KEY])
{
	uint8_t all[512] = {};

	if (size > 256 || salt_size > 64)
		return -EINVAL;
	memcpy(all, password, size);
	memcpy(all + 256, salt, salt_size);
	memcpy(all + 320, &salt_size, sizeof(salt_size));
	memcpy(all + 328, &rounds, sizeof(rounds));
	return crypto_sha256(all, sizeof(all), ret);
}
