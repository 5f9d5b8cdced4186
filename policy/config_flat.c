/* SPDX-License-Identifier: Apache-2.0 */
#include "config_flat.h"

#include "config_text.h"
#include "limits.h"
#include "str.h"

#include <inttypes.h>
#include <stdio.h>

/* ------------------------------------------------------------------ one value */

static bool text_set(const struct Node *node, const struct FlatKey *key, void *member)
{
	return node->type == NODE_TEXT && str_is_line(node->text, strlen(node->text)) &&
	       str_set(member, key->size, node->text) == 0;
}

static bool in_bounds(const struct Node *node, const struct FlatKey *key)
{
	return node->type == NODE_NUMBER && node->number >= key->least && node->number <= key->most;
}

static bool paths_set(const struct Nodes *nodes, const struct Node *node, struct FlatPaths *ret)
{
	if (node->type != NODE_LIST || node->n > ARRAY_SIZE(ret->path))
		return false;
	for (size_t i = 0; i < node->n; i++) {
		const struct Node *one = nodes_child(nodes, node, i);

		if (one->type != NODE_TEXT || *one->text != '/' || !str_is_line(one->text, strlen(one->text)) ||
		        STR_SET(ret->path[i], one->text) < 0)
			return false;
	}
	ret->n = node->n;
	return true;
}

static bool key_set(const struct Nodes *nodes, const struct Node *node, const struct FlatKey *key, void *values)
{
	void *member = (char *)values + key->offset;

	switch (key->type) {
	case FLAT_TEXT:
		return text_set(node, key, member);
	case FLAT_FLAG:
		*(bool *)member = node->number != 0;
		return node->type == NODE_FLAG;
	case FLAT_COUNT:
		*(uint32_t *)member = (uint32_t)node->number;
		return in_bounds(node, key);
	case FLAT_PORT:
		*(uint16_t *)member = (uint16_t)node->number;
		return in_bounds(node, key);
	case FLAT_PATHS:
		return paths_set(nodes, node, member);
	}
	return false;
}

/* ------------------------------------------------------------------ all of them */

struct Flat {
	const struct FlatFile *file;
	const struct Nodes *nodes;
	void *values;
	char *error;
	size_t size;
};

static int wrong(const struct Flat *f, unsigned int line, const struct FlatKey *key)
{
	static const char *const wanted[] = {
	        [FLAT_TEXT] = "a text in quotes, on one line and not too long",
	        [FLAT_FLAG] = "true or false",
	        [FLAT_PATHS] = "a list of at most 16 paths that begin with /",
	};

	if (key->type == FLAT_COUNT || key->type == FLAT_PORT)
		snprintf(f->error, f->size, "%u: %s: a number from %" PRId64 " to %" PRId64 " is wanted", line,
		        key->name, key->least, key->most);
	else
		snprintf(f->error, f->size, "%u: %s: %s is wanted", line, key->name, wanted[key->type]);
	return 1;
}

static const struct FlatKey *key_find(const struct FlatFile *file, const char *name)
{
	for (size_t i = 0; i < file->n_keys; i++)
		if (str_eq(file->keys[i].name, name))
			return &file->keys[i];
	return NULL;
}

static int flat_fill(const struct Flat *f)
{
	const struct Node *root = nodes_root(f->nodes);
	const char *bad;

	for (size_t i = 0; i < root->n; i++) {
		const struct Node *node = nodes_child(f->nodes, root, i);
		const struct FlatKey *key = key_find(f->file, node->name);

		if (!key) {
			snprintf(f->error, f->size, "%u: unknown key \"%.64s\"; remove it or correct its spelling",
			        node->line, node->name);
			return 1;
		}
		if (!key_set(f->nodes, node, key, f->values))
			return wrong(f, node->line, key);
	}
	bad = f->file->check(f->values);
	if (bad) {
		const struct Node *node = nodes_member(f->nodes, root, bad);

		snprintf(f->error, f->size, "%u: %s: this value cannot be used, or it is missing",
		        node ? node->line : 1, bad);
	}
	return bad != NULL;
}

int flat_parse(
        const struct FlatFile *f, const char *text, size_t n, void *values, char *ret_error, size_t size)
{
	_cleanup_(nodes_freep) struct Nodes *nodes = NULL;
	struct ConfigError error = {};
	int r = config_text_read(text, n, &nodes, &error);
	const struct Flat flat = {f, nodes, values, ret_error, size};

	if (r > 0)
		snprintf(ret_error, size, "%u: %s", error.line, error.what);
	return r ? r : flat_fill(&flat);
}

int flat_read(const struct FlatFile *f, const char *path, void *values, char *ret_error, size_t size)
{
	_cleanup_stream_ FILE *stream = fopen(path, "re");
	_cleanup_free_ char *text = malloc(LIMIT_CONFIG + 1);
	char error[400];
	size_t n;
	int r;

	if (!stream)
		return -errno;
	if (!text)
		return -ENOMEM;
	n = fread(text, 1, LIMIT_CONFIG + 1, stream);
	if (ferror(stream) || n > LIMIT_CONFIG)
		return ferror(stream) ? -EIO : -E2BIG;
	r = flat_parse(f, text, n, values, error, sizeof(error));
	if (r > 0)
		snprintf(ret_error, size, "%s:%s", path, error);
	return r;
}
