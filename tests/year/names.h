/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Names for made-up people: none of them is anybody's. */
#include "std.h"

struct NameRow {
	const char *name, *login;
};
extern const struct NameRow family_names[];
extern const size_t n_family_names;
extern const struct NameRow given_names[];
extern const size_t n_given_names;

extern const char *const purposes[2];
extern const char *const grounds[4];
