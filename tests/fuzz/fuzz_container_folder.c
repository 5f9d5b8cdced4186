/* SPDX-License-Identifier: Apache-2.0 */
/* A file name of a medium's folder, then a note's bytes, with a NUL between. */
#include "folder.h"
#include "hex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void note_fuzz(const struct Folder *f, const char *raw, size_t size)
{
	size_t n = note_text_size(raw, size);

	if (n > size)
		abort();
	if (n == 0 || note_check(f, raw, n))
		return;
	for (uint32_t i = 1; i <= f->parts + 1; i++) {
		uint8_t digest[CRYPTO_DIGEST];
		char hex[2 * CRYPTO_DIGEST + 1], name[PART_NAME];

		/* a note that is good has this digest and this name somewhere */
		note_digest(f, raw, i, digest);
		hex_encode(digest, sizeof(digest), hex);
		folder_file(f, i, name);
		if (!memmem(raw, n, hex, strlen(hex)) || !memmem(raw, n, name, strlen(name)))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, 0, size);
	char again[PART_NAME];
	struct Folder f = {};
	struct PartName p;

	if (!end || part_name_parse((const char *)data, &p))
		return 0;
	part_name(&p, again);
	if (strcmp(again, (const char *)data) != 0 || !copy_id_is_valid(p.copy))
		abort();
	memcpy(f.copy, p.copy, sizeof(f.copy));
	f.parts = p.count;
	note_fuzz(&f, (const char *)end + 1, size - (size_t)(end + 1 - data));
	return 0;
}
