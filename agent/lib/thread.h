/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* A second thread. */
#include "std.h"

#include <pthread.h>

/* Runs run(owner) with a stack of so many bytes; whoever starts it joins or detaches it. 0, or -errno: there is none. */
_must_check_ int thread_start(pthread_t *ret, size_t stack, void *(*run)(void *), void *owner);
