/* SPDX-License-Identifier: Apache-2.0 */
#include "thread.h"

int thread_start(pthread_t *ret, size_t stack, void *(*run)(void *), void *owner)
{
	pthread_attr_t attributes;
	int r = pthread_attr_init(&attributes);

	if (r)
		return -r;
	r = pthread_attr_setstacksize(&attributes, stack);
	if (!r)
		r = pthread_create(ret, &attributes, run, owner);
	pthread_attr_destroy(&attributes);
	return -r;
}
