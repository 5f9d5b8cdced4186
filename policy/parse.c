/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes → rows, by the table of keys. Without anybody to hear them reading ends at the first mistake;
 * with one, a mistake costs its value (a group of a list: the group) and reading goes on.
 */
#include "parse.h"

#include "config_text.h"
#include "config_value.h"
#include "fault.h"
#include "nodes.h"
#include "policy.h"
#include "str.h"

#include <stdarg.h>

/* What is being filled while a file is read. */
struct Reading {
	struct ConfigReader *reader;
	enum ConfigFile file;
	struct Nodes *nodes;
	unsigned int mistakes;
	const struct Node *list; /* whose group is being read */
	struct TerminalRow terminal;
	struct SettingsRow settings;
	struct CodeRow code;
	struct PersonRow person;
	struct Recipient recipient;
	char from[8], until[8]; /* of hours */
	char mode[8];
	char names[8];
	uid_t uids[LIMIT_PEOPLE];
	size_t n_uids;
};

_format_(3, 4) static int wrong(struct Reading *g, unsigned int line, const char *format, ...)
{
	char what[400], text[LIMIT_SUBJECT];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	snprintf(text, sizeof(text), "%s:%u: ", config_name(g->file), line ? line : 1);
	str_cut(text + strlen(text), sizeof(text) - strlen(text), what);
	if (!g->mistakes++)
		STR_CUT(g->reader->error, text);
	if (g->reader->say)
		g->reader->say(g->reader->owner, CONFIG_MISTAKE, text);
	return FAULT_BAD_CONFIG;
}

/* Foreign words inside a sentence: short, printable. */
struct Shown {
	char text[96];
};

static struct Shown show(const char *word)
{
	struct Shown s;

	str_escape(s.text, sizeof(s.text), (const uint8_t *)word, strlen(word));
	return s;
}

static int after_mistake(const struct Reading *g, int r)
{
	return r > 0 && g->reader->say ? 0 : r;
}

static int emit(struct Reading *g, enum MessageType type, const void *row)
{
	return g->reader->row ? g->reader->row(g->reader->owner, type, row) : 0;
}

/* ------------------------------------------------------------------ where values go */

#define PLACE(member)                                                                      \
	{                                                                                  \
		offsetof(struct Reading, member), sizeof(((struct Reading *)NULL)->member) \
	}

/* A key without a row is checked and goes nowhere. */
static const struct {
	size_t at, size;
} places[_SETTING_N] = {
        [SETTING_DOMAIN] = PLACE(terminal.domain),
        [SETTING_TERMINAL] = PLACE(terminal.id),
        [SETTING_TERMINAL_SECTION] = PLACE(terminal.section),
        [SETTING_ZONE] = PLACE(terminal.zone),
        [SETTING_PURPOSE_CODE] = PLACE(code.code),
        [SETTING_PURPOSE_NAME] = PLACE(code.name),
        [SETTING_GROUND_CODE] = PLACE(code.code),
        [SETTING_GROUND_NAME] = PLACE(code.name),
        [SETTING_CHECKOUT_DAYS] = PLACE(settings.checkout_days),
        [SETTING_RETENTION_YEARS] = PLACE(settings.retention_years),
        [SETTING_OWN_PASSWORD] = PLACE(settings.own_password),
        [SETTING_OWN_PASSWORD_LENGTH] = PLACE(settings.own_password_length),
        [SETTING_RECIPIENT_FILES] = PLACE(settings.recipient_files),
        [SETTING_MODE] = PLACE(mode),
        [SETTING_NAMES] = PLACE(names),
        [SETTING_HOURS_FROM] = PLACE(from),
        [SETTING_HOURS_UNTIL] = PLACE(until),
        [SETTING_LOGIN] = PLACE(person.login),
        [SETTING_NAME] = PLACE(person.name),
        [SETTING_SECTION] = PLACE(person.section),
        [SETTING_VALID_UNTIL] = PLACE(person.valid_until),
        [SETTING_RECIPIENT_CODE] = PLACE(recipient.code),
        [SETTING_RECIPIENT_NAME] = PLACE(recipient.name),
        [SETTING_CERTIFICATE] = PLACE(recipient.certificate),
};

static int number_keep(struct Reading *g, enum Setting key, const struct Node *value)
{
	const struct KeyRow *row = &config_keys[key];
	uint32_t number = (uint32_t)value->number;

	if (value->number < row->least || value->number > row->most)
		return wrong(g, value->line, "%s must be from %d to %d", row->name, row->least, row->most);
	if (places[key].size)
		memcpy((char *)g + places[key].at, &number, sizeof(number));
	return 0;
}

