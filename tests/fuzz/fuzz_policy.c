/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration texts: the first byte chooses the file. */
#include "parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ConfigReader r = {};
	FILE *f;

	if (size < 2)
		return 0;
	f = fmemopen((void *)(uintptr_t)(data + 1), size - 1, "r");
	if (!f)
		return 0;
	(void)config_file_read(&r, data[0] % _CONFIG_FILE_N, f);
	fclose(f);
	return 0;
}
