/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The part of the page People that is about tokens of programs: 0 or an outcome. */
#include "site.h"

_must_check_ int tokens_write(struct Page *p);
