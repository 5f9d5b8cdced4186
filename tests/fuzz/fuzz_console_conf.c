/* SPDX-License-Identifier: Apache-2.0 */
/* console.conf: whatever it holds, what is taken is within its bounds. */
#include "../lsan_libconfig.h"
#include "console_conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct Settings s;
	char error[400];

	settings_default(&s);
	if (flat_parse(&console_conf, (const char *)data, size, &s, error, sizeof(error)))
		return 0;
	if (!s.port || s.every > 1440 || !s.silent_days || s.silent_days > 366 ||
	        s.ledgers.n > ARRAY_SIZE(s.ledgers.path))
		abort();
	for (size_t i = 0; i < s.ledgers.n; i++)
		if (s.ledgers.path[i][0] != '/')
			abort();
	return 0;
}
