/* SPDX-License-Identifier: Apache-2.0 */
/* A system that lives on a memory card keeps that slot: what carries a mounted system is never touched. */
#include "enforce.h"
#include "file.h"
#include "mounts_walk.h"
#include "str.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

/* Where people have a card mounted while `enforce on` runs. */
static const char *const peoples[] = {"/media/", "/run/media/", "/mnt"};

static bool is_systems(const char *mount_point)
{
	for (size_t i = 0; i < ARRAY_SIZE(peoples); i++)
		if (!strncmp(mount_point, peoples[i], strlen(peoples[i])))
			return false;
	return true;
}

/* A block device's folder in sysfs: …/mmc0:aaaa/block/mmcblk0/mmcblk0p1, with the card's type beside `block`.
 */
static int is_card(void *owner _unused_, const char *link)
{
	const char *name = strrchr(link, '/');
	_cleanup_free_ char *disk = NULL, *path = NULL;
	_cleanup_fd_ int card = -1;
	char type[16], *block;

	if (asprintf(&disk, "/sys/class/block/%s", name ? name + 1 : link) < 0)
		abort();
	path = realpath(disk, NULL);
	block = path && strstr(path, "/mmc_host/") ? strstr(path, "/block/") : NULL;
	if (!block)
		return 0;
	*block = '\0';
	card = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return card >= 0 && file_read_text_at(card, "type", type, sizeof(type)) > 0 && !strncmp(type, "SD", 2);
}

/* Another system below a folder is known by its mounts; a folder that is none (an image under way) lies on no card. */
bool enforce_system_on_card(const char *root)
{
	_cleanup_free_ char *below = *root ? realpath(root, NULL) : NULL;
	struct MountsWalk w = {.device = is_card};

	if (below && !str_eq(below, "/")) {
		w.below = below;
		return mounts_walk(&w) > 0;
	}
	w.place = is_systems;
	return mounts_walk(&w) > 0 || mounts_walk_swap(&w) > 0;
}
