/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message as it comes from a medium. The derivation is cheap and the key wrap always opens (linked with
 * --wrap), so that the content and what follows it are reached; the tag still decides.
 */
#include "../unit/container_cheap.h"
#include "cms_read.h"
#include "pwri.h"

/* A key of the tests, of no other use. */
static const char KEY[] = "-----BEGIN PRIVATE KEY-----\n"
                          "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgRMMUDPcgGjQZPnL6\n"
                          "WzK08j7GCHGUC7XVaFXhjeLBuaWhRANCAAS9t9qYIFRGjoDZ9W/FFiahIQeGs8EZ\n"
                          "C9IxRHkZQd+e9RFvHiWRd10zSU+/BNn47SF2IJvRQtYqeEQdV7TpJtph\n"
                          "-----END PRIVATE KEY-----\n";

struct Input {
	const uint8_t *bytes;
	size_t n, at, piece;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int __wrap_pwri_unwrap(const uint8_t *kek, const uint8_t *iv, const uint8_t *wrapped, uint8_t *ret);

int __wrap_pwri_unwrap(const uint8_t *kek _unused_, const uint8_t *iv _unused_,
        const uint8_t *wrapped _unused_, uint8_t *ret)
{
	memset(ret, 0, CRYPTO_KEY);
	return 0;
}

static ssize_t input_read(void *owner, void *ret, size_t n)
{
	struct Input *i = owner;
	size_t got = MIN(MIN(n, i->piece), i->n - i->at);

	memcpy(ret, i->bytes + i->at, got);
	i->at += got;
	return (ssize_t)got;
}

static int sink(void *owner, const void *bytes, size_t n)
{
	uint64_t *sum = owner;

	for (size_t i = 0; i < n; i++)
		*sum += ((const uint8_t *)bytes)[i];
	return 0;
}

static void read_with(const uint8_t *data, size_t size, struct CmsKeys *keys)
{
	_cleanup_(cms_reader_freep) struct CmsReader *r = NULL;
	struct Input i = {.bytes = data, .n = size, .piece = size % 3 ? 4096 : 1};
	struct CmsSource source = {&i, input_read};
	uint64_t sum = 0;

	if (cms_reader_new(&r))
		abort();
	if (cms_read(r, &source, keys, sink, &sum) == 0 && i.at != size)
		abort(); /* good, but not read to its end */
	cms_keys_done(keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(private_key_freep) struct PrivateKey *key = NULL;
	struct CmsKeys by_password = {.password = "p", .password_size = 1};
	struct CmsKeys by_key = {};

	if (private_key_read(KEY, strlen(KEY), NULL, NULL, &key))
		abort();
	by_key.key = key;
	read_with(data, size, &by_password);
	read_with(data, size, &by_key);
	return 0;
}
