/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Small files below a directory's descriptor: sysfs attributes, state files. */
#include "std.h"

#include <sys/types.h>

/* Reads at most size bytes; their number, or -errno. -E2BIG when there is more. */
ssize_t file_read_at(int dir, const char *name, void *ret, size_t size);

/* The same as text: NUL added, one closing newline taken off. */
ssize_t file_read_text_at(int dir, const char *name, char *ret, size_t size);

/* An unsigned decimal attribute. */
int file_read_number_at(int dir, const char *name, uint64_t *ret);

/* What the two above make of n bytes that were read (negative: -errno, passed on); ret has room for one more. */
ssize_t file_text_end(char *ret, ssize_t n);
int file_text_number(const char *text, ssize_t n, uint64_t *ret);

/* Opens, writes all in one call, closes: for sysfs, where the write is the act. */
int file_write_at(int dir, const char *name, const char *text);

/* Writes all of it to a descriptor, through short writes and EINTR. */
int file_write_all(int fd, const void *bytes, size_t n);

/* Reads until n bytes are there or the end: their number. */
ssize_t file_read_all(int fd, void *ret, size_t n);

/* <name>.new written and synced, renamed to name, directory synced: after 0 it is durable. */
int file_replace_at(int dir, const char *name, const void *bytes, size_t n, mode_t mode);

/* A directory that is there afterwards, durably, and open: 0 or -errno. */
int file_dir_make_at(int dir, const char *name, mode_t mode, int *ret);
