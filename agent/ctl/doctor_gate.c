/* SPDX-License-Identifier: Apache-2.0 */
/* What kernel and udev keep shut: rules, initramfs, usbcore, root hubs. */
#include "alias.h"
#include "doctor.h"
#include "enforce.h"
#include "file.h"
#include "say.h"
#include "str.h"
#include "sysfs.h"

#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#define CLOSING "usbcore.authorized_default="
#define MODULES "/lib/modules"

/* ------------------------------------------------------------------ rules */

struct RulesSeen {
	struct Doctor *doctor;
	size_t bad;
};

static void rule_seen(void *owner, const char *path, enum PartState state)
{
	struct RulesSeen *s = owner;

	if (state == PART_SAME)
		return;
	s->bad++;
	doctor_say(s->doctor, state == PART_MISSING ? FINDING_RULES_MISSING : FINDING_RULES_CHANGED, path);
}

void doctor_rules(struct Doctor *d)
{
	struct Enforce e = {.root = d->root, .templates = d->templates};
	struct RulesSeen s = {.doctor = d};

	if (enforce_compare(&e, rule_seen, &s) < 0) {
		_cleanup_free_ char *why = say_sentence(e.fault, e.subject);

		doctor_say(d, FINDING_RULES_UNTOLD, why);
	} else if (!s.bad) {
		doctor_say(d, FINDING_RULES, NULL);
	}
}

/* ------------------------------------------------------------------ drivers */

/* A pattern stands in a rule between quotes or bars. */
static bool rule_has(const char *rules, const char *pattern)
{
	size_t n = strlen(pattern);

	for (const char *p = rules; (p = strstr(p, pattern)); p += n)
		if (p > rules && strchr("\"|", p[-1]) && strchr("\"|", p[n]))
			return true;
	return false;
}

static bool knows_kernel(const struct Doctor *d, const char *rules, const char *release)
{
	_cleanup_(aliases_freep) struct Aliases *aliases = NULL;
	int r = aliases_new(&aliases);

	if (r >= 0)
		r = aliases_load(aliases, d->root, release);
	if (r < 0)
		return r == -ENOENT; /* what a removed kernel left */
	for (size_t i = 0; i < aliases_count(aliases); i++)
		if (!rule_has(rules, aliases_at(aliases, i)))
			return false;
	return true;
}

/* To be freed; NULL when it cannot be read. */
static char *text_of(const char *path)
{
	_cleanup_stream_ FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;

	if (!f || getdelim(&text, &room, '\0', f) < 0) {
		free(text);
		return NULL;
	}
	return text;
}

void doctor_drivers(struct Doctor *d)
{
	_cleanup_free_ char *modules = doctor_path(d, MODULES), *path = doctor_path(d, ENFORCE_RULES);
	_cleanup_free_ char *rules = text_of(path);
	DIR *dir = opendir(modules);
	const struct dirent *entry;
	size_t bad = 0;

	if (!dir) {
		doctor_say(d, FINDING_DRIVERS_UNTOLD, modules);
		return;
	}
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || knows_kernel(d, rules ? rules : "", entry->d_name))
			continue;
		bad++;
		doctor_say(d, FINDING_DRIVERS_UNKNOWN, entry->d_name);
	}
	closedir(dir);
	if (!bad)
		doctor_say(d, FINDING_DRIVERS, NULL);
}

/* ------------------------------------------------------------------ initramfs */

/* Starts `lsinitramfs IMAGE`; its output, or NULL. */
static FILE *listing_open(const char *image, pid_t *ret_pid)
{
	static char name[] = "lsinitramfs", path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char *arguments[] = {name, NULL, NULL}, *environment[] = {path, NULL};
	posix_spawn_file_actions_t actions;
	int ends[2], r;

	memcpy(&arguments[1], &image, sizeof(image)); /* posix_spawn only reads it */
	if (pipe2(ends, O_CLOEXEC))
		return NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	r = posix_spawnp(ret_pid, name, &actions, NULL, arguments, environment);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (r) {
		close(ends[0]);
		return NULL;
	}
	return fdopen(ends[0], "r");
}

static enum Finding image_look(const char *image)
{
	static const char *const names[] = {"etc/modprobe.d/mediagate.conf",
	        "udev/rules.d/59-mediagate.rules", "udev/rules.d/60-mediagate.rules",
	        "udev/rules.d/72-mediagate.rules"};
	_cleanup_free_ char *line = NULL;
	unsigned int seen = 0;
	size_t room = 0;
	pid_t pid;
	int status;
	FILE *f = listing_open(image, &pid);

