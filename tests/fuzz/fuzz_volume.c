/* SPDX-License-Identifier: Apache-2.0 */
/* The first sector of a medium, and the table's entry behind it: what is read from where stays within bounds.
 */
#include "volume.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t bytes[VOLUME_SECTOR + VOLUME_ENTRY];
	struct Volume v;

	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, data, MIN(size, sizeof(bytes)));
	volume_of(bytes, &v);
	if (!v.type && (v.unclean || v.entry || v.width))
		abort();
	if (v.entry > 65535ull * 4096 + 4 || (v.width != 0) != (v.entry != 0) || v.width > VOLUME_ENTRY)
		abort();
	if (volume_entry_is_unclean(&v, bytes + VOLUME_SECTOR) && !v.width)
		abort();
	return 0;
}
