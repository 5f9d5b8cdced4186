/* SPDX-License-Identifier: Apache-2.0 */
#include "pwri.h"

#define HEAD 4 /* length and check bytes */

int pwri_wrap(const uint8_t kek[static CRYPTO_KEY], const uint8_t iv[static CRYPTO_BLOCK],
        const uint8_t key[static CRYPTO_KEY], uint8_t ret[static PWRI_WRAPPED])
{
	uint8_t block[PWRI_WRAPPED], chain[CRYPTO_BLOCK];
	int r;

	block[0] = CRYPTO_KEY;
	for (int i = 0; i < 3; i++)
		block[1 + i] = (uint8_t)~key[i];
	memcpy(block + HEAD, key, CRYPTO_KEY);
	memcpy(chain, iv, sizeof(chain));
	r = crypto_random(block + HEAD + CRYPTO_KEY, sizeof(block) - HEAD - CRYPTO_KEY);
	if (r == 0)
		r = crypto_cbc(true, kek, chain, block, sizeof(block), block);
	if (r == 0)
		r = crypto_cbc(
		        true, kek, chain, block, sizeof(block), block); /* goes on with the last block */
	if (r == 0)
		memcpy(ret, block, sizeof(block));
	crypto_cleanse(block, sizeof(block));
	return r;
}

int pwri_unwrap(const uint8_t kek[static CRYPTO_KEY], const uint8_t iv[static CRYPTO_BLOCK],
        const uint8_t wrapped[static PWRI_WRAPPED], uint8_t ret[static CRYPTO_KEY])
{
	uint8_t block[PWRI_WRAPPED], chain[CRYPTO_BLOCK], outer[CRYPTO_BLOCK];
	uint8_t wrong;
	int r;

	/* the outer pass began with the inner one's last block: that is what the outer last block gives */
	memcpy(chain, wrapped + PWRI_WRAPPED - 2 * CRYPTO_BLOCK, sizeof(chain));
	r = crypto_cbc(false, kek, chain, wrapped + PWRI_WRAPPED - CRYPTO_BLOCK, CRYPTO_BLOCK, outer);
	if (r == 0)
		r = crypto_cbc(false, kek, outer, wrapped, PWRI_WRAPPED, block);
	memcpy(chain, iv, sizeof(chain));
	if (r == 0)
		r = crypto_cbc(false, kek, chain, block, PWRI_WRAPPED, block);
	if (r == 0) {
		wrong = block[0] ^ CRYPTO_KEY;
		for (int i = 0; i < 3; i++)
			wrong |= (uint8_t)(block[1 + i] ^ block[HEAD + i] ^ 0xff);
		if (wrong)
			r = CRYPTO_REFUSED;
		else
			memcpy(ret, block + HEAD, CRYPTO_KEY);
	}
	crypto_cleanse(block, sizeof(block));
	return r;
}