static int text_keep(struct Reading *g, enum Setting key, const struct Node *value)
{
	const struct KeyRow *row = &config_keys[key];
	char *at = (char *)g + places[key].at;
	int64_t end;

	if (strlen(value->text) > (size_t)row->most)
		return wrong(g, value->line, "%s is longer than %d bytes; shorten it", row->name, row->most);
	if (!places[key].size)
		return 0;
	if (row->type != VALUE_DATE)
		return str_set(at, places[key].size, value->text);
	end = value_day_end(value->text);
	memcpy(at, &end, sizeof(end));
	return 0;
}

/* ------------------------------------------------------------------ one value, several values */

static bool is_choice(const struct KeyRow *key, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = key->choices; p && *p; p += strspn(p, " ")) {
		size_t size = strcspn(p, " ");

		if (size == n && !memcmp(p, word, n))
			return true;
		p += size;
	}
	return !key->choices;
}

static int value_read(struct Reading *g, enum Setting key, const struct Node *value)
{
	const struct KeyRow *row = &config_keys[key];
	const char *fault = value_wrong(row, value);

	if (row->choices && value->type == NODE_TEXT && value->text[0] && !is_choice(row, value->text))
		return wrong(g, value->line, "%s does not know \"%s\"; choose from: %s", row->name,
		        show(value->text).text, row->choices);
	if (fault)
		return wrong(g, value->line, "%s %s", row->name, fault);
	if (row->type == VALUE_NUMBER)
		return number_keep(g, key, value);
	if (row->type != VALUE_FLAG)
		return text_keep(g, key, value);
	((uint8_t *)g)[places[key].at] = value->number != 0;
	return 0;
}

