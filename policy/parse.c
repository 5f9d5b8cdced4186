/* SPDX-License-Identifier: Apache-2.0 */
/* The door of libconfig. */
#include "parse.h"

#include "fault.h"
#include "str.h"

#include <libconfig.h>
#include <stdarg.h>
#include <time.h>

enum KeyType {
	KEYTYPE_CODE, /* letters, digits . _ - */
	KEYTYPE_LINE, /* one line of text */
	KEYTYPE_NUMBER,
	KEYTYPE_FLAG,
	KEYTYPE_DATE,  /* YYYY-MM-DD */
	KEYTYPE_CODES, /* list of codes */
	KEYTYPE_GROUPS, /* list of groups: see below */
};

/* Rows of a list of groups that have their own handler. */
enum KeyMember {
	MEMBER_NONE, /* checked, not used yet */
	TERMINAL_DOMAIN, TERMINAL_ID, TERMINAL_SECTION, TERMINAL_ZONE,
	POLICY_PURPOSES, POLICY_GROUNDS, POLICY_FILE_SYSTEMS, POLICY_ISSUERS, POLICY_DAYS, POLICY_OWN_PASSWORD,
	POLICY_OWN_LENGTH, POLICY_RECIPIENT_FILES,
	ROSTER_PEOPLE, RECIPIENTS_LIST,
	GROUP_CODE, GROUP_NAME, GROUP_LOGIN, GROUP_ROLES, GROUP_SECTION, GROUP_VALID_UNTIL,
	GROUP_CERTIFICATE,
};

struct KeyRow {
	const char *key;
	enum KeyType type;
	enum KeyMember member;
	bool required;
	int least, most; /* of a number */
};

static const struct KeyRow terminal_keys[] = {
	{"domain", KEYTYPE_CODE, TERMINAL_DOMAIN, true, 0, 0},
	{"id", KEYTYPE_CODE, TERMINAL_ID, true, 0, 0},
	{"section", KEYTYPE_CODE, TERMINAL_SECTION, false, 0, 0},
	{"zone", KEYTYPE_CODE, TERMINAL_ZONE, false, 0, 0},
};

static const struct KeyRow policy_keys[] = {
	{"purposes", KEYTYPE_GROUPS, POLICY_PURPOSES, true, 0, 0},
	{"grounds", KEYTYPE_GROUPS, POLICY_GROUNDS, true, 0, 0},
	{"duties", KEYTYPE_GROUPS, MEMBER_NONE, false, 0, 0},
	{"file_systems", KEYTYPE_CODES, POLICY_FILE_SYSTEMS, true, 0, 0},
	{"issuers", KEYTYPE_CODES, POLICY_ISSUERS, false, 0, 0},
	{"checkout_days", KEYTYPE_NUMBER, POLICY_DAYS, true, 1, 366},
	{"own_password", KEYTYPE_FLAG, POLICY_OWN_PASSWORD, false, 0, 0},
	{"own_password_length", KEYTYPE_NUMBER, POLICY_OWN_LENGTH, false, 12, 255},
	{"recipient_files", KEYTYPE_FLAG, POLICY_RECIPIENT_FILES, false, 0, 0},
	{"retention_years", KEYTYPE_NUMBER, MEMBER_NONE, false, 1, 100},
};

static const struct KeyRow roster_keys[] = {
	{"people", KEYTYPE_GROUPS, ROSTER_PEOPLE, true, 0, 0},
};

static const struct KeyRow recipients_keys[] = {
	{"recipients", KEYTYPE_GROUPS, RECIPIENTS_LIST, false, 0, 0},
};

static const struct KeyRow code_group[] = {
	{"code", KEYTYPE_CODE, GROUP_CODE, true, 0, 0},
	{"name", KEYTYPE_LINE, GROUP_NAME, true, 0, 0},
};

static const struct KeyRow person_group[] = {
	{"login", KEYTYPE_CODE, GROUP_LOGIN, true, 0, 0},
	{"name", KEYTYPE_LINE, GROUP_NAME, true, 0, 0},
	{"roles", KEYTYPE_CODES, GROUP_ROLES, true, 0, 0},
	{"section", KEYTYPE_CODE, GROUP_SECTION, false, 0, 0},
	{"valid_until", KEYTYPE_DATE, GROUP_VALID_UNTIL, false, 0, 0},
	{"duties", KEYTYPE_CODES, MEMBER_NONE, false, 0, 0},
	{"training_until", KEYTYPE_DATE, MEMBER_NONE, false, 0, 0},
	{"deputies", KEYTYPE_CODES, MEMBER_NONE, false, 0, 0},
};

