/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * USB descriptors as sysfs' binary attribute `descriptors` has them: the device descriptor, then every
 * configuration whole (USB 2.0, chapter 9.6). Pure: bytes in, struct Identity out.
 */
#include "identity.h"
#include "std.h"

/* Fills vendor, product, revision, interfaces, descriptors; `strength` becomes IDENTITY_MALFORMED when the
   bytes contradict themselves. Never reads beyond size. */
void descriptors_read(const uint8_t *bytes, size_t size, struct Identity *ret);

/* Grades the serial number and keeps its bytes. Does not lift IDENTITY_MALFORMED. */
void serial_read(const uint8_t *bytes, size_t size, struct Identity *ret);

/* Whether one setting is storage by its class: mass storage, still image (PTP), MTP. */
bool setting_is_storage(const struct InterfaceSetting *s);

/* Sets storage_like and composite from the settings; `alias`: the asked interface matched a driver's alias. */
void identity_classify(struct Identity *i, bool alias);
