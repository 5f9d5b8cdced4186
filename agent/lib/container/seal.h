/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Makes a copy: members go in, finished parts come out. One pass over each byte while it is in cache:
 * content digest, encryption, part digest, write. Memory does not depend on sizes, only SHA256SUMS grows
 * with the number of members.
 *
 * First a plan: every member with its size, from which part names and lengths follow. Then the same
 * members in the same order with their bytes.
 */
#include "cms_write.h"
#include "part.h"
#include "tar.h"

#define SEAL_BUFFER (256u << 10)
#define SEAL_SUMS   (32u << 20) /* bytes of SHA256SUMS at most */

struct SealPlan {
	char copy[LIMIT_ID];
	int64_t time;                    /* seconds: mtime of SHA256SUMS */
	uint64_t part_size;              /* PART_SIZE, less in tests */
	uint64_t files, bytes;           /* members and their data */
	uint64_t sums_size, stream_size; /* of SHA256SUMS; of the tar so far */
	uint32_t parts;                  /* set by seal_plan_end */
};

/* 0, or -EINVAL: not a copy id. */
int seal_plan_start(struct SealPlan *p, const char *copy, int64_t time);
/* 0, FAULT_NAME_TOO_LONG, FAULT_NAME_TWICE, FAULT_BAD_REQUEST, FAULT_TOO_MANY (members or bytes), -errno. */
int seal_plan_add(struct SealPlan *p, const struct TarMember *m);
/* Adds SHA256SUMS and the end; after it the plan is fixed. */
int seal_plan_end(struct SealPlan *p);
/* Bytes that the folder's parts will take, for the question whether there is room. */
uint64_t seal_plan_room(const struct SealPlan *p, size_t recipients);

/* Where parts go. A result that is not 0 stops and is passed on. */
struct SealOutput {
	void *owner;
	int (*open)(void *owner, const struct PartName *part, const char *name, uint64_t size);
	int (*write)(void *owner, const void *bytes, size_t n);
	int (*close)(
	        void *owner, const struct PartName *part, const char *name, const uint8_t sha256[static 32]);
};

struct Seal;

/* The plan is copied; output's functions and the certificates must outlive the seal. */
int seal_new(const struct SealPlan *plan, const struct CmsRecipients *recipients,
        const struct SealOutput *output, struct Seal **ret);
struct Seal *seal_free(struct Seal *s);
void seal_freep(struct Seal **s);

/* One member: begin, data in any pieces, end. FAULT_FILE_CHANGED when the data is not as long as said. */
int seal_begin(struct Seal *s, const struct TarMember *m);
/* SEAL_BUFFER bytes to read(2) into, for seal_data: saves a copy. Any other buffer does as well. */
void *seal_buffer(struct Seal *s);
int seal_data(struct Seal *s, const void *bytes, size_t n);
int seal_end(struct Seal *s, uint8_t ret_sha256[static 32]);

/* SHA256SUMS and the last part. -EPROTO when the members were not those of the plan. */
int seal_finish(struct Seal *s);