static const struct KeyRow recipient_group[] = {
	{"code", KEYTYPE_CODE, GROUP_CODE, true, 0, 0},
	{"name", KEYTYPE_LINE, GROUP_NAME, true, 0, 0},
	{"certificate", KEYTYPE_LINE, GROUP_CERTIFICATE, true, 0, 0},
};

struct FileRow {
	const char *name;
	const struct KeyRow *keys;
	size_t n;
};

static const struct FileRow files[] = {
	[CONFIG_TERMINAL] = {"terminal.conf", terminal_keys, ARRAY_SIZE(terminal_keys)},
	[CONFIG_POLICY] = {"policy.conf", policy_keys, ARRAY_SIZE(policy_keys)},
	[CONFIG_ROSTER] = {"roster.conf", roster_keys, ARRAY_SIZE(roster_keys)},
	[CONFIG_RECIPIENTS] = {"recipients.conf", recipients_keys, ARRAY_SIZE(recipients_keys)},
};

static_assert(ARRAY_SIZE(files) == _CONFIG_FILE_N, "a row for each file");

struct RoleRow {
	const char *word;
	enum Role role;
};

static const struct RoleRow roles[] = {
	{"chief", ROLE_CHIEF},
	{"supervisor", ROLE_SUPERVISOR},
	{"auditor", ROLE_AUDITOR},
	{"clerk", ROLE_CLERK},
	{"administrator", ROLE_ADMINISTRATOR},
};

/* What is being filled while a file is read. */
struct Reading {
	struct ConfigReader *reader;
	const char *file;
	struct TerminalRow terminal;
	struct SettingsRow settings;
	struct CodeRow code;
	struct PersonRow person;
	struct Recipient recipient;
	char logins[LIMIT_PEOPLE][LIMIT_LOGIN];
	size_t n_logins;
};

const char *config_name(enum ConfigFile file)
{
	return files[file].name;
}

int config_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (str_eq(files[i].name, name))
			return (int)i;
	return -ENOENT;
}

_format_(3, 4) static int wrong(struct Reading *g, const config_setting_t *at, const char *format, ...)
{
	char text[LIMIT_SUBJECT];
	va_list args;
	/* the file as a whole has no line of its own */
	unsigned int line = at ? MAX(config_setting_source_line(at), 1u) : 1;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(g->reader->error, sizeof(g->reader->error), "%s:%u: %.400s", g->file, line, text);
	return FAULT_BAD_CONFIG;
}

static int emit(struct Reading *g, enum MessageType type, const void *row)
{
	return g->reader->row ? g->reader->row(g->reader->owner, type, row) : 0;
}

/* ------------------------------------------------------------------ scalars */

static bool is_code(const char *text)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-+/=";

	return text[0] && strspn(text, letters) == strlen(text);
}

static int text_of(struct Reading *g, const config_setting_t *s, enum KeyType type, const char **ret)
{
	const char *text = config_setting_get_string(s), *name = config_setting_name(s);

	if (!text)
		return wrong(g, s, "%s must be text in quotes", name ? name : "the value");
	if (type == KEYTYPE_CODE && !is_code(text))
		return wrong(g, s, "%s may have letters, digits and . _ - only", name ? name : "the value");
	if (!text[0] || !str_is_line(text, strlen(text)))
		return wrong(g, s, "%s must be one line of UTF-8 text", name ? name : "the value");
	*ret = text;
	return 0;
}

static int keep(struct Reading *g, const config_setting_t *s, char *ret, size_t size, const char *text)
{
	const char *name = config_setting_name(s);

	if (str_set(ret, size, text) < 0)
		return wrong(g, s, "%s is longer than %zu bytes; shorten it", name ? name : "the value", size - 1);
	return 0;
}

