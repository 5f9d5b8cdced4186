/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * libudev's door: the kernel's own uevents of USB and block devices as plain structs. The kernel's group,
 * not udev's: a verdict does not wait for rules to run. A removal that somebody made up is none.
 */
#include "limits.h"
#include "std.h"

enum UeventAction {
	UEVENT_ADD,
	UEVENT_REMOVE,
	UEVENT_CHANGE,
	UEVENT_BIND,
	UEVENT_OTHER, /* nothing that matters */
	_UEVENT_ACTION_N,
};

enum UeventSubject {
	UEVENT_INTERFACE,
	UEVENT_DEVICE,
	UEVENT_DISK,
	UEVENT_PARTITION,
	UEVENT_NOTHING,
	_UEVENT_SUBJECT_N,
};

#define UEVENT_PATH 512

struct Uevent {
	enum UeventAction action;
	enum UeventSubject subject;
	char path[UEVENT_PATH];  /* with /sys in front */
	char driver[LIMIT_CODE]; /* of a bind */
};

enum MonitorOutcome {
	MONITOR_AGAIN = 1, /* nothing there now */
	MONITOR_LOST,      /* the kernel dropped events: look at everything again */
};

struct Monitor;

int monitor_new(struct Monitor **ret);
struct Monitor *monitor_free(struct Monitor *m);
void monitor_freep(struct Monitor **m);
int monitor_fd(const struct Monitor *m);

/* The path (with /sys in front) of the next event where it is an `add`; it stays to be received. */
bool monitor_next_added(struct Monitor *m, char *ret, size_t size);

/* 0 and *ret, an outcome, or -errno. */
_must_check_ int monitor_receive(struct Monitor *m, struct Uevent *ret);
