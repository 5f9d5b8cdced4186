/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The names in a directory, from its descriptor; dirent(3). */
#include "std.h"

#include <dirent.h>

/* A stream over an open directory. The descriptor goes with it, also when there is none: NULL, and errno says why. */
DIR *dir_take(int fd);

/* A stream over the directory `name` below another. NULL, and errno says why. */
DIR *dir_open_at(int dir, const char *name);

/* Removes the files of a directory whose names begin with no dot. 0 or -errno; a folder is no file (-EISDIR). */
int dir_empty(int dir);

void dir_closep(DIR **d);

#define _cleanup_dir_ _cleanup_(dir_closep)
