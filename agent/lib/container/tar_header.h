/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* POSIX.1 ustar's header block, for tar.c and tar_read.c. */
#include <stdint.h>

struct TarBlock {
	char name[100];
	char mode[8], uid[8], gid[8];
	char size[12], mtime[12];
	char checksum[8];
	char type;
	char link[100];
	char magic[6], version[2];
	char user[32], group[32];
	char major[8], minor[8];
	char prefix[155];
	char unused[12];
};
