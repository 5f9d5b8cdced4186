/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Individual Numbers do not enter the ledger: a run of 12 digits whose check digit holds is starred
 * before a record is built. What counts as a run stands at the top of mask.c.
 */
#include "std.h"

/* Stars the digits of every such run in place; the size stays. Returns how many runs there were. */
size_t mask_numbers(uint8_t *bytes, size_t n);

/* 12 digits, each 0 to 9: not all the same, and the last one is the check digit of the others. */
bool mask_is_number(const uint8_t digits[static 12]);
