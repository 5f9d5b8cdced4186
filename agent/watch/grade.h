/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* From a device's raw attribute bytes to the identity the judge reads. Pure. */
#include "alias.h"
#include "identity.h"
#include "std.h"

/* How well a serial number tells one device from all others of its kind. */
enum IdentityStrength grade_serial(const uint8_t *serial, size_t n);

struct GradeInput {
	const char *port; /* 2-1.4 */
	const uint8_t *descriptors;
	size_t descriptors_size;
	bool descriptors_cut; /* there were more than LIMIT_DESCRIPTORS */
	const uint8_t *serial;
	size_t serial_size;
	bool serial_cut;
};

void grade_device(const struct Aliases *aliases, const struct GradeInput *in, struct Identity *ret);

/* True when a setting of interface `number`, in any configuration, is storage-like. */
bool grade_is_storage(const struct Aliases *aliases, const struct Identity *id, uint8_t number);
