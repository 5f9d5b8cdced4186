/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Bytes between the job and the person go through pipes: a certificate or key in, what is got from a
 * medium out. A pipe can be polled and closed without asking any file system; the person's side does
 * the files.
 */
#include "job.h"

/* Takes only a pipe. 0, FAULT_BAD_REQUEST, -errno. */
int pipe_take(struct Job *j, int fd);
/* All until the end: their number in *ret_size. FAULT_BAD_REQUEST when it is more than size. */
int pipe_read(struct Job *j, int fd, void *ret, size_t size, size_t *ret_size);
/* FAULT_DEST_FAILED when the person closed it. */
int pipe_write(struct Job *j, int fd, const void *bytes, size_t n);
