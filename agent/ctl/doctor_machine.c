/* SPDX-License-Identifier: Apache-2.0 */
/* What is around the gate: configuration, agent, other programs and modules, the boot chain, the clock. */
#include "doctor.h"
#include "parse.h"
#include "say.h"
#include "str.h"

#include <dirent.h>
#include <sys/timex.h>

#define FOLDER   "/etc/mediagate"
#define WANTED   "/etc/systemd/system/sysinit.target.wants/mediagated.service"
#define USBGUARD "/etc/systemd/system/basic.target.wants/usbguard.service"
#define SECURE   "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

static bool is_there(const struct Doctor *d, const char *path)
{
	_cleanup_free_ char *whole = doctor_path(d, path);

	return !access(whole, F_OK);
}

/* Where it leads does not matter: perhaps into another root. */
static bool is_link(const struct Doctor *d, const char *path)
{
	_cleanup_free_ char *whole = doctor_path(d, path);
	char target[512];

	return readlink(whole, target, sizeof(target)) > 0;
}

/* ------------------------------------------------------------------ configuration, agent */

static int settings_take(void *owner, enum MessageType type, const void *row)
{
	if (type == MSG_LOAD_SETTINGS)
		memcpy(owner, row, sizeof(struct SettingsRow));
	return 0;
}

static bool config_look(struct Doctor *d, enum ConfigFile file)
{
	_cleanup_free_ char *folder = doctor_path(d, FOLDER), *path = NULL, *mistake = NULL;
	_cleanup_stream_ FILE *f = NULL;
	struct SettingsRow settings = {};
	struct ConfigReader reader = {.row = settings_take, .owner = &settings};
	int r;

	if (asprintf(&path, "%s/%s", folder, config_name(file)) < 0)
		abort();
	f = fopen(path, "re");
	if (!f) {
		doctor_say(d, errno == ENOENT ? FINDING_CONFIG_MISSING : FINDING_CONFIG_UNTOLD, path);
		return false;
	}
	r = config_file_read(&reader, file, f);
	if (r > 0) {
		/* the mistake begins with the file's name */
		if (asprintf(&mistake, "%s/%s", folder, reader.error) < 0)
			abort();
		doctor_say(d, FINDING_CONFIG_WRONG, mistake);
	} else if (r < 0) {
		doctor_say(d, FINDING_CONFIG_UNTOLD, path);
	} else if (settings.observe) {
		doctor_say(d, FINDING_CONFIG_OBSERVE, path);
	}
	return r == 0 && !settings.observe;
}

void doctor_config(struct Doctor *d)
{
	bool good = true;

	for (int i = 0; i < _CONFIG_FILE_N; i++)
		good = config_look(d, (enum ConfigFile)i) && good;
	if (good)
		doctor_say(d, FINDING_CONFIG, NULL);
}

void doctor_service(struct Doctor *d)
{
	doctor_say(d, is_link(d, WANTED) ? FINDING_SERVICE : FINDING_SERVICE_OFF, NULL);
}

static void status_take(void *owner, struct Message *m)
{
	struct MsgStatus *status = owner;

	if (m->type == MSG_STATUS)
		*status = m->body.STATUS;
}

int doctor_status(const struct Context *c, struct MsgStatus *ret)
{
	struct MsgReply reply;
	struct Ask a;

	*ret = (struct MsgStatus){.fault = FAULT_NO_AGENT};
	ask_start(&a, VERB_STATUS);
	return client_call(c, &a, status_take, ret, &reply);
}

void doctor_agent(struct Doctor *d)
{
	struct MsgStatus status;

	if (doctor_status(d->context, &status) != FAULT_OK) {
		doctor_say(d, FINDING_AGENT_SILENT, NULL);
	} else if (status.fault != FAULT_OK) {
		_cleanup_free_ char *why = say_sentence(status.fault, status.subject);

		doctor_say(d, FINDING_AGENT_SHUT, why);
	} else if (status.observe) {
		doctor_say(d, FINDING_AGENT_OBSERVES, NULL);
	} else {
		doctor_say(d, FINDING_AGENT, NULL);
	}
}

/* ------------------------------------------------------------------ other programs */

static bool runs(const struct Doctor *d, const char *name)
{
	_cleanup_free_ char *proc = doctor_path(d, "/proc");
	DIR *dir = opendir(proc);
	const struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		_cleanup_stream_ FILE *f = NULL;
		char path[512], comm[32] = "";

		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "%s/%s/comm", proc, entry->d_name);
		f = fopen(path, "re");
		if (f && fgets(comm, sizeof(comm), f))
			found = str_eq(strtok(comm, "\n"), name);
	}
	if (dir)
		closedir(dir);
	return found;
}

