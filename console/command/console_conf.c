/* SPDX-License-Identifier: Apache-2.0 */
#include "console_conf.h"

#include "str.h"

#include <libconfig.h>

#define MOST (64 << 10)

enum KeyType {
	KEY_STRING,
	KEY_FLAG,
	KEY_COUNT,
	KEY_PORT,
	KEY_LIST,
};

/* name, type, member, most */
static const struct Key {
	const char *name;
	enum KeyType type;
	size_t offset, size;
	long long least, most;
} keys[] = {
#define TEXT(member)                                                    \
	{                                                               \
#member, KEY_STRING, offsetof(struct Settings, member), \
		        sizeof(((struct Settings *)NULL)->member), 0, 0 \
	}
#define NUMBER(member, type, low, high)                                        \
	{                                                                      \
#member, type, offsetof(struct Settings, member), 0, low, high \
	}
        TEXT(data), TEXT(domain), TEXT(office), TEXT(language), TEXT(host), NUMBER(proxied, KEY_FLAG, 0, 1),
        NUMBER(port, KEY_PORT, 1, 65535), NUMBER(every, KEY_COUNT, 0, 1440),
        NUMBER(push_port, KEY_PORT, 0, 65535), NUMBER(newcomers, KEY_FLAG, 0, 1),
        NUMBER(quota, KEY_COUNT, 1, 65536), NUMBER(silent_days, KEY_COUNT, 1, 366),
        {"ledgers", KEY_LIST, 0, 0, 0, 0},
#define REVIEW(name, value, least, most) \
	{"review_" #name, KEY_COUNT, offsetof(struct Settings, review.name), 0, least, most},
        {"review_hours", KEY_STRING, offsetof(struct Settings, review.hours),
                sizeof(((struct Settings *)NULL)->review.hours), 0, 0},
        {"review_open_days", KEY_STRING, offsetof(struct Settings, review.open_days),
                sizeof(((struct Settings *)NULL)->review.open_days), 0, 0},
        {"review_duties", KEY_STRING, offsetof(struct Settings, review.duties),
                sizeof(((struct Settings *)NULL)->review.duties), 0, 0},
        REVIEW_NUMBERS(REVIEW)
#undef REVIEW
#undef TEXT
#undef NUMBER
};

void settings_default(struct Settings *s)
{
	*s = (struct Settings){.data = "/var/lib/mediagate-console",
	        .domain = "console.invalid",
	        .port = 8020,
	        .every = 15,
	        .newcomers = true,
	        .quota = 512,
	        .silent_days = 7};
	review_default(&s->review);
}

static bool set_text(const char *text, char *ret, size_t size)
{
	return text && str_is_line(text, strlen(text)) && str_set(ret, size, text) == 0;
}

static bool set_list(const config_setting_t *setting, struct Settings *s)
{
	int n = config_setting_length(setting);

	if (!config_setting_is_array(setting) || n > SETTINGS_FOLDERS)
		return false;
	for (int i = 0; i < n; i++) {
		const char *text = config_setting_get_string_elem(setting, i);

		if (!set_text(text, s->ledgers[i], sizeof(s->ledgers[i])) || *text != '/')
			return false;
	}
	s->n_ledgers = (size_t)n;
	return true;
}

static bool set_key(const struct Key *key, const config_setting_t *setting, struct Settings *s)
{
	void *member = (char *)s + key->offset;
	int type = config_setting_type(setting);
	long long number = type == CONFIG_TYPE_INT ? config_setting_get_int64(setting) : -1;

	switch (key->type) {
	case KEY_STRING:
		return type == CONFIG_TYPE_STRING &&
		       set_text(config_setting_get_string(setting), member, key->size);
	case KEY_FLAG:
		*(bool *)member = config_setting_get_bool(setting);
		return type == CONFIG_TYPE_BOOL;
	case KEY_COUNT:
		*(uint32_t *)member = (uint32_t)number;
		return number >= key->least && number <= key->most;
	case KEY_PORT:
		*(uint16_t *)member = (uint16_t)number;
		return number >= key->least && number <= key->most;
	case KEY_LIST:
		return set_list(setting, s);
	}
	return false;
}

static const struct Key *key_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (str_eq(keys[i].name, name))
			return &keys[i];
	return NULL;
}

static int read_all(const config_t *config, struct Settings *s, int *ret_line, const char **ret_what)
{
	const config_setting_t *root = config_root_setting(config);
	struct ReviewBounds bounds;

	for (int i = 0; i < config_setting_length(root); i++) {
		const config_setting_t *setting = config_setting_get_elem(root, (unsigned int)i);
		const char *name = config_setting_name(setting);
		const struct Key *key = name ? key_find(name) : NULL;

		*ret_line = (int)config_setting_source_line(setting);
		*ret_what = key ? key->name : "unknown key";
		if (!key || !set_key(key, setting, s))
			return 1;
	}
	*ret_what = "review_hours, review_open_days or review_duties";
	if (review_bounds(&s->review, &bounds) < 0)
		return 1;
	*ret_what = "language";
	return *s->language && !str_eq(s->language, "ja") && !str_eq(s->language, "en");
}

/* libconfig follows @include: whatever it names would be read with our rights. */
static bool has_include(const char *text)
{
	return strstr(text, "@include") != NULL;
}

int settings_parse(const char *text, struct Settings *s, int *ret_line, const char **ret_what)
{
	config_t config;
	int r;

	*ret_line = 0;
	*ret_what = "@include";
	if (has_include(text))
		return 1;
	config_init(&config);
	r = config_read_string(&config, text) == CONFIG_TRUE ? 0 : 1;
	if (r) {
		*ret_line = config_error_line(&config);
		*ret_what = "syntax error";
	} else
		r = read_all(&config, s, ret_line, ret_what);
	config_destroy(&config);
	return r;
}

int settings_read(const char *path, struct Settings *s, char *ret_error, size_t size)
{
	_cleanup_stream_ FILE *f = fopen(path, "re");
	_cleanup_free_ char *text = calloc(1, MOST + 1);
	const char *what;
	int line;
	size_t n;

	if (!f)
		return -errno;
	if (!text)
		return -ENOMEM;
	n = fread(text, 1, MOST, f);
	if (ferror(f) || n == MOST)
		return ferror(f) ? -EIO : -E2BIG;
	if (strlen(text) == n && !settings_parse(text, s, &line, &what))
		return 0;
	snprintf(ret_error, size, "%s:%d: %s", path, strlen(text) == n ? line : 0,
	        strlen(text) == n ? what : "a NUL");
	return 1;
}
