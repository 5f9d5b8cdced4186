/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The few words every file may use: cleanup attributes, sizes, ownership.
 * Nothing here knows what a medium is.
 */
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define _cleanup_(f)        __attribute__((cleanup(f)))
#define _unused_            __attribute__((unused))
#define _noreturn_          __attribute__((noreturn))
#define _format_(fmt, args) __attribute__((format(printf, fmt, args)))
#define _must_check_        __attribute__((warn_unused_result))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)     ((a) < (b) ? (a) : (b))
#define MAX(a, b)     ((a) > (b) ? (a) : (b))

/* fd = fd_close(fd): closes, keeps errno, gives the empty value back. */
static inline int fd_close(int fd)
{
	if (fd >= 0) {
		int saved = errno;

		close(fd);
		errno = saved;
	}
	return -1;
}

static inline void fd_closep(int *fd)
{
	*fd = fd_close(*fd);
}

/* Hand a descriptor or pointer on: the old place becomes empty. */
static inline int fd_steal(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

static inline void *ptr_steal(void *pp)
{
	void *taken;

	memcpy(&taken, pp, sizeof(taken));
	memset(pp, 0, sizeof(taken));
	return taken;
}

static inline void freep(void *pp)
{
	free(ptr_steal(pp));
}

static inline void stream_closep(FILE **f)
{
	if (*f)
		fclose(*f);
}

#define _cleanup_fd_     _cleanup_(fd_closep)
#define _cleanup_free_   _cleanup_(freep)
#define _cleanup_stream_ _cleanup_(stream_closep)
