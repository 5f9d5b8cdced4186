/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The package for an outside auditor: ledgers of a period with their keys and checkpoints, proofs of what was
 * carried out, a list of it all, and what is needed to verify it where mediagate is not. docs/console.md has
 * its form.
 */
#include "json.h"
#include "rows.h"

struct PackageLedger {
	int64_t id;
	char folder[96]; /* below the package */
};

struct Package {
	int data, dir; /* the console's folder, the package's */
	int64_t from, until;
	struct Client client;
	struct Json list;
	size_t n, room, proofs;
	struct PackageLedger *ledgers;
};

/* Fills p->dir by what the store at the other end of p->client says: 0, or -errno, -EIO when the store would
 * not. */
_must_check_ int package_write(struct Package *p);
void package_done(struct Package *p);

/* The files that are the same in every package: the i-th; false at the end. */
struct PackageFile {
	const char *name, *bytes;
	size_t size;
};
bool package_file(size_t i, struct PackageFile *ret);