static int date_of(struct Reading *g, const config_setting_t *s, int64_t *ret)
{
	const char *text = config_setting_get_string(s);
	struct tm t = {.tm_isdst = -1};
	const char *end = text ? strptime(text, "%Y-%m-%d", &t) : NULL;
	int day = t.tm_mday;

	if (!end || *end)
		return wrong(g, s, "%s must be a date such as \"2027-03-31\"", config_setting_name(s));
	t.tm_mday++; /* the day itself counts */
	*ret = (int64_t)mktime(&t) * 1000;
	t.tm_mday--;
	(void)mktime(&t);
	return t.tm_mday == day ? 0 : wrong(g, s, "%s is not a day of the calendar", config_setting_name(s));
}

static int number_of(struct Reading *g, const config_setting_t *s, const struct KeyRow *row, uint32_t *ret)
{
	int v;

	if (config_setting_type(s) != CONFIG_TYPE_INT)
		return wrong(g, s, "%s must be a whole number", row->key);
	v = config_setting_get_int(s);
	if (v < row->least || v > row->most)
		return wrong(g, s, "%s must be from %d to %d", row->key, row->least, row->most);
	*ret = (uint32_t)v;
	return 0;
}

/* ------------------------------------------------------------------ lists of codes */

static int role_of(struct Reading *g, const config_setting_t *s, const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		if (str_eq(roles[i].word, word)) {
			g->person.roles |= roles[i].role;
			return 0;
		}
	return wrong(g, s, "unknown role \"%.40s\"; roles are chief, supervisor, auditor, clerk, administrator", word);
}

static int one_code(struct Reading *g, const config_setting_t *s, const struct KeyRow *row, const char *text)
{
	struct FileSystemRow type = {};
	struct IssuerRow issuer = {};
	int r;

	switch (row->member) {
	case GROUP_ROLES:
		return role_of(g, s, text);
	case POLICY_FILE_SYSTEMS:
		if (!str_eq(text, "vfat") && !str_eq(text, "exfat"))
			return wrong(g, s, "file system \"%.40s\" is not supported; use vfat or exfat", text);
		r = keep(g, s, type.type, sizeof(type.type), text);
		return r ? r : emit(g, MSG_LOAD_FILE_SYSTEM, &type);
	case POLICY_ISSUERS:
		r = keep(g, s, issuer.vkey, sizeof(issuer.vkey), text);
		return r ? r : emit(g, MSG_LOAD_ISSUER, &issuer);
	default:
		return 0;
	}
}

static int codes_of(struct Reading *g, const config_setting_t *s, const struct KeyRow *row)
{
	int n = config_setting_length(s);

	if (!config_setting_is_array(s) && !config_setting_is_list(s))
		return wrong(g, s, "%s must be a list such as [ \"a\", \"b\" ]", row->key);
	if (n > LIMIT_ROWS || (row->required && n == 0))
		return wrong(g, s, n ? "%s has too many values" : "%s must not be empty", row->key);
	for (int i = 0; i < n; i++) {
		const config_setting_t *item = config_setting_get_elem(s, (unsigned int)i);
		const char *text;
		int r = text_of(g, item, KEYTYPE_CODE, &text);

		if (!r)
			r = one_code(g, item, row, text);
		if (r)
			return r;
	}
	return 0;
}

/* ------------------------------------------------------------------ groups */

static int read_group(struct Reading *g, const config_setting_t *group, const struct KeyRow *keys, size_t n);

static int finish_person(struct Reading *g, const config_setting_t *at)
{
	struct PersonRow *p = &g->person;
	int r;

	for (size_t i = 0; i < g->n_logins; i++)
		if (str_eq(g->logins[i], p->login))
			return wrong(g, at, "login \"%s\" is there twice; remove one", p->login);
	if (!p->roles)
		return wrong(g, at, "%s has no role; name at least one", p->login);
	if (p->roles & ROLE_ADMINISTRATOR && p->roles != ROLE_ADMINISTRATOR)
		return wrong(g, at, "%s: an administrator has no other role", p->login);
	if (g->n_logins == LIMIT_PEOPLE)
		return wrong(g, at, "more than %d people", LIMIT_PEOPLE);
	memcpy(g->logins[g->n_logins++], p->login, LIMIT_LOGIN);
	if (!g->reader->uid)
		return 0;
	r = g->reader->uid(g->reader->owner, p->login, &p->uid);
	if (r == -ENOENT)
		return 0; /* no account on this terminal: nobody can come as this person */
	return r < 0 ? r : emit(g, MSG_LOAD_PERSON, p);
}

struct GroupRow {
	enum KeyMember member;
	const struct KeyRow *keys;
	size_t n;
};