static uint32_t role_of(const char *word)
{
	static const struct {
		const char *word;
		enum Role role;
	} rows[] = {
	        {"chief", ROLE_CHIEF},
	        {"supervisor", ROLE_SUPERVISOR},
	        {"auditor", ROLE_AUDITOR},
	        {"clerk", ROLE_CLERK},
	        {"administrator", ROLE_ADMINISTRATOR},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (str_eq(rows[i].word, word))
			return rows[i].role;
	return 0;
}

/* Of the words that are choices; left out: clear. */
static uint8_t names_of(const char *word)
{
	return str_eq(word, "masked") ? NAMES_MASKED : str_eq(word, "hash") ? NAMES_HASH : NAMES_CLEAR;
}

/* Whole in its form, and yet none that ever signs: the agent takes it, and no label is accepted by it. */
static void issuer_note(struct Reading *g, const struct Node *value)
{
	char note[LIMIT_SUBJECT];

	if (!g->reader->say || !g->reader->issuer || g->reader->issuer(g->reader->owner, value->text))
		return;
	snprintf(note, sizeof(note), "%s:%u: issuers has no effect for %s: its hash is not that of its key; copy it whole",
		config_name(g->file), value->line, show(value->text).text);
	g->reader->say(g->reader->owner, CONFIG_NOTE, note);
}

/* An element of a list of values that is right in itself. */
static int element_take(struct Reading *g, enum Setting key, const char *text)
{
	struct FileSystemRow type = {};
	struct IssuerRow issuer = {};

	if (key == SETTING_ROLES)
		g->person.roles |= role_of(text);
	if (key == SETTING_FILE_SYSTEMS) {
		STR_CUT(type.type, text);
		return emit(g, MSG_LOAD_FILE_SYSTEM, &type);
	}
	if (key == SETTING_ISSUERS) {
		STR_CUT(issuer.vkey, text);
		return emit(g, MSG_LOAD_ISSUER, &issuer);
	}
	if (key == SETTING_USB_CLASSES && g->reader->usb_class) {
		const struct UsbClass class = value_usb_class(text);

		return g->reader->usb_class(g->reader->owner, &class);
	}
	return 0;
}

static int list_read(struct Reading *g, enum Setting key, const struct Node *list)
{
	const struct KeyRow *row = &config_keys[key];

	if (list->type != NODE_LIST)
		return wrong(g, list->line, "%s must be a list such as [ \"…\", \"…\" ]", row->name);
	if (row->required && list->n == 0)
		return wrong(g, list->line, "%s must not be empty", row->name);
	if (list->n > LIMIT_ROWS)
		return wrong(g, list->line, "%s has more than %d values", row->name, LIMIT_ROWS);
	for (size_t i = 0; i < list->n; i++) {
		const struct Node *value = nodes_child(g->nodes, list, i);
		int r = value_read(g, key, value);

		for (size_t k = 0; !r && k < i; k++) {
			const struct Node *before = nodes_child(g->nodes, list, k);

			if (before->type == NODE_TEXT && str_eq(before->text, value->text))
				r = wrong(g, value->line, "%s names \"%s\" twice; remove one", row->name,
				        show(value->text).text);
		}
		if (!r && key == SETTING_ISSUERS)
			issuer_note(g, value);
		if (!r)
			r = element_take(g, key, value->text);
		r = after_mistake(g, r);
		if (r)
			return r;
	}
	return 0;
}

/* ------------------------------------------------------------------ groups, when they are read */

static int code_done(struct Reading *g, enum Setting list, const struct Node *group)
{
	(void)group;
	g->code.table = list == SETTING_GROUNDS ? CODE_GROUND : CODE_PURPOSE;
	return emit(g, MSG_LOAD_CODE, &g->code);
}

static int hours_done(struct Reading *g, enum Setting list, const struct Node *group)
{
	(void)list;
	if (strcmp(g->from, g->until) < 0)
		return 0;
	return wrong(g, group->line, "the hours end before they begin; mend from or until");
}

static bool is_login_of(const struct Reading *g, const char *login)
{
	for (size_t i = 0; i < g->list->n; i++) {
		const struct Node *other = nodes_member(g->nodes, nodes_child(g->nodes, g->list, i), "login");

		if (other && other->type == NODE_TEXT && str_eq(other->text, login))
			return true;
	}
	return false;
}

static int deputies_check(struct Reading *g, const struct Node *group)
{
	const struct Node *list = nodes_member(g->nodes, group, "deputies");

	for (size_t i = 0; list && i < list->n; i++) {
		const struct Node *deputy = nodes_child(g->nodes, list, i);

		if (str_eq(deputy->text, g->person.login))
			return wrong(g, deputy->line, "%s cannot be their own deputy", g->person.login);
		if (!is_login_of(g, deputy->text))
			return wrong(g, deputy->line,
			        "deputy \"%s\" is not on this roster; add the person or mend the name",
			        show(deputy->text).text);
	}
	return 0;
}

static int person_done(struct Reading *g, enum Setting list, const struct Node *group)
{
	struct PersonRow *p = &g->person;
	int r;

	(void)list;
	if (p->roles & ROLE_ADMINISTRATOR && p->roles != ROLE_ADMINISTRATOR)
		return wrong(
		        g, group->line, "%s: an administrator has no other role; use two accounts", p->login);
	r = deputies_check(g, group);
	if (r || !g->reader->uid)
		return r;
	r = g->reader->uid(g->reader->owner, p->login, &p->uid);
	if (r == -ENOENT)
		return 0; /* no account on this terminal: nobody can come as this person */
	if (r < 0)
		return r;
	for (size_t i = 0; i < g->n_uids; i++)
		if (g->uids[i] == p->uid)
			return wrong(g, group->line,
			        "%s has the uid of somebody before; give each their own account", p->login);
	g->uids[g->n_uids++] = p->uid;
	return emit(g, MSG_LOAD_PERSON, p);
}

static int recipient_done(struct Reading *g, enum Setting list, const struct Node *group)
{
	(void)list;
	(void)group;
	return g->reader->recipient ? g->reader->recipient(g->reader->owner, &g->recipient) : 0;
}

typedef int (*GroupDone)(struct Reading *g, enum Setting list, const struct Node *group);

static const GroupDone group_done[_SETTING_N] = {
        [SETTING_PURPOSES] = code_done,
        [SETTING_GROUNDS] = code_done,
        [SETTING_HOURS] = hours_done,
        [SETTING_PEOPLE] = person_done,
        [SETTING_RECIPIENTS] = recipient_done,
};

/* ------------------------------------------------------------------ groups */

static int group_read(struct Reading *g, int within, const struct Node *group);

static int group_is_new(struct Reading *g, enum Setting list, size_t at)
{
	const struct KeyRow *key = &config_keys[config_key_identity(list)];
	const struct Node *mine = nodes_member(g->nodes, nodes_child(g->nodes, g->list, at), key->name);

	if (key->list || !mine)
		return 0;
	for (size_t i = 0; i < at; i++) {
		const struct Node *other =
		        nodes_member(g->nodes, nodes_child(g->nodes, g->list, i), key->name);

		if (other && other->type == NODE_TEXT && mine->type == NODE_TEXT &&
		        str_eq(other->text, mine->text))
			return wrong(g, mine->line, "%s \"%s\" is there twice; remove one", key->name,
			        show(mine->text).text);
	}
	return 0;
}

static int one_group(struct Reading *g, enum Setting list, size_t at)
{
	const struct Node *group = nodes_child(g->nodes, g->list, at);
	unsigned int mistakes = g->mistakes;
	int r;

	if (group->type != NODE_GROUP)
		return wrong(g, group->line, "%s must hold groups: ( { … }, { … } )", config_keys[list].name);
	g->code = (struct CodeRow){};
	g->person = (struct PersonRow){};
	g->recipient = (struct Recipient){};
	r = group_read(g, (int)list, group);
	if (!r)
		r = group_is_new(g, list, at);
	if (r || g->mistakes != mistakes || !group_done[list])
		return r;
	return group_done[list](g, list, group);
}

static int groups_read(struct Reading *g, enum Setting key, const struct Node *list)
{
	const struct KeyRow *row = &config_keys[key];

	if (list->type != NODE_LIST)
		return wrong(g, list->line, "%s must be a list of groups: ( { … }, { … } )", row->name);
	if (row->required && list->n == 0)
		return wrong(g, list->line, "%s must not be empty", row->name);
	if (list->n > (size_t)row->most)
		return wrong(g, list->line, "%s has more than %d groups", row->name, row->most);
	g->list = list;
	for (size_t i = 0; i < list->n; i++) {
		int r = after_mistake(g, one_group(g, key, i));

		if (r)
			return r;
	}
	return 0;
}

static int setting_read(struct Reading *g, int within, const struct Node *node)
{
	int key = config_key_find(g->file, within, node->name);
	char note[LIMIT_SUBJECT];

	if (key < 0)
		return wrong(g, node->line, "unknown key \"%s\"; remove it or correct its spelling",
		        show(node->name).text);
	if (config_keys[key].later && within == SETTING_TOP && g->reader->say) {
		snprintf(note, sizeof(note), "%s:%u: %s is checked but has no effect in this version",
		        config_name(g->file), node->line, node->name);
		g->reader->say(g->reader->owner, CONFIG_NOTE, note);
	}
	if (config_keys[key].type == VALUE_GROUPS)
		return groups_read(g, (enum Setting)key, node);
	return config_keys[key].list ? list_read(g, (enum Setting)key, node)
	                             : value_read(g, (enum Setting)key, node);
}

static int group_read(struct Reading *g, int within, const struct Node *group)
{
	for (size_t i = 0; i < group->n; i++) {
		int r = after_mistake(g, setting_read(g, within, nodes_child(g->nodes, group, i)));

		if (r)
			return r;
	}
	for (int i = 0; i < _SETTING_N; i++) {
		const struct KeyRow *key = &config_keys[i];
		int r = 0;

		if (key->file == g->file && key->within == within && key->required &&
		        !nodes_member(g->nodes, group, key->name))
			r = after_mistake(g, wrong(g, group->line, "%s is missing; add it", key->name));
		if (r)
			return r;
	}
	return 0;
}

/* ------------------------------------------------------------------ the file */

static int text_read(struct Reading *g, FILE *stream)
{
	_cleanup_free_ char *bytes = malloc(LIMIT_CONFIG + 1);
	struct ConfigError error;
	size_t n;
	int r;

	if (!bytes)
		return -ENOMEM;
	n = fread(bytes, 1, LIMIT_CONFIG + 1, stream);
	if (ferror(stream))
		return -EIO;
	if (n > LIMIT_CONFIG)
		return wrong(g, 1, "the file is longer than %d bytes", LIMIT_CONFIG);
	r = config_text_read(bytes, n, &g->nodes, &error);
	return r > 0 ? wrong(g, error.line, "%s", error.what) : r;
}

static void reading_freep(struct Reading **g)
{
	if (*g)
		nodes_free((*g)->nodes);
	free(*g);
}

int config_file_read(struct ConfigReader *r, enum ConfigFile file, FILE *stream)
{
	_cleanup_(reading_freep) struct Reading *g = calloc(1, sizeof(*g));
	int e;

	if (!g)
		return -ENOMEM;
	g->reader = r;
	g->file = file;
	g->settings =
	        (struct SettingsRow){.own_password_length = 20, .own_password = 1, .recipient_files = 1};
	r->error[0] = '\0';
	e = text_read(g, stream);
	if (!e)
		e = group_read(g, SETTING_TOP, nodes_root(g->nodes));
	if (!e && g->mistakes)
		e = FAULT_BAD_CONFIG;
	if (!e && file == CONFIG_TERMINAL)
		e = emit(g, MSG_LOAD_TERMINAL, &g->terminal);
	g->settings.observe = str_eq(g->mode, "observe");
	g->settings.names = names_of(g->names);
	if (!e && file == CONFIG_POLICY)
		e = emit(g, MSG_LOAD_SETTINGS, &g->settings);
	return e;
}
