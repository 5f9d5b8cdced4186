/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Looks over a configuration text before libconfig reads it. Pure. */
#include "nodes.h"

/* What libconfig would take in another way than it stands there, or must not see. */
struct ConfigError config_scan(const char *text, size_t n);
