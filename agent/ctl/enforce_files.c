/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the gate: written whole or not at all, and exactly these removed again. */
#include "enforce.h"
#include "enforce_rules.h"
#include "file.h"
#include "parse.h"
#include "say.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define POLICY_FILE "/etc/mediagate/policy.conf"
#define TEXT_MOST   (256 * 1024)

struct PartFile {
	const char *template; /* below the shipped parts */
	const char *folder, *name;
	const char *if_there; /* only where this folder exists, NULL: always */
	bool filled;          /* a template with marks */
	mode_t mode;
};

static const struct PartFile files[] = {
        {"udev/59-mediagate.rules", "/etc/udev/rules.d", "59-mediagate.rules", NULL, false, 0644},
        {"udev/60-mediagate.rules.in", ENFORCE_RULES_DIR, ENFORCE_RULES_NAME, NULL, true, 0644},
        {"udev/72-mediagate.rules.in", "/etc/udev/rules.d", "72-mediagate.rules", NULL, true, 0644},
        {"modprobe.d/mediagate.conf", "/etc/modprobe.d", "mediagate.conf", NULL, false, 0644},
        {"initramfs/hooks/mediagate", "/etc/initramfs-tools/hooks", "mediagate", "/etc/initramfs-tools",
                false, 0755},
        {"kernel/postinst.d/00-mediagate", "/etc/kernel/postinst.d", "00-mediagate", "/etc/kernel", false,
                0755},
};

static char *path_join(const char *a, const char *b, const char *c)
{
	char *path;

	return asprintf(&path, "%s%s%s%s", a, b, c ? "/" : "", c ? c : "") < 0 ? NULL : path;
}

/* A whole text file, NUL added; its length, or -errno. */
static ssize_t text_read(const char *path, char **ret)
{
	_cleanup_free_ char *text = malloc(TEXT_MOST + 1);
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (!text)
		return -ENOMEM;
	if (fd < 0)
		return -errno;
	n = file_read_all(fd, text, TEXT_MOST);
	if (n < 0)
		return n;
	if (n == TEXT_MOST)
		return -E2BIG;
	text[n] = '\0';
	*ret = ptr_steal(&text);
	return n;
}

static int folder_make(struct Enforce *e, const char *folder)
{
	_cleanup_free_ char *path = path_join(e->root, folder, NULL);

	if (!path)
		return enforce_failed(e, FAULT_INTERNAL, "memory");
	for (char *slash = path + strlen(e->root) + 1; slash; slash++) {
		slash = strchr(slash, '/');
		if (slash)
			*slash = '\0';
		if (mkdir(path, 0755) && errno != EEXIST)
			return enforce_failed(e, FAULT_DEST_FAILED, path);
		if (!slash)
			return 0;
		*slash = '/';
	}
	return 0;
}

/* ------------------------------------------------------------------ on */

/* Every kernel that is installed: the rules serve whichever is started next. */
static int aliases_of_all(struct Enforce *e, struct Aliases *aliases)
{
	_cleanup_free_ char *path = path_join(e->root, "/lib/modules", NULL);
	DIR *dir = path ? opendir(path) : NULL;
	const struct dirent *entry;
	int r = 0;

	if (!dir)
		return enforce_failed(e, FAULT_UNREADABLE, path ? path : "/lib/modules");
	while (!r && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		r = aliases_load(aliases, e->root, entry->d_name);
		if (r == -ENOENT) /* what a removed kernel left */
			r = 0;
	}
	closedir(dir);
	if (r < 0 || !aliases_count(aliases))
		return enforce_failed(e, FAULT_UNREADABLE, path);
	return 0;
}

static int site_row(void *owner, const struct UsbClass *class)
{
	struct Site *site = owner;

	if (site->n == ARRAY_SIZE(site->rows)) /* the reader takes no more than these */
		return -E2BIG;
	site->rows[site->n++] = *class;
	return 0;
}

/* A machine without a policy yet opens nothing of its own; one with a mistake in it keeps the rules it has.
 */
static int site_load(struct Enforce *e, struct Site *ret)
{
	_cleanup_free_ char *path = path_join(e->root, POLICY_FILE, NULL);
	_cleanup_stream_ FILE *f = NULL;
	struct ConfigReader reader = {.usb_class = site_row, .owner = ret};
	int r;

	*ret = (struct Site){.keep_cards = enforce_system_on_card(e->root)};
	if (ret->keep_cards)
		enforce_said(e, STEP_CARD_SYSTEM, "");
	f = path ? fopen(path, "re") : NULL;
	if (!f && path && errno == ENOENT)
		return 0;
	r = f ? config_file_read(&reader, CONFIG_POLICY, f) : -EIO;
	if (r < 0)
		return enforce_failed(e, FAULT_UNREADABLE, path ? path : POLICY_FILE);
	return r ? enforce_failed(e, FAULT_BAD_CONFIG, reader.error) : 0;
}

