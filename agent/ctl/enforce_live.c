/* SPDX-License-Identifier: Apache-2.0 */
/* The running system: udev, the root hubs, the initramfs. */
#include "alias.h"
#include "enforce.h"
#include "file.h"
#include "say.h"
#include "sysfs.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#define PARAMETERS "/sys/module/usbcore/parameters"

static bool program_is_there(const char *const *places)
{
	for (; *places; places++)
		if (!access(*places, X_OK))
			return true;
	return false;
}

/* Runs it with a clean environment, its output on standard error: ours is for who asked us. */
static int program_run(const char *const *argv)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char *environment[] = {path, NULL}, *arguments[16] = {};
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int r, status;

	for (size_t i = 0; argv[i] && i + 1 < ARRAY_SIZE(arguments); i++)
		memcpy(&arguments[i], &argv[i], sizeof(*arguments)); /* posix_spawn only reads them */
	r = posix_spawn_file_actions_init(&actions);
	if (r)
		return -r;
	posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
	r = posix_spawnp(&pid, argv[0], &actions, NULL, arguments, environment);
	posix_spawn_file_actions_destroy(&actions);
	if (r)
		return -r;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

#define RUN(...) program_run((const char *const[]){__VA_ARGS__, NULL})

int enforce_reload(struct Enforce *e)
{
	/* without udev nothing would open the next keyboard: then nothing is closed either */
	if (RUN("udevadm", "control", "--reload") < 0)
		return enforce_failed(e, FAULT_INTERNAL, "udevadm control --reload");
	enforce_said(e, STEP_RELOADED, "");
	return 0;
}

int enforce_nodes(struct Enforce *e)
{
	if (RUN("udevadm", "trigger", "--action=change", "--subsystem-match=usb", "--subsystem-match=block",
	            "--subsystem-match=scsi_generic", "--subsystem-match=bsg") < 0)
		return enforce_failed(e, FAULT_INTERNAL, "udevadm trigger");
	enforce_said(e, STEP_NODES, "");
	return 0;
}

int enforce_initramfs(struct Enforce *e, bool closed)
{
	static const char *const places[] = {"/usr/sbin/update-initramfs", "/sbin/update-initramfs", NULL};

	if (!program_is_there(places)) {
		enforce_said(e, closed ? STEP_NO_INITRAMFS : STEP_NO_INITRAMFS_OFF, "");
		return 0;
	}
	if (RUN("update-initramfs", "-u", "-k", "all") < 0)
		return enforce_failed(e, FAULT_INTERNAL, "update-initramfs -u -k all");
	enforce_said(e, STEP_INITRAMFS, "");
	return 0;
}

struct HubWork {
	struct Enforce *e;
	bool closed;
};

/* Root hubs alone: a device's `authorized` and an interface's are never written here. */
static int hub_set(void *owner, int dir, const char *name)
{
	static const char *const switches[] = {"interface_authorized_default", "authorized_default"};
	struct HubWork *w = owner;
	_cleanup_fd_ int hub = -1;

	if (strncmp(name, "usb", 3))
		return 0;
	hub = openat(dir, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (hub < 0)
		return 0; /* gone meanwhile */
	/* a device that comes in between finds one of the two shut, which is what the rules can open */
	for (size_t i = 0; i < 2; i++)
		if (file_write_at(hub, switches[w->closed ? i : 1 - i], w->closed ? "0" : "1") < 0)
			return enforce_failed(w->e, FAULT_INTERNAL, name);
	enforce_said(w->e, w->closed ? STEP_HUB_CLOSED : STEP_HUB_OPENED, name);
	return 0;
}

/* -1 is the kernel's own default. */
static int kernel_set(struct Enforce *e, bool closed)
{
	_cleanup_fd_ int dir = open(PARAMETERS, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return 0; /* no USB here yet */
	if (file_write_at(dir, "authorized_default", closed ? "0" : "-1") < 0)
		return enforce_failed(e, FAULT_INTERNAL, PARAMETERS "/authorized_default");
	enforce_said(e, closed ? STEP_KERNEL_CLOSED : STEP_KERNEL_OPENED, "");
	return 0;
}

int enforce_hubs(struct Enforce *e, bool closed)
{
	_cleanup_fd_ int dir = open(SYSFS_USB, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct HubWork w = {e, closed};

	if (kernel_set(e, closed) < 0)
		return -1;
	if (dir < 0)
		return errno == ENOENT ? 0 : enforce_failed(e, FAULT_UNREADABLE, SYSFS_USB);
	if (sysfs_each(dir, hub_set, &w) < 0)
		return e->fault ? -1 : enforce_failed(e, FAULT_UNREADABLE, SYSFS_USB);
	return 0;
}

bool enforce_is_built_in(const struct Enforce *e)
{
	struct utsname kernel;
	char path[512];
	FILE *list;
	char line[256];
	bool found = false;

	if (uname(&kernel))
		return false;
	snprintf(path, sizeof(path), "%s/lib/modules/%s/modules.builtin", e->root, kernel.release);
	list = fopen(path, "re");
	if (!list)
		return false;
	while (!found && fgets(line, sizeof(line), list))
		found = strstr(line, "/usbcore.ko") != NULL;
	fclose(list);
	return found;
}
