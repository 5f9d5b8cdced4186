/* SPDX-License-Identifier: Apache-2.0 */
/* console.conf: whatever it holds, what is taken is within its bounds. */
#include "../lsan_libconfig.h"
#include "console_conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = calloc(1, size + 1);
	struct Settings s;
	const char *what;
	int line;

	if (!text)
		return 0;
	memcpy(text, data, size);
	settings_default(&s);
	if (strlen(text) != size || settings_parse(text, &s, &line, &what))
		return 0;
	if (!s.port || s.every > 1440 || !s.silent_days || s.silent_days > 366 ||
	        s.n_ledgers > SETTINGS_FOLDERS)
		abort();
	for (size_t i = 0; i < s.n_ledgers; i++)
		if (s.ledgers[i][0] != '/')
			abort();
	return 0;
}