static const struct GroupRow groups[] = {
	{POLICY_PURPOSES, code_group, ARRAY_SIZE(code_group)},
	{POLICY_GROUNDS, code_group, ARRAY_SIZE(code_group)},
	{MEMBER_NONE, code_group, ARRAY_SIZE(code_group)},
	{ROSTER_PEOPLE, person_group, ARRAY_SIZE(person_group)},
	{RECIPIENTS_LIST, recipient_group, ARRAY_SIZE(recipient_group)},
};

static int finish_recipient(struct Reading *g)
{
	if (!g->reader->recipient)
		return 0;
	memcpy(g->recipient.code, g->code.code, sizeof(g->recipient.code));
	memcpy(g->recipient.name, g->code.name, sizeof(g->recipient.name));
	return g->reader->recipient(g->reader->owner, &g->recipient);
}

static int one_group(struct Reading *g, const config_setting_t *s, enum KeyMember member)
{
	int r = 0;

	g->code = (struct CodeRow){.table = member == POLICY_GROUNDS ? CODE_GROUND : CODE_PURPOSE};
	g->person = (struct PersonRow){};
	g->recipient = (struct Recipient){};
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		if (groups[i].member == member)
			r = read_group(g, s, groups[i].keys, groups[i].n);
	if (r)
		return r;
	if (member == ROSTER_PEOPLE)
		return finish_person(g, s);
	if (member == RECIPIENTS_LIST)
		return finish_recipient(g);
	return member == POLICY_PURPOSES || member == POLICY_GROUNDS ? emit(g, MSG_LOAD_CODE, &g->code) : 0;
}

static int groups_of(struct Reading *g, const config_setting_t *s, const struct KeyRow *row)
{
	int n = config_setting_length(s);

	if (!config_setting_is_list(s))
		return wrong(g, s, "%s must be a list of groups: ( { … }, { … } )", row->key);
	if (row->required && n == 0)
		return wrong(g, s, "%s must not be empty", row->key);
	for (int i = 0; i < n; i++) {
		const config_setting_t *item = config_setting_get_elem(s, (unsigned int)i);
		int r = config_setting_is_group(item) ? one_group(g, item, row->member)
						      : wrong(g, item, "%s must hold groups { … }", row->key);

		if (r)
			return r;
	}
	return 0;
}

/* ------------------------------------------------------------------ one setting */

static int set_text(struct Reading *g, const config_setting_t *s, const struct KeyRow *row, const char *text)
{
	const struct {
		enum KeyMember member;
		char *to;
		size_t size;
	} places[] = {
		{TERMINAL_DOMAIN, g->terminal.domain, LIMIT_DOMAIN},
		{TERMINAL_ID, g->terminal.id, LIMIT_CODE},
		{TERMINAL_SECTION, g->terminal.section, LIMIT_CODE},
		{TERMINAL_ZONE, g->terminal.zone, LIMIT_CODE},
		{GROUP_CODE, g->code.code, LIMIT_CODE},
		{GROUP_LOGIN, g->person.login, LIMIT_LOGIN},
		{GROUP_SECTION, g->person.section, LIMIT_CODE},
		{GROUP_CERTIFICATE, g->recipient.certificate, LIMIT_FILE_NAME},
	};
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (places[i].member == row->member)
			return keep(g, s, places[i].to, places[i].size, text);
	if (row->member != GROUP_NAME)
		return 0;
	r = keep(g, s, g->code.name, LIMIT_NAME, text);
	return r ? r : keep(g, s, g->person.name, LIMIT_NAME, text);
}

static int set_number(struct Reading *g, const config_setting_t *s, const struct KeyRow *row)
{
	uint32_t value;
	int r = number_of(g, s, row, &value);

	if (r)
		return r;
	if (row->member == POLICY_DAYS)
		g->settings.checkout_days = value;
	if (row->member == POLICY_OWN_LENGTH)
		g->settings.own_password_length = value;
	return 0;
}

static int set_flag(struct Reading *g, const config_setting_t *s, const struct KeyRow *row)
{
	if (config_setting_type(s) != CONFIG_TYPE_BOOL)
		return wrong(g, s, "%s must be true or false", row->key);
	if (row->member == POLICY_OWN_PASSWORD)
		g->settings.own_password = config_setting_get_bool(s) != 0;
	if (row->member == POLICY_RECIPIENT_FILES)
		g->settings.recipient_files = config_setting_get_bool(s) != 0;
	return 0;
}

