/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What the stock tool says of one algorithm, in bytes per second; 0: it failed. */
#include "std.h"

static inline double openssl_speed(const char *algorithm)
{
	char command[128], line[256];
	double best = 0;
	FILE *p;

	snprintf(command, sizeof(command), "openssl speed -mr -seconds 1 -bytes 65536 -evp %s 2>/dev/null",
	        algorithm);
	p = popen(command, "re");
	if (!p)
		return 0;
	while (fgets(line, sizeof(line), p)) {
		const char *last = strrchr(line, ':');

		if (strncmp(line, "+F:", 3) == 0 && last)
			best = strtod(last + 1, NULL);
	}
	pclose(p);
	return best;
}