static int part_text(struct Enforce *e, const struct PartFile *f, const struct Aliases *aliases,
        const struct Site *site, char **ret)
{
	_cleanup_free_ char *path = path_join(e->templates, "/", f->template), *text = NULL;
	ssize_t n = path ? text_read(path, &text) : -ENOMEM;

	if (n < 0)
		return enforce_failed(e, FAULT_UNREADABLE, path ? path : f->template);
	if (f->filled && rules_fill(text, aliases, site, ret) < 0)
		return enforce_failed(e, FAULT_INTERNAL, f->template);
	if (!f->filled)
		*ret = ptr_steal(&text);
	return 0;
}

static bool is_there(const struct Enforce *e, const char *folder)
{
	_cleanup_free_ char *path = folder ? path_join(e->root, folder, NULL) : NULL;

	return !folder || (path && !access(path, F_OK));
}

static bool is_same(const char *path, const char *text, mode_t mode)
{
	_cleanup_free_ char *now = NULL;
	ssize_t n = text_read(path, &now);
	struct stat st;

	return n >= 0 && (size_t)n == strlen(text) && !memcmp(now, text, (size_t)n) && !stat(path, &st) &&
	       (st.st_mode & 07777) == mode;
}

static int part_write(struct Enforce *e, const struct PartFile *f, const char *text, void *owner _unused_)
{
	_cleanup_free_ char *folder = path_join(e->root, f->folder, NULL);
	_cleanup_free_ char *path = path_join(e->root, f->folder, f->name);
	_cleanup_fd_ int dir = -1;

	if (!folder || !path)
		return enforce_failed(e, FAULT_INTERNAL, "memory");
	if (is_same(path, text, f->mode)) {
		enforce_said(e, STEP_KEPT, path);
		return 0;
	}
	if (folder_make(e, f->folder) < 0)
		return -1;
	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || file_replace_at(dir, f->name, text, strlen(text), f->mode) < 0)
		return enforce_failed(e, FAULT_DEST_FAILED, path);
	enforce_said(e, STEP_WROTE, path);
	return 0;
}

typedef int (*PartEach)(struct Enforce *e, const struct PartFile *f, const char *text, void *owner);

/* Each file that belongs on this machine with the text that it should have. */
static int parts_each(struct Enforce *e, PartEach each, void *owner)
{
	_cleanup_(aliases_freep) struct Aliases *aliases = NULL;
	struct Site site;
	int r = aliases_new(&aliases);

	if (r >= 0)
		r = aliases_of_all(e, aliases);
	if (r >= 0)
		r = site_load(e, &site);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(files); i++) {
		_cleanup_free_ char *text = NULL;

		if (!is_there(e, files[i].if_there))
			continue;
		r = part_text(e, &files[i], aliases, &site, &text);
		if (r >= 0)
			r = each(e, &files[i], text, owner);
	}
	return r;
}

int enforce_write(struct Enforce *e)
{
	mode_t mask = umask(0022);
	int r = parts_each(e, part_write, NULL);

	umask(mask);
	return r;
}

struct Comparison {
	PartSeen seen;
	void *owner;
};

static int part_compare(struct Enforce *e, const struct PartFile *f, const char *text, void *owner)
{
	_cleanup_free_ char *path = path_join(e->root, f->folder, f->name);
	const struct Comparison *c = owner;

	if (!path)
		return enforce_failed(e, FAULT_INTERNAL, "memory");
	if (is_same(path, text, f->mode))
		c->seen(c->owner, path, PART_SAME);
	else
		c->seen(c->owner, path, access(path, F_OK) ? PART_MISSING : PART_OTHER);
	return 0;
}

int enforce_compare(struct Enforce *e, PartSeen seen, void *owner)
{
	struct Comparison c = {seen, owner};

	return parts_each(e, part_compare, &c);
}

/* ------------------------------------------------------------------ off */

static int part_remove(struct Enforce *e, const struct PartFile *f)
{
	_cleanup_free_ char *path = path_join(e->root, f->folder, f->name), *cut = NULL;

	/* what a crash in the middle of writing left goes with it */
	if (!path || asprintf(&cut, "%s.new", path) < 0)
		return enforce_failed(e, FAULT_INTERNAL, "memory");
	(void)unlink(cut);
	if (unlink(path)) {
		if (errno == ENOENT || errno == ENOTDIR)
			return 0;
		return enforce_failed(e, FAULT_DEST_FAILED, path);
	}
	enforce_said(e, STEP_REMOVED, path);
	return 0;
}

int enforce_remove(struct Enforce *e)
{
	/* backwards: the rules that open keyboards go after what closes them */
	for (size_t i = ARRAY_SIZE(files); i-- > 0;)
		if (part_remove(e, &files[i]) < 0)
			return -1;
	return 0;
}
