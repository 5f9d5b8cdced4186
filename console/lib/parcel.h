/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Bytes whose number goes before them, over a stream socket between two of our processes: for what is larger
   than a packet can be. */
#include "std.h"

_must_check_ int parcel_send(int fd, const void *bytes, size_t n);
/* Their number; -EPIPE: the peer is gone; -EBADMSG: more than `size`; -errno. */
_must_check_ ssize_t parcel_receive(int fd, void *ret, size_t size);
