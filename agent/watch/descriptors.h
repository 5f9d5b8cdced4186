/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The bytes of sysfs' `descriptors` (device, then each configuration with all below it) as settings. */
#include "identity.h"
#include "std.h"

struct Descriptors {
	uint16_t vendor, product, revision;
	uint8_t class, subclass, protocol; /* of the device */
	uint16_t n_settings;
	struct InterfaceSetting settings[LIMIT_INTERFACES];
};

enum DescriptorsOutcome {
	DESCRIPTORS_MALFORMED = 1, /* they contradict themselves, or are too many */
	_DESCRIPTORS_N,
};

/* 0 or DESCRIPTORS_MALFORMED. *ret holds what could be read in either case: a device that lies about a
   length is looked at all the same. */
int descriptors_read(const uint8_t *bytes, size_t size, struct Descriptors *ret);
