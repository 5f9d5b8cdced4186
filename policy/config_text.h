/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The text of a configuration file: looked over, then read. */
#include "nodes.h"

/* `text` need not be closed by NUL. 0; 1 with *ret_error; -ENOMEM. */
int config_text_read(const char *text, size_t n, struct Nodes **ret, struct ConfigError *ret_error);
