/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Incidents, findings of an audit and the report route, in words. */
#include "site.h"

/* The sentences of INCIDENT_*, FINDING_*, REPORT_TO_*; "" for a number that is none. */
const char *incident_entry_sentence(int64_t kind);
const char *finding_entry_sentence(int64_t kind);
const char *report_to_sentence(int64_t to);
/* The first cells of a row of INCIDENTS: its number; what happened, which leads to `address` (a literal, up to the
   number); when it was noticed. */
void incident_cells_show(struct Html *h, const char *address, const struct Cell *row);
void show_incident_state(struct Html *h, int64_t state);
void show_finding_state(struct Html *h, int64_t state);
/* A day by which something is to be done, with a mark when that has passed; nothing for CELL_NONE. */
void show_due(struct Html *h, const struct Cell *due, int64_t now);

/* What was written down, the first first: of INCIDENT_LIST or FINDING_LIST. */
_must_check_ int entries_write(struct Page *p, enum Query list, int64_t id);
/* The report route in force; `change`: each step can be ended. */
_must_check_ int route_write(struct Page *p, bool change);
/* A form that adds a record to one of the incidents that are being dealt with; nothing when there is none. */
_must_check_ int incidents_select(struct Page *p, int64_t record);
/* The pages on incidents and findings, of which one is shown. */
void matters_tabs(struct Page *p);
