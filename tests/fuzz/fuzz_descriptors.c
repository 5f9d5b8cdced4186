/* SPDX-License-Identifier: Apache-2.0 */
/* A device's own bytes: descriptors, then (after the first byte's count) its serial number. */
#include "grade.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char table[] = "alias usb:v0781p0100d*dc*dsc*dp*ic*isc*ip*in* usb_storage\n"
	                            "alias usb:v*p*d*dc*dsc*dp*ic08isc06ip50in* usb_storage";
	_cleanup_(aliases_freep) struct Aliases *aliases = NULL;
	struct GradeInput in = {.port = "2-1"};
	struct Identity id;

	if (size < 1 || aliases_new(&aliases) < 0 ||
	        aliases_add_text(aliases, table, sizeof(table) - 1, false) < 0)
		return 0;
	in.serial = data + 1;
	in.serial_size = MIN((size_t)data[0], size - 1);
	in.descriptors = in.serial + in.serial_size;
	in.descriptors_size = MIN(size - 1 - in.serial_size, (size_t)LIMIT_DESCRIPTORS);
	grade_device(aliases, &in, &id);
	/* what core and ledger rely on */
	if (id.n_interfaces > LIMIT_INTERFACES || id.serial_size >= LIMIT_SERIAL ||
	        id.descriptors_size > LIMIT_DESCRIPTORS || id.strength >= _IDENTITY_STRENGTH_N ||
	        (id.composite && !id.storage_like) || (id.by_alias && !id.storage_like))
		__builtin_trap();
	for (unsigned int i = 0; i < 256; i++)
		if (grade_is_storage(aliases, &id, (uint8_t)i) && !id.storage_like)
			__builtin_trap();
	return 0;
}
