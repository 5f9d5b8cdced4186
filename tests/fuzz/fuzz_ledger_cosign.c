/* SPDX-License-Identifier: Apache-2.0 */
/* A receipt's file, a console's key as somebody typed it, a cosignature's line: what is read is written as
 * the same. */
#include "cosign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void key(struct Crypto *c, const char *text, size_t n)
{
	const struct CosignText t = {text, MIN(n, (size_t)1000), 0};
	char back[LIMIT_VKEY];
	struct Vkey v;
	uint64_t time;

	if (cosign_vkey_parse(c, text, n, &v) < 0)
		return;
	if (cosign_vkey_format(&v, back, sizeof(back)) < 0 || strlen(back) != n || memcmp(back, text, n))
		abort();
	if (cosign_verify(&v, &t, text, n, &time) == 1)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct Crypto *crypto;
	_cleanup_free_ char *text = malloc(size ? size : 1);
	struct CosignLine by;

	if (!text || (!crypto && crypto_new(&crypto) < 0))
		return 0;
	if (size)
		memcpy(text, data, size);
	key(crypto, text, size);
	if (cosign_last(text, size, &by) == 0 && !*by.name)
		abort();
	return 0;
}
