/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* On the first page: what waits for who looks at it, and for those who see to it that it is done. */
#include "site.h"

_must_check_ int reminders_write(struct Page *p);
