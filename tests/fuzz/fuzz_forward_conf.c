/* SPDX-License-Identifier: Apache-2.0 */
/* forward.conf: an administrator's, and still nothing but text. */
#include "../lsan_libconfig.h"
#include "forward_conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = calloc(1, size + 1);
	static struct ForwardConf conf;
	const char *what;
	int line;

	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	forward_conf_default(&conf);
	if (!forward_conf_parse(text, &conf, &line, &what) &&
	        (!*conf.host || !*conf.port || !*conf.console_key))
		abort();
	return 0;
}