/* A rule that writes `authorized` lets in what nobody was asked about. */
static bool rule_opens(const char *path)
{
	static const char *const writes[] = {"authorized}=\"", "authorized_default}=\""};
	_cleanup_stream_ FILE *f = fopen(path, "re");
	_cleanup_free_ char *line = NULL;
	size_t room = 0;

	while (f && getline(&line, &room, f) > 0) {
		if (line[strspn(line, " \t")] == '#')
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(writes); i++)
			if (strstr(line, writes[i]))
				return true;
	}
	return false;
}

static int is_foreign_rule(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return n > 6 && str_eq(entry->d_name + n - 6, ".rules") && !strstr(entry->d_name, "-mediagate.rules");
}

static size_t rules_look(struct Doctor *d, const char *folder)
{
	_cleanup_free_ char *whole = doctor_path(d, folder);
	struct dirent **entries = NULL;
	int n = scandir(whole, &entries, is_foreign_rule, alphasort);
	size_t bad = 0;

	for (int i = 0; i < n; i++) {
		_cleanup_free_ char *path = NULL;

		if (asprintf(&path, "%s/%s", whole, entries[i]->d_name) < 0)
			abort();
		free(entries[i]);
		if (!rule_opens(path))
			continue;
		bad++;
		doctor_say(d, FINDING_FOREIGN_RULE, path);
	}
	free(entries);
	return bad;
}

void doctor_conflicts(struct Doctor *d)
{
	static const char *const mounters[] = {
	        "/usr/bin/udiskie", "/usr/bin/devmon", "/usr/share/usbmount/usbmount", "/usr/bin/pmount"};
	/* /lib is /usr/lib on Debian 12 */
	static const char *const folders[] = {
	        "/etc/udev/rules.d", "/run/udev/rules.d", "/usr/lib/udev/rules.d"};
	size_t bad = 0;

	/* GNOME's USB protection acts through USBGuard and through nothing else */
	if (runs(d, "usbguard-daemon") || is_link(d, USBGUARD)) {
		bad++;
		doctor_say(d, FINDING_USBGUARD, NULL);
	}
	for (size_t i = 0; i < ARRAY_SIZE(mounters); i++)
		if (is_there(d, mounters[i])) {
			bad++;
			doctor_say(d, FINDING_AUTOMOUNT, mounters[i]);
		}
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		bad += rules_look(d, folders[i]);
	if (!bad)
		doctor_say(d, FINDING_CONFLICTS, NULL);
}

/* Modules through which a disk comes that no port of this machine saw. */
void doctor_doors(struct Doctor *d)
{
	static const char *const modules[] = {
	        "vhci_hcd",           /* USB devices of another machine */
	        "usbip_host",         /* this machine's, given away */
	        "nbd",                /* disks of another machine */
	        "firewire_sbp2",      /* FireWire disks; and FireWire reads memory */
	        "dummy_hcd",          /* made-up USB devices */
	        "usb_f_mass_storage", /* this machine as a stick for another */
	};
	size_t bad = 0;

	for (size_t i = 0; i < ARRAY_SIZE(modules); i++) {
		char path[64];

		snprintf(path, sizeof(path), "/sys/module/%s", modules[i]);
		if (!is_there(d, path))
			continue;
		bad++;
		doctor_say(d, FINDING_DOOR, modules[i]);
	}
	if (!bad)
		doctor_say(d, FINDING_DOORS, NULL);
}

/* ------------------------------------------------------------------ boot chain, clock */

void doctor_boot(struct Doctor *d)
{
	_cleanup_free_ char *path = doctor_path(d, SECURE);
	_cleanup_stream_ FILE *f = fopen(path, "re");
	uint8_t variable[5] = {}; /* four bytes of attributes, then the value */

	if (!is_there(d, "/sys/firmware/efi"))
		doctor_say(d, FINDING_NO_UEFI, NULL);
	else if (f && fread(variable, 1, sizeof(variable), f) == sizeof(variable) && variable[4] == 1)
		doctor_say(d, FINDING_SECURE_BOOT, NULL);
	else
		doctor_say(d, FINDING_SECURE_BOOT_OFF, NULL);
}

void doctor_time(struct Doctor *d)
{
	struct timex t = {};

	/* the kernel knows whether somebody disciplines its clock */
	doctor_say(d, adjtimex(&t) < 0 || t.status & STA_UNSYNC ? FINDING_TIME_ALONE : FINDING_TIME, NULL);
}
