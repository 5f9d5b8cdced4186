/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door of libconfig (1.5): its settings become nodes at once.
 *
 * Nesting is bounded here, for the walk over its settings is recursive. What it must not see at all
 * (@include, numbers it would cut silently) config_scan.c has refused before.
 */
#include "nodes.h"

#include <libconfig.h>

#define DEPTH 8 /* the files need 4 */

struct Nodes {
	config_t config; /* owns the texts */
	struct Node *nodes;
	size_t n, room;
};

struct Nodes *nodes_free(struct Nodes *t)
{
	if (!t)
		return NULL;
	config_destroy(&t->config);
	free(t->nodes);
	free(t);
	return NULL;
}

void nodes_freep(struct Nodes **t)
{
	*t = nodes_free(*t);
}

static int nodes_reserve(struct Nodes *t, size_t more)
{
	size_t room = t->room ? t->room : 64;
	struct Node *nodes;

	while (room < t->n + more)
		room *= 2;
	if (room == t->room)
		return 0;
	nodes = reallocarray(t->nodes, room, sizeof(*nodes));
	if (!nodes)
		return -ENOMEM;
	t->nodes = nodes;
	t->room = room;
	return 0;
}

static struct Node node_of(const config_setting_t *s)
{
	struct Node node = {.name = config_setting_name(s), .line = config_setting_source_line(s)};

	switch (config_setting_type(s)) {
	case CONFIG_TYPE_STRING:
		node.type = NODE_TEXT;
		node.text = config_setting_get_string(s);
		break;
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		node.type = NODE_NUMBER;
		node.number = config_setting_get_int64(s);
		break;
	case CONFIG_TYPE_BOOL:
		node.type = NODE_FLAG;
		node.number = config_setting_get_bool(s) != 0;
		break;
	case CONFIG_TYPE_GROUP:
		node.type = NODE_GROUP;
		break;
	case CONFIG_TYPE_ARRAY:
	case CONFIG_TYPE_LIST:
		node.type = NODE_LIST;
		break;
	default:
		node.type = NODE_OTHER;
	}
	return node;
}

/* The children of `at`, one block, then theirs. */
static int children_add(struct Nodes *t, const config_setting_t *s, size_t at, unsigned int depth)
{
	size_t n = config_setting_is_aggregate(s) ? (size_t)config_setting_length(s) : 0, first = t->n;
	int r = nodes_reserve(t, n);

	if (r < 0)
		return r;
	if (depth > DEPTH)
		return 1;
	t->nodes[at].first = first;
	t->nodes[at].n = n;
	t->n += n;
	for (size_t i = 0; i < n; i++) {
		const config_setting_t *child = config_setting_get_elem(s, (unsigned int)i);

		t->nodes[first + i] = node_of(child);
		r = children_add(t, child, first + i, depth + 1);
		if (r)
			return r;
	}
	return 0;
}

/* libconfig's words, and what to do about them. */
static const char *error_words(const char *said)
{
	static const struct {
		const char *said, *words;
	} rows[] = {
	        {"syntax error", "syntax error; look for a missing ; , = quote or bracket here or before"},
	        {"duplicate setting name", "a key is there twice; remove one"},
	        {"mismatched element type in array",
	                "values of different types in one list; make them alike"},
	        {"memory exhausted", "brackets are nested too deeply; close them"},
	};

	for (size_t i = 0; said && i < ARRAY_SIZE(rows); i++)
		if (!strcmp(rows[i].said, said))
			return rows[i].words;
	return "syntax error";
}

int nodes_read(const char *text, struct Nodes **ret, struct ConfigError *ret_error)
{
	_cleanup_(nodes_freep) struct Nodes *t = calloc(1, sizeof(*t));
	const config_setting_t *root;
	int r;

	if (!t)
		return -ENOMEM;
	config_init(&t->config);
	if (!config_read_string(&t->config, text)) {
		ret_error->line = (unsigned int)config_error_line(&t->config);
		ret_error->what = error_words(config_error_text(&t->config));
		return 1;
	}
	root = config_root_setting(&t->config);
	r = nodes_reserve(t, 1);
	if (r < 0)
		return r;
	t->nodes[t->n++] = node_of(root);
	r = children_add(t, root, 0, 0);
	if (r > 0)
		*ret_error =
		        (struct ConfigError){"brackets are nested too deeply; the files need four levels", 1};
	if (!r)
		*ret = ptr_steal(&t);
	return r;
}

const struct Node *nodes_root(const struct Nodes *t)
{
	return t->nodes;
}

const struct Node *nodes_child(const struct Nodes *t, const struct Node *parent, size_t i)
{
	return &t->nodes[parent->first + i];
}

const struct Node *nodes_member(const struct Nodes *t, const struct Node *group, const char *name)
{
	for (size_t i = 0; i < group->n; i++) {
		const struct Node *child = nodes_child(t, group, i);

		if (child->name && !strcmp(child->name, name))
			return child;
	}
	return NULL;
}
