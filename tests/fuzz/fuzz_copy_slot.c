/* SPDX-License-Identifier: Apache-2.0 */
/* What the reader child may write into the ring, and names found on a medium. */
#include "medium.h"
#include "ring.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void names(const uint8_t *data, size_t size)
{
	char name[256], copy[LIMIT_ID];
	size_t n = MIN(size, sizeof(name) - 1);

	memcpy(name, data, n);
	name[n] = '\0';
	if (medium_entry(name, copy) != MEDIUM_FOREIGN && !copy[0])
		abort();
	(void)medium_is_ours(name, "7KQ2M0ZBXW93");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct Ring ring = RING_NULL;
	const uint8_t *bytes;
	struct Slot slot;
	int r;

	names(data, size);
	if (ring.ready < 0 && ring_new(&ring) < 0)
		abort();
	memset(&ring.shared->slots[0], 0, sizeof(struct Slot));
	memcpy(&ring.shared->slots[0], data, MIN(size, sizeof(struct Slot)));
	atomic_store(&ring.shared->taken, 0);
	atomic_store(&ring.shared->filled, (uint32_t)(size % (RING_SLOTS + 2)));
	r = ring_peek(&ring, &slot, &bytes);
	if (r == 1 && (slot.size > RING_CHUNK || slot.kind >= _SLOT_KIND_N ||
	                      strnlen(slot.name, sizeof(slot.name)) == sizeof(slot.name)))
		abort();
	return 0;
}
