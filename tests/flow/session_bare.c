/* SPDX-License-Identifier: Apache-2.0 */
/* session in its filter, run by whoever runs the test. */
#include "log.h"
#include "session.h"

int main(void)
{
	int r;

	log_open("session");
	r = session_confine();
	if (r >= 0)
		r = session_run();
	return r < 0;
}