	if (!f)
		return FINDING_INITRAMFS_UNTOLD;
	while (getline(&line, &room, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
			size_t n = strlen(line), m = strlen(names[i]);

			if (n >= m && str_eq(line + n - m, names[i]))
				seen |= 1u << i;
		}
	}
	fclose(f);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return FINDING_INITRAMFS_UNTOLD;
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return FINDING_INITRAMFS_UNTOLD;
	return seen == (1u << ARRAY_SIZE(names)) - 1 ? FINDING_INITRAMFS : FINDING_INITRAMFS_WITHOUT;
}

static int is_image(const struct dirent *entry)
{
	return !strncmp(entry->d_name, "initrd.img-", 11);
}

/* Any of them may be the one that the next start takes. */
void doctor_initramfs(struct Doctor *d)
{
	_cleanup_free_ char *boot = doctor_path(d, "/boot");
	struct dirent **entries = NULL;
	int n = scandir(boot, &entries, is_image, alphasort);
	size_t bad = 0;

	for (int i = 0; i < n; i++) {
		_cleanup_free_ char *image = NULL;
		enum Finding finding;

		if (asprintf(&image, "%s/%s", boot, entries[i]->d_name) < 0)
			abort();
		free(entries[i]);
		finding = image_look(image);
		if (finding == FINDING_INITRAMFS)
			continue;
		bad++;
		doctor_say(d, finding, image);
	}
	free(entries);
	if (n <= 0)
		doctor_say(d, FINDING_INITRAMFS_NONE, NULL);
	else if (!bad)
		doctor_say(d, FINDING_INITRAMFS, NULL);
}

/* ------------------------------------------------------------------ usbcore, root hubs */

/* The last word of the command line about it, as the kernel takes it; false: none. */
static bool line_says(const struct Doctor *d, char *ret, size_t size)
{
	_cleanup_free_ char *path = doctor_path(d, "/proc/cmdline"), *line = text_of(path);
	bool found = false;
	char *at = NULL;

	for (char *w = line ? strtok_r(line, " \n", &at) : NULL; w; w = strtok_r(NULL, " \n", &at))
		if (!strncmp(w, CLOSING, strlen(CLOSING))) {
			str_cut(ret, size, w);
			found = true;
		}
	return found;
}

void doctor_kernel(struct Doctor *d)
{
	_cleanup_free_ char *path = doctor_path(d, "/sys/module/usbcore/parameters/authorized_default");
	_cleanup_free_ char *now = text_of(path);
	const struct Enforce e = {.root = d->root};
	char word[64] = "";
	bool said = line_says(d, word, sizeof(word));

	if (said && !str_eq(word, CLOSING "0"))
		doctor_say(d, FINDING_KERNEL_LINE, word);
	else if (!said && enforce_is_built_in(&e))
		doctor_say(d, FINDING_KERNEL_BUILT_IN, NULL);
	else if (!now)
		doctor_say(d, FINDING_KERNEL_NO_USB, NULL);
	else
		doctor_say(d, str_eq(now, "0\n") ? FINDING_KERNEL : FINDING_KERNEL_OPEN, NULL);
}

struct HubsSeen {
	struct Doctor *doctor;
	size_t bad;
};

static int hub_look(void *owner, int dir, const char *name)
{
	static const char *const switches[] = {"interface_authorized_default", "authorized_default"};
	struct HubsSeen *s = owner;
	_cleanup_fd_ int hub =
	        strncmp(name, "usb", 3) ? -1 : openat(dir, name, O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; hub >= 0 && i < ARRAY_SIZE(switches); i++) {
		uint64_t value;

		if (sysfs_number(hub, switches[i], &value) == 0 && value == 0)
			continue;
		s->bad++;
		doctor_say(s->doctor, FINDING_HUB_OPEN, name);
		break;
	}
	return 0;
}

void doctor_hubs(struct Doctor *d)
{
	_cleanup_free_ char *path = doctor_path(d, SYSFS_USB);
	_cleanup_fd_ int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct HubsSeen s = {.doctor = d};

	if (dir >= 0)
		sysfs_each(dir, hub_look, &s);
	if (!s.bad)
		doctor_say(d, FINDING_HUBS, NULL);
}
