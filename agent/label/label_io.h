/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The two slots of an open disk. The descriptor is O_DIRECT: what is read comes from the medium. */
#include "label.h"
#include "std.h"

/* Aligned for O_DIRECT on every disk whose blocks are at most this large. */
struct LabelBuffer {
	_Alignas(LABEL_SIZE) uint8_t bytes[LABEL_SIZE];
};

/* 0, FAULT_MEDIUM_GONE, FAULT_MEDIUM_ERROR. */
int label_read(int disk, unsigned int slot, struct LabelBuffer *ret);

/* Written, synced, and read back the same: 0, or as above. */
int label_write(int disk, unsigned int slot, const struct LabelBuffer *bytes);

/* Takes the one order, does it, answers. 0 or -errno. */
int label_serve(int channel, int disk);
