/* SPDX-License-Identifier: Apache-2.0 */
/* forward.conf: an administrator's, and still nothing but text. */
#include "../lsan_libconfig.h"
#include "forward_conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct ForwardConf conf;
	char error[400];

	forward_conf_default(&conf);
	if (!flat_parse(&forward_conf, (const char *)data, size, &conf, error, sizeof(error)) &&
	        (!*conf.host || !*conf.port || !*conf.console_key))
		abort();
	return 0;
}
