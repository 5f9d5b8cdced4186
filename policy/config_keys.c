/* SPDX-License-Identifier: Apache-2.0 */
#include "config_keys.h"

#include "limits.h"
#include "str.h"

#define FILE_SYSTEMS "vfat exfat"
#define ROLES        "chief supervisor auditor clerk administrator"
#define MODES        "enforce observe"
#define NAMES        "clear masked hash" /* in the order of enum RecordNames */
#define ZONES        "managed handling other"
#define DAYS         "mon tue wed thu fri sat sun holiday"
#define THRESHOLDS   "numbers-per-copy files-per-copy copies-per-day"

/* clang-format off: a column for each member */
#define CODE_AND_NAME(code, title, file_, list_, what, later_)                                   \
	[code] = {"code", .file = file_, .type = VALUE_NAME, .within = list_, .required = true,  \
	        .later = later_, .most = LIMIT_CODE - 1, .help = what},                          \
	[title] = {"name", .file = file_, .type = VALUE_LINE, .within = list_, .required = true, \
	        .later = later_, .most = LIMIT_NAME - 1, .help = "its name for people"}
/* clang-format on */

const struct KeyRow config_keys[_SETTING_N] = {
        [SETTING_DOMAIN] = {"domain", CONFIG_TERMINAL, VALUE_NAME, .within = SETTING_TOP, .required = true,
                .most = LIMIT_DOMAIN - 1,
                .help = "the organisation's domain: the first part of the ledger's origin; as enrolled"},
        [SETTING_TERMINAL] = {"id", CONFIG_TERMINAL, VALUE_NAME, .within = SETTING_TOP, .required = true,
                .most = LIMIT_CODE - 1, .help = "this terminal's name in every record; as enrolled"},
        [SETTING_TERMINAL_SECTION] = {"section", CONFIG_TERMINAL, VALUE_NAME, .within = SETTING_TOP,
                .most = LIMIT_CODE - 1, .help = "the section that uses it"},
        [SETTING_ZONE] = {"zone", CONFIG_TERMINAL, VALUE_NAME, .within = SETTING_TOP, .most = LIMIT_CODE - 1,
                .choices = ZONES, .help = "the area it stands in: managed, handling, other"},

        [SETTING_PURPOSES] = {"purposes", CONFIG_POLICY, VALUE_GROUPS, .within = SETTING_TOP,
                .required = true, .most = LIMIT_ROWS, .help = "what media may be lent for"},
        CODE_AND_NAME(SETTING_PURPOSE_CODE, SETTING_PURPOSE_NAME, CONFIG_POLICY, SETTING_PURPOSES,
                "what is typed after --purpose", false),
        [SETTING_GROUNDS] = {"grounds", CONFIG_POLICY, VALUE_GROUPS, .within = SETTING_TOP, .required = true,
                .most = LIMIT_ROWS, .help = "the legal grounds a loan may rest on"},
        CODE_AND_NAME(SETTING_GROUND_CODE, SETTING_GROUND_NAME, CONFIG_POLICY, SETTING_GROUNDS,
                "what is typed after --ground", false),
        [SETTING_FILE_SYSTEMS] = {"file_systems", CONFIG_POLICY, VALUE_NAME, .list = true,
                .within = SETTING_TOP, .required = true, .most = 15, .choices = FILE_SYSTEMS,
                .help = "file systems that are mounted, tried in this order"},
        [SETTING_CHECKOUT_DAYS] = {"checkout_days", CONFIG_POLICY, VALUE_NUMBER, .within = SETTING_TOP,
                .required = true, .least = 1, .most = 366, .help = "the longest loan, in days"},
        [SETTING_OWN_PASSWORD] = {"own_password", CONFIG_POLICY, VALUE_FLAG, .within = SETTING_TOP,
                .preset = "true", .help = "people may give a password instead of having one made"},
        [SETTING_OWN_PASSWORD_LENGTH] = {"own_password_length", CONFIG_POLICY, VALUE_NUMBER,
                .within = SETTING_TOP, .least = 12, .most = 255, .preset = "20",
                .help = "the least length of such a password; it mixes three kinds of characters, or is "
                        "8 characters longer"},
        [SETTING_RECIPIENT_FILES] = {"recipient_files", CONFIG_POLICY, VALUE_FLAG, .within = SETTING_TOP,
                .preset = "true",
                .help = "a certificate's file may be given instead of a recipient of recipients.conf"},
        [SETTING_ISSUERS] = {"issuers", CONFIG_POLICY, VALUE_VKEY, .list = true, .within = SETTING_TOP,
                .most = LIMIT_VKEY - 1,
                .help = "label keys of other terminals, as `mediagate enrol` prints them: `get` honours their copies, "
                        "and a medium that is registered here too may carry their labels"},
        [SETTING_DUTIES] = {"duties", CONFIG_POLICY, VALUE_GROUPS, .within = SETTING_TOP, .later = true,
                .most = LIMIT_ROWS, .help = "the duties (事務) of this organisation"},
        CODE_AND_NAME(SETTING_DUTY_CODE, SETTING_DUTY_NAME, CONFIG_POLICY, SETTING_DUTIES,
                "what a person's duties name", true),
        [SETTING_USB_CLASSES] = {"usb_classes", CONFIG_POLICY, VALUE_CLASS, .list = true,
                .within = SETTING_TOP, .most = 12,
                .help = "USB classes let in beside audio, input, hub, smart card and video: 02, 07, 0a, e0, "
                        "or one product's by class:vendor:product (also fe and ff); in force with the next "
                        "`mediagate enforce on`"},
        [SETTING_MODE] = {"mode", CONFIG_POLICY, VALUE_NAME, .within = SETTING_TOP, .most = 7, .choices = MODES,
                .preset = "enforce",
                .help = "enforce; or observe: what is refused is recorded as refused and let in all the same, for a trial"},
        [SETTING_HOURS] = {"hours", CONFIG_POLICY, VALUE_GROUPS, .within = SETTING_TOP, .later = true,
                .most = LIMIT_ROWS, .help = "working hours, for the review of records"},
        [SETTING_HOURS_DAYS] = {"days", CONFIG_POLICY, VALUE_NAME, .list = true, .within = SETTING_HOURS,
                .required = true, .later = true, .most = 7, .choices = DAYS,
                .help = "the days these hours hold on"},
        [SETTING_HOURS_FROM] = {"from", CONFIG_POLICY, VALUE_TIME, .within = SETTING_HOURS, .required = true,
                .later = true, .most = 5, .help = "their beginning"},
        [SETTING_HOURS_UNTIL] = {"until", CONFIG_POLICY, VALUE_TIME, .within = SETTING_HOURS,
                .required = true, .later = true, .most = 5, .help = "their end, later than the beginning"},
        [SETTING_HOLIDAYS] = {"holidays", CONFIG_POLICY, VALUE_DATE, .list = true, .within = SETTING_TOP,
                .later = true, .most = 10, .help = "days off beside the weekend"},
        [SETTING_THRESHOLDS] = {"thresholds", CONFIG_POLICY, VALUE_GROUPS, .within = SETTING_TOP,
                .later = true, .most = LIMIT_ROWS,
                .help = "above which a copy needs a supervisor's approval or a second look"},
        [SETTING_THRESHOLD_CODE] = {"code", CONFIG_POLICY, VALUE_NAME, .within = SETTING_THRESHOLDS,
                .required = true, .later = true, .most = LIMIT_CODE - 1, .choices = THRESHOLDS,
                .help = "what is counted"},
        [SETTING_THRESHOLD_MOST] = {"most", CONFIG_POLICY, VALUE_NUMBER, .within = SETTING_THRESHOLDS,
                .required = true, .later = true, .least = 0, .most = 100000000,
                .help = "the most that passes"},
        [SETTING_RETENTION_YEARS] = {"retention_years", CONFIG_POLICY, VALUE_NUMBER, .within = SETTING_TOP,
                .least = 1, .most = 100, .preset = "for ever",
                .help = "how many years a year's ledger is kept after its end; `mediagate ledger drop` refuses before"},
        [SETTING_NAMES] = {"names", CONFIG_POLICY, VALUE_NAME, .within = SETTING_TOP, .most = 7,
                .choices = NAMES, .preset = "clear",
                .help = "how names of files stand in the records: clear; masked, a star for each character; or hash, a salted SHA-256"},

        [SETTING_PEOPLE] = {"people", CONFIG_ROSTER, VALUE_GROUPS, .within = SETTING_TOP, .required = true,
                .most = LIMIT_PEOPLE, .help = "everybody who may use mediagate here"},
        [SETTING_LOGIN] = {"login", CONFIG_ROSTER, VALUE_LOGIN, .within = SETTING_PEOPLE, .required = true,
                .most = LIMIT_LOGIN - 1, .help = "login name; an account of /etc/passwd"},
        [SETTING_NAME] = {"name", CONFIG_ROSTER, VALUE_LINE, .within = SETTING_PEOPLE, .required = true,
                .most = LIMIT_NAME - 1, .help = "the name that others see"},
        [SETTING_ROLES] = {"roles", CONFIG_ROSTER, VALUE_NAME, .list = true, .within = SETTING_PEOPLE,
                .required = true, .most = LIMIT_CODE - 1, .choices = ROLES,
                .help = "chief 総括責任者, supervisor 保護責任者, auditor 監査責任者, clerk 事務取扱担当者, "
                        "administrator システム管理者 (who has no other)"},
        [SETTING_SECTION] = {"section", CONFIG_ROSTER, VALUE_NAME, .within = SETTING_PEOPLE,
                .most = LIMIT_CODE - 1, .help = "the person's section"},
        [SETTING_VALID_UNTIL] = {"valid_until", CONFIG_ROSTER, VALUE_DATE, .within = SETTING_PEOPLE,
                .most = 10, .preset = "no end", .help = "the last day on which the roles hold"},
        [SETTING_TRAINING_UNTIL] = {"training_until", CONFIG_ROSTER, VALUE_DATE, .within = SETTING_PEOPLE,
                .later = true, .most = 10, .help = "the last day that the training counts for"},
        [SETTING_PERSON_DUTIES] = {"duties", CONFIG_ROSTER, VALUE_NAME, .list = true,
                .within = SETTING_PEOPLE, .later = true, .most = LIMIT_CODE - 1,
                .help = "codes of duties in policy.conf"},
        [SETTING_DEPUTIES] = {"deputies", CONFIG_ROSTER, VALUE_LOGIN, .list = true, .within = SETTING_PEOPLE,
                .later = true, .most = LIMIT_LOGIN - 1,
                .help = "logins of those who may act for this person"},

        [SETTING_RECIPIENTS] = {"recipients", CONFIG_RECIPIENTS, VALUE_GROUPS, .within = SETTING_TOP,
                .most = LIMIT_ROWS, .help = "whom copies may be encrypted for by certificate"},
        CODE_AND_NAME(SETTING_RECIPIENT_CODE, SETTING_RECIPIENT_NAME, CONFIG_RECIPIENTS, SETTING_RECIPIENTS,
                "what is typed after --recipient", false),
        [SETTING_CERTIFICATE] = {"certificate", CONFIG_RECIPIENTS, VALUE_PATH, .within = SETTING_RECIPIENTS,
                .required = true, .most = LIMIT_FILE_NAME - 1, .help = "path of the certificate (PEM)"},
};

static const char *const names[] = {
        [CONFIG_TERMINAL] = "terminal.conf",
        [CONFIG_POLICY] = "policy.conf",
        [CONFIG_ROSTER] = "roster.conf",
        [CONFIG_RECIPIENTS] = "recipients.conf",
};

static_assert(ARRAY_SIZE(names) == _CONFIG_FILE_N, "a name for each file");

const char *config_name(enum ConfigFile file)
{
	return names[file];
}

int config_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(names[i], name))
			return (int)i;
	return -ENOENT;
}

int config_key_find(enum ConfigFile file, int within, const char *name)
{
	for (int i = 0; i < _SETTING_N; i++)
		if (config_keys[i].file == file && config_keys[i].within == within &&
		        str_eq(config_keys[i].name, name))
			return i;
	return -ENOENT;
}

enum Setting config_key_identity(enum Setting list)
{
	return list + 1;
}