static int read_setting(struct Reading *g, const config_setting_t *s, const struct KeyRow *row)
{
	int64_t date = 0;
	const char *text;
	int r;

	switch (row->type) {
	case KEYTYPE_CODE:
	case KEYTYPE_LINE:
		r = text_of(g, s, row->type, &text);
		return r ? r : set_text(g, s, row, text);
	case KEYTYPE_NUMBER:
		return set_number(g, s, row);
	case KEYTYPE_FLAG:
		return set_flag(g, s, row);
	case KEYTYPE_DATE:
		r = date_of(g, s, &date);
		if (!r && row->member == GROUP_VALID_UNTIL)
			g->person.valid_until = date;
		return r;
	case KEYTYPE_CODES:
		return codes_of(g, s, row);
	case KEYTYPE_GROUPS:
		return groups_of(g, s, row);
	}
	return -EINVAL;
}

static const struct KeyRow *find_key(const struct KeyRow *keys, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(keys[i].key, name))
			return &keys[i];
	return NULL;
}

static int read_group(struct Reading *g, const config_setting_t *group, const struct KeyRow *keys, size_t n)
{
	int length = config_setting_length(group);

	for (int i = 0; i < length; i++) {
		const config_setting_t *s = config_setting_get_elem(group, (unsigned int)i);
		const struct KeyRow *row = find_key(keys, n, config_setting_name(s));
		int r = row ? read_setting(g, s, row)
			    : wrong(g, s, "unknown key \"%.60s\"; remove it or correct its spelling",
				      config_setting_name(s));

		if (r)
			return r;
	}
	for (size_t i = 0; i < n; i++)
		if (keys[i].required && !config_setting_get_member(group, keys[i].key))
			return wrong(g, group, "%s is missing; add it", keys[i].key);
	return 0;
}

/* The whole text; what libconfig must not see is refused here: a NUL, and @include, which opens files. */
static int text_read(struct Reading *g, FILE *stream, char **ret)
{
	_cleanup_free_ char *text = malloc(LIMIT_CONFIG + 2);
	unsigned int line = 1;
	size_t n;

	if (!text)
		return -ENOMEM;
	n = fread(text, 1, LIMIT_CONFIG + 1, stream);
	if (ferror(stream))
		return -EIO;
	text[n] = '\0';
	if (n > LIMIT_CONFIG)
		return wrong(g, NULL, "the file is longer than %d bytes", LIMIT_CONFIG);
	if (strlen(text) != n)
		return wrong(g, NULL, "the file has a NUL byte; it is not text");
	for (const char *p = text; p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL, line++) {
		p += strspn(p, " \t");
		if (!strncmp(p, "@include", 8)) {
			snprintf(g->reader->error, sizeof(g->reader->error),
				"%s:%u: @include is not allowed here; write it into this file", g->file, line);
			return FAULT_BAD_CONFIG;
		}
	}
	*ret = ptr_steal(&text);
	return 0;
}

static void config_destroyp(config_t *c)
{
	config_destroy(c);
}

int config_file_read(struct ConfigReader *r, enum ConfigFile file, FILE *stream)
{
	_cleanup_(config_destroyp) config_t config = {};
	_cleanup_free_ struct Reading *g = calloc(1, sizeof(*g));
	_cleanup_free_ char *text = NULL;
	int fault;

	config_init(&config);
	if (!g)
		return -ENOMEM;
	g->reader = r;
	g->file = files[file].name;
	g->settings = (struct SettingsRow){.own_password_length = 20, .own_password = 1, .recipient_files = 1};
	fault = text_read(g, stream, &text);
	if (fault)
		return fault;
	if (config_read_string(&config, text)) {
		fault = read_group(g, config_root_setting(&config), files[file].keys, files[file].n);
	} else {
		snprintf(r->error, sizeof(r->error), "%s:%d: %s", g->file, config_error_line(&config),
			config_error_text(&config));
		return FAULT_BAD_CONFIG;
	}
	if (!fault && file == CONFIG_TERMINAL)
		return emit(g, MSG_LOAD_TERMINAL, &g->terminal);
	if (!fault && file == CONFIG_POLICY)
		return emit(g, MSG_LOAD_SETTINGS, &g->settings);
	return fault;
}
