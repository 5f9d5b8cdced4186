/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>

/* Set once before anything is logged, never changed: the one name a process has. */
static const char *process_name = "mediagate";

void log_open(const char *process)
{
	process_name = process;
}

_format_(2, 0) static void log_line(int level, const char *format, va_list args)
{
	char line[1024];
	int n = snprintf(line, sizeof(line), "<%d>%s: ", level, process_name);
	int m = vsnprintf(line + n, sizeof(line) - (size_t)n - 1, format, args);

	if (m < 0)
		return;
	n = MIN(n + m, (int)sizeof(line) - 2);
	line[n++] = '\n';
	/* a log that cannot be written must not stop the gate */
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return;
}

#define LOG_FUNCTION(name, level)             \
	void name(const char *format, ...)    \
	{                                     \
		va_list args;                 \
		int saved = errno;            \
                                              \
		va_start(args, format);       \
		log_line(level, format, args); \
		va_end(args);                 \
		errno = saved;                \
	}

LOG_FUNCTION(log_error, 3)
LOG_FUNCTION(log_warning, 4)
LOG_FUNCTION(log_info, 6)
