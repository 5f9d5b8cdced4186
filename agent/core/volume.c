/* SPDX-License-Identifier: Apache-2.0 */
#include "volume.h"

/* Where things stand in the first sector. */
enum {
	FAT_SECTOR_SIZE = 11,
	FAT_CLUSTER = 13,
	FAT_RESERVED = 14,
	FAT_TABLES = 16,
	FAT_ROOT = 17,
	FAT_TOTAL16 = 19,
	FAT_MEDIA = 21,
	FAT_LENGTH16 = 22,
	FAT_TOTAL32 = 32,
	FAT_LENGTH32 = 36,
	FAT_STATE16 = 37,
	FAT_STATE32 = 65,
	EXFAT_NAME = 3,
	EXFAT_FLAGS = 106,
	END_MARK = 510,
};

#define FAT_DIRTY   0x01
#define EXFAT_DIRTY 0x0002
#define FAT12_MOST  4084 /* clusters */
#define FAT16_CLEAN 0x8000u
#define FAT32_CLEAN 0x08000000u

static uint32_t le16(const uint8_t *b)
{
	return b[0] | (uint32_t)b[1] << 8;
}

static uint32_t le32(const uint8_t *b)
{
	return le16(b) | le16(b + 2) << 16;
}

static bool is_power(uint32_t n)
{
	return n && !(n & (n - 1));
}

/* The checks that the kernel makes before it believes anything else. */
static bool is_fat(const uint8_t *b)
{
	uint32_t size = le16(b + FAT_SECTOR_SIZE);

	return is_power(size) && size >= 512 && size <= 4096 && is_power(b[FAT_CLUSTER]) &&
	       le16(b + FAT_RESERVED) && b[FAT_TABLES] && (b[FAT_MEDIA] == 0xf0 || b[FAT_MEDIA] >= 0xf8) &&
	       (le16(b + FAT_LENGTH16) || le32(b + FAT_LENGTH32));
}

/* A table of 12 bits has no room for marks. */
static bool is_fat16(const uint8_t *b)
{
	uint32_t size = le16(b + FAT_SECTOR_SIZE);
	uint64_t total = le16(b + FAT_TOTAL16) ? le16(b + FAT_TOTAL16) : le32(b + FAT_TOTAL32);
	uint64_t before = le16(b + FAT_RESERVED) + (uint64_t)b[FAT_TABLES] * le16(b + FAT_LENGTH16) +
	                  (uint64_t)le16(b + FAT_ROOT) * 32 / size;

	return total > before && (total - before) / b[FAT_CLUSTER] > FAT12_MOST;
}

void volume_of(const uint8_t sector[static VOLUME_SECTOR], struct Volume *ret)
{
	bool wide = !le16(sector + FAT_LENGTH16);

	*ret = (struct Volume){};
	if (!memcmp(sector + EXFAT_NAME, "EXFAT   ", 8) && le16(sector + END_MARK) == 0xaa55) {
		*ret = (struct Volume){.type = "exfat", .unclean = le16(sector + EXFAT_FLAGS) & EXFAT_DIRTY};
		return;
	}
	if (!is_fat(sector))
		return;
	ret->type = "vfat";
	ret->unclean = sector[wide ? FAT_STATE32 : FAT_STATE16] & FAT_DIRTY;
	ret->width = wide ? 4 : is_fat16(sector) ? 2 : 0;
	if (ret->width)
		ret->entry =
		        (uint64_t)le16(sector + FAT_RESERVED) * le16(sector + FAT_SECTOR_SIZE) + ret->width;
}

bool volume_entry_is_unclean(const struct Volume *v, const uint8_t entry[static VOLUME_ENTRY])
{
	if (!v->width)
		return false;
	return v->width == 4 ? !(le32(entry) & FAT32_CLEAN) : !(le16(entry) & FAT16_CLEAN);
}

int volume_look(int fd, struct Volume *ret)
{
	uint8_t sector[VOLUME_SECTOR], entry[VOLUME_ENTRY];
	ssize_t n;

	*ret = (struct Volume){};
	if (pread(fd, sector, sizeof(sector), 0) != (ssize_t)sizeof(sector))
		return -EIO;
	volume_of(sector, ret);
	if (ret->unclean || !ret->entry)
		return 0;
	n = pread(fd, entry, sizeof(entry), (off_t)ret->entry);
	if (n < 0)
		return -EIO;
	/* a table beyond the end is for the mount to refuse */
	if (n == (ssize_t)sizeof(entry))
		ret->unclean = volume_entry_is_unclean(ret, entry);
	return 0;
}
