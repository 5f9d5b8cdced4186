/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Stands between core and the system (-Wl,--wrap). Some calls always get the rig's answer (children,
 * clocks, who a caller is, where /etc/mediagate is). Each of those that a plan names can be made to fail once.
 */
#include "std.h"

/* name, what it is for, the errors that it can fail with (0: no more) */
#define WRAP_CALLS(X)                                       \
	X(SOCKETPAIR, "socketpair", EMFILE, ENOMEM)         \
	X(SENDMSG, "sendmsg", ENOMEM, EAGAIN)               \
	X(RECVMSG, "recvmsg", ENOMEM, EAGAIN)               \
	X(GETSOCKOPT, "getsockopt", ENOTCONN, 0)            \
	X(EPOLL_CTL, "epoll_ctl", ENOMEM, 0)                \
	X(EPOLL_WAIT, "epoll_wait", EINTR, 0)               \
	X(FORK, "fork", EAGAIN, ENOMEM)                     \
	X(FCNTL, "fcntl64", EMFILE, 0)                      \
	X(OPENAT, "openat64", ENODEV, EMFILE)               \
	X(OPEN, "open64", EACCES, EMFILE)                   \
	X(READ, "read", EIO, EINTR)                         \
	X(WRITE, "write", EIO, ENODEV)                      \
	X(FSTATFS, "fstatfs64", ENODEV, 0)                  \
	X(FSTAT, "fstat64", EIO, 0)                         \
	X(PREAD, "pread64", EIO, 0)                         \
	X(MEMFD, "memfd_create", ENOMEM, 0)                 \
	X(FDATASYNC, "fdatasync", EIO, ENOSPC)              \
	X(FSYNC, "fsync", EIO, 0)                           \
	X(RENAMEAT, "renameat", ENOSPC, 0)                  \
	X(MKDIRAT, "mkdirat", EROFS, 0)                     \
	X(GETRANDOM, "getrandom", EINTR, 0)                 \
	X(MALLOC, "malloc", ENOMEM, 0)                      \
	X(CALLOC, "calloc", ENOMEM, 0)                      \
	X(REALLOCARRAY, "reallocarray", ENOMEM, 0)          \
	X(READLINK, "readlink", ENOMEM, 0)                  \
	X(READLINKAT, "readlinkat", ENOMEM, 0)              \
	X(FOPEN, "fopen64", EMFILE, 0)                      \
	X(GETLINE, "getline", ENOMEM, 0)

#define WRAP_ENUM(name, word, first, second) WRAP_##name,
enum WrapCall { WRAP_CALLS(WRAP_ENUM) _WRAP_N };
#undef WRAP_ENUM

struct WrapPlan {
	enum WrapCall call;
	unsigned int at; /* which of its calls fails, from 1; 0: none, they are only counted */
	int error;
	bool happened;
	unsigned int seen[_WRAP_N];
};

void wrap_plan(struct WrapPlan *plan); /* NULL: none */
const char *wrap_word(enum WrapCall call);
int wrap_error(enum WrapCall call, unsigned int which); /* 0: no such */
