/* SPDX-License-Identifier: Apache-2.0 */
#include "confine.h"

#include "sandbox.h"

static const struct SandboxRow calls[] = {
	SANDBOX_COMMON,
	SANDBOX_ALLOW(recvmsg),
	SANDBOX_ALLOW(sendmsg),
	SANDBOX_ALLOW(pread64),
	SANDBOX_ALLOW(pwrite64),
	SANDBOX_ALLOW(fsync),
};

int label_confine(void)
{
	return sandbox_enter(calls, ARRAY_SIZE(calls));
}
