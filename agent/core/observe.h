/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Observe mode: the same verdicts and the same records, and nothing enforced. What is refused is recorded as refused
 * with `observed`, and then let in: an intent on record, the interface opened, the outcome on record. Loans and copies
 * are what they always are; a medium that is let in by its loan is handled as ever.
 *
 * For udev's rules a file in /run/mediagate/observe stands for each thing that is let in so: they leave its nodes as
 * they would be without mediagate (72-mediagate.rules).
 */
#include "device.h"

struct Core;

#define OBSERVE_PATH "/run/mediagate/observe"

/* The policy in force says so. */
bool observe_meant(const struct Core *core);
/* And that is on record: from then on things are let in. */
bool observe_holds(const struct Core *core);

/* The folder, empty: what an agent before us let in is closed. */
int observe_open(struct Core *core);
/* Lets a refused device in, once that is on record; nothing unless observing. */
int observe_let(struct Core *core, struct Device *d);
/* It is open and was not opened by us: what it is is decided later. */
void observe_found(struct Device *d);
/* Takes it back, `fault` being why. FAULT_OK: it is as if it had never been let in; else why it cannot be now. */
int observe_take(struct Core *core, struct Device *d, int fault);
int observe_take_all(struct Core *core, int fault);
/* It has been unplugged. */
int observe_gone(struct Core *core, struct Device *d);
/* A disk of something that was let in: somebody may mount it, and that is nobody's tampering. */
void observe_disk(struct Device *d, const char *disk);
/* Somebody has it mounted: it is not pulled from under them for a loan. */
bool observe_is_mounted(const struct Device *d);
/* Mounts have changed: what waited for that is judged. */
int observe_mounts_changed(struct Core *core);
/* Another policy is in force. */
int observe_changed(struct Core *core, bool before);
