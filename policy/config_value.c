/* SPDX-License-Identifier: Apache-2.0 */
#include "config_value.h"

#include "str.h"

#include <time.h>

#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define HEX    "0123456789abcdef"

/* Text against a pattern: 9 a digit, h a hex digit, anything else itself. */
static bool is_like(const char *text, const char *pattern)
{
	if (strlen(text) != strlen(pattern))
		return false;
	for (; *pattern; pattern++, text++) {
		const char *set = *pattern == '9' ? DIGITS : *pattern == 'h' ? HEX : NULL;

		if (set ? !strchr(set, *text) : *text != *pattern)
			return false;
	}
	return true;
}

static bool is_made_of(const char *text, const char *set)
{
	return strspn(text, set) == strlen(text);
}

static const char *name_wrong(const char *text)
{
	bool fine = strchr(UPPER LOWER DIGITS, text[0]) && is_made_of(text, UPPER LOWER DIGITS "._-");

	return fine ? NULL : "must be letters, digits and . _ - and begin with a letter or digit";
}

static const char *login_wrong(const char *text)
{
	bool fine = text[0] != '-' && is_made_of(text, UPPER LOWER DIGITS "._-@$");

	return fine ? NULL : "must be a login name: letters, digits and . _ - @ $";
}

static const char *line_wrong(const char *text)
{
	return str_is_line(text, strlen(text)) ? NULL : "must be one line without control characters";
}

static const char *path_wrong(const char *text)
{
	return text[0] == '/' && !line_wrong(text) ? NULL : "must be a whole path, from / on";
}

/* Years that nobody means are typing errors; below 1971 the end of a day could be the 0 of `no end`. */
static bool date_read(const char *text, struct tm *ret)
{
	struct tm t = {.tm_isdst = -1}, same;
	time_t when;

	if (!is_like(text, "9999-99-99") || !strptime(text, "%Y-%m-%d", &t) || t.tm_year < 100 ||
	        t.tm_year > 299)
		return false;
	same = t;
	when = timegm(&same);
	*ret = t;
	return when != -1 && same.tm_mday == t.tm_mday && same.tm_mon == t.tm_mon;
}

static const char *date_wrong(const char *text)
{
	struct tm t;

	return date_read(text, &t) ? NULL : "must be a day of the calendar such as \"2027-03-31\"";
}

int64_t value_day_end(const char *date)
{
	struct tm t;

	if (!date_read(date, &t))
		return 1; /* long over */
	t.tm_mday++;
	t.tm_isdst = -1;
	return (int64_t)mktime(&t) * 1000;
}

static const char *time_wrong(const char *text)
{
	bool fine = is_like(text, "99:99") && strcmp(text, "24:00") <= 0 && text[3] < '6';

	return fine ? NULL : "must be a time of day such as \"08:30\"";
}

/* <domain>/mediagate/<terminal>/label+<hash: 8 hex digits>+<base64 of an Ed25519 key and its type: 33 bytes>
 */
static const char *vkey_wrong(const char *text)
{
	static const char middle[] = "/mediagate/", end[] = "/label";
	size_t domain = strcspn(text, "/"), terminal;
	const char *p = text + domain;
	bool fine = domain > 0 && !strncmp(p, middle, strlen(middle));

	p += fine ? strlen(middle) : 0;
	terminal = strcspn(p, "/");
	p += terminal;
	fine = fine && terminal > 0 && !strncmp(p, end, strlen(end)) &&
	       strspn(text, UPPER LOWER DIGITS "._-/") == (size_t)(p - text) + strlen(end);
	p += fine ? strlen(end) : 0;
	fine = fine && p[0] == '+' && strspn(p + 1, HEX) == 8 && p[9] == '+' && strlen(p + 10) == 44 &&
	       is_made_of(p + 10, UPPER LOWER DIGITS "+/") && p[10] == 'A';
	return fine ? NULL
	            : "must be a label key as `mediagate enrol` prints it: DOMAIN/mediagate/TERMINAL/label+…";
}

static const char *class_wrong(const char *text)
{
	static const char open[] = "02 07 0a e0", by_device[] = "fe ff";
	char class[3] = "";
	bool whole = is_like(text, "hh"), device = is_like(text, "hh:hhhh:hhhh");

	if (whole || device)
		memcpy(class, text, 2);
	if ((whole || device) && strstr(open, class))
		return NULL;
	if (device && strstr(by_device, class))
		return NULL;
	return "must be 02, 07, 0a or e0, or one device as in \"ff:1234:5678\"";
}

struct UsbClass value_usb_class(const char *text)
{
	unsigned int class = 0, vendor = 0, product = 0;
	int n = sscanf(text, "%2x:%4x:%4x", &class, &vendor, &product);

	return (struct UsbClass){.class = (uint8_t) class,
	        .by_product = n == 3,
	        .vendor = (uint16_t)vendor,
	        .product = (uint16_t)product};
}

typedef const char *(*TextWrong)(const char *text);

static const TextWrong texts[] = {
        [VALUE_NAME] = name_wrong,
        [VALUE_LOGIN] = login_wrong,
        [VALUE_LINE] = line_wrong,
        [VALUE_PATH] = path_wrong,
        [VALUE_DATE] = date_wrong,
        [VALUE_TIME] = time_wrong,
        [VALUE_VKEY] = vkey_wrong,
        [VALUE_CLASS] = class_wrong,
};

const char *value_wrong(const struct KeyRow *key, const struct Node *value)
{
	if (key->type == VALUE_NUMBER)
		return value->type == NODE_NUMBER ? NULL : "must be a whole number";
	if (key->type == VALUE_FLAG)
		return value->type == NODE_FLAG ? NULL : "must be true or false";
	if (value->type != NODE_TEXT)
		return "must be text in quotes";
	if (!value->text[0])
		return "must not be empty";
	return texts[key->type](value->text);
}
