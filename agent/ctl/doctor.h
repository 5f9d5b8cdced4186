/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What `mediagate doctor` looks at, and all that it can find: a finding is one line, and a hint where
 * something is to be done. Every check reports at least one.
 */
#include "client.h"
#include "json.h"
#include "verb.h"

enum DoctorLevel {
	DOCTOR_GOOD,
	DOCTOR_UNTOLD,  /* could not be looked at */
	DOCTOR_WARNING, /* weaker than it could be */
	DOCTOR_WRONG,   /* the gate may stand open, or nothing works */
	_DOCTOR_LEVEL_N,
};

/* name, check, level, sentence (%s is the subject), hint */
#define FINDINGS(X)                                                                                          \
	X(RULES, "rules", GOOD, N_("rules and hooks are as `mediagate enforce on` writes them"), "")         \
	X(RULES_MISSING, "rules", WRONG, N_("%s is not there"), N_("as root: mediagate enforce on"))         \
	X(RULES_CHANGED, "rules", WRONG, N_("%s is not as `mediagate enforce on` writes it"),                \
	        N_("as root: mediagate enforce on"))                                                         \
	X(RULES_UNTOLD, "rules", UNTOLD, N_("the rules cannot be compared: %s"),                             \
	        N_("mend that first, or look again as root"))                                                \
	X(DRIVERS, "drivers", GOOD, N_("the rules know the storage drivers of every kernel installed"), "")  \
	X(DRIVERS_UNKNOWN, "drivers", WRONG, N_("the rules do not know all storage drivers of kernel %s"),   \
	        N_("as root: mediagate enforce on"))                                                         \
	X(DRIVERS_UNTOLD, "drivers", UNTOLD, N_("%s cannot be read"), N_("look again as root"))              \
	X(INITRAMFS, "initramfs", GOOD, N_("the rules and the modprobe option are in the initramfs"), "")    \
	X(INITRAMFS_NONE, "initramfs", GOOD, N_("there is no initramfs in /boot"), "")                       \
	X(INITRAMFS_WITHOUT, "initramfs", WRONG, N_("%s lacks the rules or the modprobe option"),            \
	        N_("as root: update-initramfs -u -k all"))                                                   \
	X(INITRAMFS_UNTOLD, "initramfs", UNTOLD, N_("%s cannot be looked into"),                             \
	        N_("look again as root, where lsinitramfs is installed"))                                    \
	X(KERNEL, "kernel", GOOD, N_("USB controllers that are found from now on start closed"), "")         \
	X(KERNEL_NO_USB, "kernel", GOOD, N_("there is no USB controller here"), "")                          \
	X(KERNEL_OPEN, "kernel", WRONG, N_("USB controllers that are found from now on start open"),         \
	        N_("as root: mediagate enforce on"))                                                         \
	X(KERNEL_LINE, "kernel", WRONG, N_("the kernel's command line opens USB: %s"),                       \
	        N_("take it out of the boot loader's configuration and restart"))                            \
	X(KERNEL_BUILT_IN, "kernel", WRONG,                                                                  \
	        N_("usbcore is part of this kernel, and its command line does not close USB"),               \
	        N_("add usbcore.authorized_default=0 to it in the boot loader's configuration"))             \
	X(HUBS, "hubs", GOOD, N_("every root hub is closed"), "")                                            \
	X(HUB_OPEN, "hubs", WRONG, N_("%s is open: what is plugged in there works at once"),                 \
	        N_("as root: mediagate enforce on"))                                                         \
	X(CONFIG, "config", GOOD, N_("the configuration is right"), "")                                      \
	X(CONFIG_OBSERVE, "config", WRONG, N_("%s says mode = \"observe\": what is refused is not closed"),   \
	        N_("when the trial is over, make it \"enforce\"; then: systemctl reload mediagated"))        \
	X(CONFIG_WRONG, "config", WRONG, N_("the configuration has a mistake: %s"),                          \
	        N_("see: mediagate policy check"))                                                           \
	X(CONFIG_MISSING, "config", WRONG, N_("%s is not there"),                                            \
	        N_("write it; see the examples that came with mediagate, and man mediagate.conf"))           \
	X(CONFIG_UNTOLD, "config", UNTOLD, N_("%s cannot be read"), N_("look again as root"))                \
	X(SERVICE, "service", GOOD, N_("the agent starts with the machine"), "")                             \
	X(SERVICE_OFF, "service", WRONG, N_("the agent does not start with the machine"),                    \
	        N_("as root: systemctl enable --now mediagated"))                                            \
	X(AGENT, "agent", GOOD, N_("the agent answers, and the gate works"), "")                             \
	X(AGENT_OBSERVES, "agent", WRONG, N_("OBSERVE MODE: the agent lets in what it refuses"),             \
	        N_("when the trial is over: mode = \"enforce\" in policy.conf, systemctl reload mediagated")) \
	X(AGENT_SILENT, "agent", WRONG, N_("the agent does not answer"),                                     \
	        N_("see: systemctl status mediagated"))                                                      \
	X(AGENT_SHUT, "agent", WRONG, N_("nothing is let in: %s"), N_("see: mediagate"))                     \
	X(CONFLICTS, "conflicts", GOOD, N_("nothing else decides about USB devices here"), "")               \
	X(USBGUARD, "conflicts", WRONG,                                                                      \
	        N_("USBGuard runs, or starts with the machine: two programs decide about the same devices"), \
	        N_("as root: systemctl disable --now usbguard"))                                             \
	X(AUTOMOUNT, "conflicts", WARNING, N_("%s mounts media by itself"),                                  \
	        N_("remove it: media are mounted by the agent alone"))                                       \
	X(FOREIGN_RULE, "conflicts", WARNING, N_("%s authorises USB devices, too"),                          \
	        N_("see what it opens; remove it if nobody needs it"))                                       \
	X(DOORS, "doors", GOOD, N_("no module that opens a side door is loaded"), "")                        \
	X(DOOR, "doors", WARNING, N_("module %s is loaded: disks can come in that way"),                     \
	        N_("if nobody needs it, keep it from loading: blacklist it in /etc/modprobe.d"))             \
	X(DISKS, "disks", GOOD, N_("every disk that the system lies on is on the list of fixed disks"), "")  \
	X(DISKS_NONE, "disks", WRONG, N_("there is no list of fixed disks: any disk that is no USB is let in"), \
	        N_("as root: mediagate enrol --disks; then systemctl restart mediagated"))                   \
	X(DISKS_UNTOLD, "disks", UNTOLD, N_("%s cannot be read"), N_("look again as root"))                  \
	X(DISK_UNLISTED, "disks", WRONG, N_("the system lies on %s, which is not on the list of fixed disks"), \
	        N_("if it belongs to this machine, as root: mediagate enrol --disks"))                       \
	X(DISK_UNKNOWN, "disks", UNTOLD, N_("whether the system lies on %s cannot be told"),                 \
	        N_("look again as root"))                                                                    \
	X(SECURE_BOOT, "boot", GOOD, N_("Secure Boot is on"), "")                                            \
	X(SECURE_BOOT_OFF, "boot", WARNING, N_("Secure Boot is off: another kernel can be started"),         \
	        N_("switch it on in the firmware, and set a firmware password"))                             \
	X(NO_UEFI, "boot", WARNING, N_("this machine starts without UEFI: another kernel can be started"),   \
	        N_("set a firmware password and start from the fixed disk alone"))                           \
	X(TIME, "time", GOOD, N_("the clock follows a time source"), "")                                     \
	X(TIME_ALONE, "time", WARNING, N_("the clock follows no time source"),                               \
	        N_("as root: systemctl enable --now systemd-timesyncd, or install chrony"))

