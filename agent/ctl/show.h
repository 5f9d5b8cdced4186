/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* How times, sizes, people and devices look: for people, and as JSON. Texts returned are to be freed. */
#include "json.h"
#include "wire.h"

/* Local time: 2026-11-21 17:00, with seconds where asked. */
char *show_time(int64_t ms, bool seconds);
/* 512 B, 14.3 MB: powers of 1,000 as on the sticks themselves. */
char *show_bytes(uint64_t bytes);
/* "田中 真理 (clerk1)": what people call it, and what is on record; without a name the code alone. */
char *show_called(const char *name, const char *code);
/* clerk, supervisor: in words. */
char *show_roles(uint32_t roles);
/* 1: MSG_FOUND row in words, such as "a copy on record, whole". */
const char *show_found(uint8_t found);

/* Text and spaces up to `columns` of the screen (wide characters count two). */
void show_cell(const char *text, int columns);

/* One device: a line, and below it why it is closed. */
void show_device(const struct MsgDevice *d, const char *contact);

void show_device_json(struct Json *j, const char *key, const struct MsgDevice *d);
void show_medium_json(struct Json *j, const char *key, const struct MsgMedium *m);
void show_roles_json(struct Json *j, const char *key, uint32_t roles);
/* "fault": code, "subject", "sentence" */
void show_fault_json(struct Json *j, int fault, const char *subject);
