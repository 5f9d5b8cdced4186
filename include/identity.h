/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a USB device says about itself, read from sysfs before anything is allowed.
 *
 * Fixed size: it crosses from watch to core to ledger as bytes. `serial` and `descriptors` are the raw
 * attribute bytes (without sysfs' closing newline for `serial`); core reads them again through the
 * directory's descriptor right before it writes `authorized` and compares byte for byte.
 */
#include "limits.h"

#include <stdbool.h>
#include <stdint.h>

enum IdentityStrength {
	IDENTITY_STRONG,      /* a serial number of its own */
	IDENTITY_NO_SERIAL,   /* none */
	IDENTITY_PLACEHOLDER, /* 0123456789, one repeated character, shorter than 4, … */
	IDENTITY_MALFORMED,   /* descriptors contradict themselves, or are too long */
	_IDENTITY_STRENGTH_N,
};

struct InterfaceSetting {
	uint8_t configuration, number, alternate;
	uint8_t class, subclass, protocol;
};

struct Identity {
	char port[LIMIT_PORT]; /* of the device, without the interface: 2-1.4 */
	uint16_t vendor, product, revision;
	uint8_t strength;     /* enum IdentityStrength */
	uint8_t storage_like; /* 1: some interface is, by class or by a storage driver's alias */
	uint8_t composite;    /* 1: some interface is not */
	uint8_t by_alias;     /* 1: storage-like by vendor and product only */
	uint16_t n_interfaces;
	uint16_t serial_size;
	uint16_t descriptors_size;
	struct InterfaceSetting interfaces[LIMIT_INTERFACES];
	uint8_t serial[LIMIT_SERIAL];
	uint8_t descriptors[LIMIT_DESCRIPTORS];
};
