/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What the acts share. */
#include "desk.h"

uint64_t desk_add(struct Desk *d, const struct Record *r);
/* Who asked, and in which role; NULL: nobody. */
void person_record(struct Record *r, enum RecordKind kind, enum RecordResult result, const struct Person *p);
/* Number and loan. */
void stick_record(struct Record *r, const struct Stick *s);
/* As the device it is. */
void stick_describe(struct Record *r, const struct Stick *s);
