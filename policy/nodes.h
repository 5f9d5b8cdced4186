/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* A configuration text as plain nodes: what the door of libconfig hands out. */
#include "std.h"

enum NodeType {
	NODE_TEXT,
	NODE_NUMBER,
	NODE_FLAG,
	NODE_OTHER, /* a fraction, or nothing */
	NODE_GROUP, /* { … } */
	NODE_LIST,  /* ( … ) or [ … ] */
};

struct Node {
	const char *name; /* NULL: an element of a list, or the root */
	const char *text; /* of NODE_TEXT */
	int64_t number;   /* of NODE_NUMBER, NODE_FLAG */
	unsigned int line;
	enum NodeType type;
	size_t first, n; /* its children: nodes[first] to nodes[first + n - 1] */
};

struct Nodes;

/* What is wrong with the text, and where. */
struct ConfigError {
	const char *what; /* NULL: nothing */
	unsigned int line;
};

/* 0, 1 with *ret_error, or -ENOMEM. `text` is closed by NUL. */
int nodes_read(const char *text, struct Nodes **ret, struct ConfigError *ret_error);
struct Nodes *nodes_free(struct Nodes *t);
void nodes_freep(struct Nodes **t);

const struct Node *nodes_root(const struct Nodes *t);
const struct Node *nodes_child(const struct Nodes *t, const struct Node *parent, size_t i);
/* By its name; NULL. */
const struct Node *nodes_member(const struct Nodes *t, const struct Node *group, const char *name);
