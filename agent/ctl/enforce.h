/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What `mediagate enforce` does, in parts: the files it writes and removes, the running system it changes.
 * Each step says itself.
 */
#include "json.h"
#include "verb.h"

/* Where packages put the parts. */
#define ENFORCE_TEMPLATES "/usr/share/mediagate"
/* The file that decides. */
#define ENFORCE_RULES_DIR  "/etc/udev/rules.d"
#define ENFORCE_RULES_NAME "60-mediagate.rules"
#define ENFORCE_RULES      ENFORCE_RULES_DIR "/" ENFORCE_RULES_NAME

/* code (for --json), sentence; %s is the subject */
#define STEP_TABLE(X)                                                                                       \
	X(WROTE, "wrote", N_("wrote %s"))                                                                   \
	X(KEPT, "kept", N_("%s is as it should be"))                                                        \
	X(REMOVED, "removed", N_("removed %s"))                                                             \
	X(RELOADED, "rules-reloaded", N_("udev has read its rules anew"))                                   \
	X(NODES, "nodes-set", N_("the modes of the devices that are there are set anew"))                   \
	X(KERNEL_CLOSED, "kernel-closed", N_("USB controllers that are found from now on start closed"))    \
	X(KERNEL_OPENED, "kernel-opened", N_("USB controllers that are found from now on start open"))      \
	X(HUB_CLOSED, "hub-closed", N_("%s: what is plugged in from now on starts closed"))                 \
	X(HUB_OPENED, "hub-opened", N_("%s: what is plugged in from now on starts open"))                   \
	X(INITRAMFS, "initramfs-made", N_("the initramfs was made anew"))                                   \
	X(NO_INITRAMFS, "no-initramfs-tools",                                                               \
	        N_("there is no update-initramfs here: if this machine starts from an initramfs, "          \
	           "put the rules and the modprobe option into it yourself"))                               \
	X(NO_INITRAMFS_OFF, "no-initramfs-tools-off",                                                       \
	        N_("there is no update-initramfs here: if this machine starts from an initramfs, "          \
	           "take the rules and the modprobe option out of it yourself"))                            \
	X(BUILT_IN, "usbcore-built-in",                                                                     \
	        N_("usbcore is part of this kernel: add usbcore.authorized_default=0 to its command line")) \
	X(BUILT_IN_OFF, "usbcore-built-in-off",                                                             \
	        N_("usbcore is part of this kernel: remove usbcore.authorized_default=0 from its command "  \
	           "line"))                                                                                 \
	X(CARD_SYSTEM, "system-on-card",                                                                    \
	        N_("this system runs from a memory card: the card slot stays open"))                        \
	X(ON_LATER, "on-later",                                                                             \
	        N_("what is plugged in already stays as it is until the agent looks at it, "                \
	           "or until it is plugged in again"))                                                      \
	X(OFF_LATER, "off-later",                                                                           \
	        N_("what was closed stays closed until it is plugged in again or the machine restarts; "    \
	           "a running agent goes on closing what it did not open"))

#define STEP_ENUM(name, code, sentence) STEP_##name,
enum Step { STEP_TABLE(STEP_ENUM) _STEP_N };
#undef STEP_ENUM

struct Enforce {
	const char *root;      /* "" or the folder of another system */
	const char *templates; /* where the shipped parts lie */
	bool json;
	struct Json out;
	int fault; /* of the step that failed, with what it is about */
	char subject[512];
};

/* Says a step that was done. */
void enforce_said(struct Enforce *e, enum Step step, const char *subject);
/* Keeps why it ends; returns -1. */
int enforce_failed(struct Enforce *e, int fault, const char *subject);

/* enforce_files.c. 0 or -1 with the reason kept. */
int enforce_write(struct Enforce *e);
int enforce_remove(struct Enforce *e);

enum PartState { PART_SAME, PART_MISSING, PART_OTHER };
typedef void (*PartSeen)(void *owner, const char *path, enum PartState state);
/* Tells how each file stands beside what enforce_write would write now. */
int enforce_compare(struct Enforce *e, PartSeen seen, void *owner);

/* enforce_live.c: the same */
int enforce_reload(struct Enforce *e);
int enforce_nodes(struct Enforce *e);
int enforce_initramfs(struct Enforce *e, bool closed);
int enforce_hubs(struct Enforce *e, bool closed);
bool enforce_is_built_in(const struct Enforce *e);

/* enforce_card.c: the file systems of the system below root ("": of this one) lie on a card in a slot */
bool enforce_system_on_card(const char *root);