#define FINDING_ENUM(name, check, level, sentence, hint) FINDING_##name,
enum Finding { FINDINGS(FINDING_ENUM) _FINDING_N };
#undef FINDING_ENUM

struct DoctorArgs {
	const char *root, *templates;
};

struct Doctor {
	const struct Context *context;
	const char *root;      /* "" or the folder of another system */
	const char *templates; /* where the shipped parts lie */
	struct Json out;
	bool quiet; /* only counts */
	unsigned int found[_DOCTOR_LEVEL_N];
};

/* Finds nothing yet. */
struct Doctor doctor_new(const struct Context *c, const struct DoctorArgs *a);

/* Says it. NULL: no subject. */
void doctor_say(struct Doctor *d, enum Finding finding, const char *subject);

/* <root><path>; to be freed. Ends the process when there is no memory. */
char *doctor_path(const struct Doctor *d, const char *path);

/* doctor_gate.c: what kernel and udev keep shut */
void doctor_rules(struct Doctor *d);
void doctor_drivers(struct Doctor *d);
void doctor_initramfs(struct Doctor *d);
void doctor_kernel(struct Doctor *d);
void doctor_hubs(struct Doctor *d);

/* doctor_disks.c: the list of fixed disks */
void doctor_disks(struct Doctor *d);

/* doctor_machine.c: what is around it */
void doctor_config(struct Doctor *d);
void doctor_service(struct Doctor *d);
/* What the agent says of itself: the fault of asking, or FAULT_OK with ret->fault why nothing is let in. */
int doctor_status(const struct Context *c, struct MsgStatus *ret);
void doctor_agent(struct Doctor *d);
void doctor_conflicts(struct Doctor *d);
void doctor_doors(struct Doctor *d);
void doctor_boot(struct Doctor *d);
void doctor_time(struct Doctor *d);
