#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes one configuration file for each mistake, and expected.txt: what is said about it.

A file is named CLAIM.KIND.conf; its text is a right one with one thing changed. In expected.txt the
mistakes of a file follow its name, each behind a tab.
"""
import pathlib

here = pathlib.Path(__file__).parent

TERMINAL = """\
# この端末
domain = "example.lg.jp";
id = "T001";
section = "zeimu";
zone = "handling";
"""
POLICY = """\
purposes = (
  { code = "submission"; name = "提出"; },
  { code = "delivery"; name = "引渡し"; }
);
grounds = ( { code = "law"; name = "番号法"; } );
file_systems = [ "vfat", "exfat" ];
checkout_days = 31;
own_password = true;
own_password_length = 20;
issuers = [ "example.lg.jp/mediagate/T002/label+0123abcd+AUtQWlTGVnWUGjPjMfMxmwRMMD0Cm5HZ9QTVkt8ksDQz" ];
usb_classes = [ "07", "ff:1234:abcd" ];
hours = ( { days = [ "mon", "fri" ]; from = "08:30"; until = "17:15"; } );
holidays = [ "2026-11-23" ];
thresholds = ( { code = "numbers-per-copy"; most = 100; } );
retention_years = 7;
"""
ROSTER = """\
people = (
  { login = "supervisor1"; name = "佐藤 花子"; roles = [ "supervisor" ]; section = "zeimu";
    deputies = [ "supervisor2" ]; },
  { login = "supervisor2"; name = "鈴木 一郎"; roles = [ "supervisor", "clerk" ]; },
  { login = "clerk1"; name = "田中 真理"; roles = [ "clerk" ]; valid_until = "2027-03-31";
    training_until = "2027-06-30"; duties = [ "tax" ]; },
  { login = "root"; name = "システム"; roles = [ "administrator" ]; }
);
"""
RECIPIENTS = """\
recipients = (
  { code = "nenkin"; name = "年金事務所"; certificate = "/etc/mediagate/recipients/nenkin.pem"; }
);
"""
TEXTS = {"terminal": TERMINAL, "policy": POLICY, "roster": ROSTER, "recipients": RECIPIENTS}

CODE = "must be letters, digits and . _ - and begin with a letter or digit"
SYNTAX = "syntax error; look for a missing ; , = quote or bracket here or before"
ISSUER = "issuers must be a label key as `mediagate enrol` prints it: DOMAIN/mediagate/TERMINAL/label+…"
CLASS = 'usb_classes must be 02, 07, 0a or e0, or one device as in "ff:1234:5678"'
KEY_END = "AUtQWlTGVnWUGjPjMfMxmwRMMD0Cm5HZ9QTVkt8ksDQz"

# claim, kind, what is replaced, by what, the mistakes as LINE: TEXT
MISTAKES = [
    *(("nothing-is-wrong", kind, "", "", []) for kind in TEXTS),
    # the text
    ("an-equals-sign-is-missing", "terminal", 'id = "T001"', 'id "T001"', ["3: " + SYNTAX]),
    ("a-quote-is-missing", "terminal", '"zeimu"', '"zeimu', ["4: a text has no closing quote on its line; add it"]),
    ("a-comment-has-no-end", "terminal", "section", "/* section", ["4: a comment has no end; close it"]),
    ("the-file-ends-too-early", "policy", "thresholds = (", "thresholds = (\n#", ["16: " + SYNTAX]),
    ("a-bracket-is-missing", "policy", '"提出"; }', '"提出";', ["2: " + SYNTAX]),
    ("a-key-is-there-twice", "terminal", 'zone = "handling"', 'id = "T002"',
     ["5: a key is there twice; remove one"]),
    ("values-of-two-types-in-a-list", "policy", '"exfat" ]', "7 ]",
     ["6: values of different types in one list; make them alike"]),
    ("brackets-are-nested-too-deeply", "policy", "retention_years = 7",
     "retention_years = " + "(" * 10 + ")" * 10,
     ["1: brackets are nested too deeply; the files need four levels"]),
    ("brackets-without-an-end", "policy", "retention_years = 7", "retention_years = " + "(" * 20000,
     ["15: brackets are nested too deeply; close them"]),
    ("the-file-is-not-utf-8", "terminal", "この端末".encode(), "この端末".encode("shift_jis"),
     ["1: the line is not UTF-8; save the file as UTF-8"]),
    ("a-control-character-in-a-comment", "terminal", "この", "\x1b[2Jこの",
     ["1: the line has a control character; remove it"]),
    ("a-nul-byte", "terminal", '"zeimu"', '"zei\0mu"', ["4: the line has a control character; remove it"]),
    ("a-nul-by-escape", "terminal", '"zeimu"', '"zei\\x00mu"', ["4: the byte x00 cannot be part of a text; remove it"]),
    ("an-include", "roster", "people", '@include "/etc/shadow"\npeople',
     ["1: @include is not allowed; write it into this file"]),
    ("an-include-behind-blanks", "roster", "people", ' \t@include "/etc/shadow"\npeople',
     ["1: @include is not allowed; write it into this file"]),
    ("an-include-that-looks-like-a-comment", "roster", "people", '/* "*/\n@include "/etc/shadow" /*"*/\npeople',
     ["2: @include is not allowed; write it into this file"]),
    ("the-file-is-empty", "terminal", TERMINAL, "", ["1: domain is missing; add it", "1: id is missing; add it"]),
    # keys
    ("an-unknown-key", "terminal", "section", "sektion",
     ['4: unknown key "sektion"; remove it or correct its spelling']),
    ("an-unknown-key-of-a-person", "roster", "valid_until", "valid_till",
     ['5: unknown key "valid_till"; remove it or correct its spelling']),
    ("a-key-of-another-file", "terminal", "zone = ", "checkout_days = 3; zone = ",
     ['5: unknown key "checkout_days"; remove it or correct its spelling']),
    ("a-key-of-a-group-at-the-top", "roster", "people", 'login = "clerk1";\npeople',
     ['1: unknown key "login"; remove it or correct its spelling']),
    ("the-domain-is-missing", "terminal", 'domain = "example.lg.jp";', "", ["1: domain is missing; add it"]),
    ("the-people-are-missing", "roster", ROSTER, "# nobody\n", ["1: people is missing; add it"]),
    ("a-login-is-missing", "roster", 'login = "clerk1"; ', "", ["5: login is missing; add it"]),
    ("the-roles-are-missing", "roster", 'roles = [ "clerk" ]; ', "", ["5: roles is missing; add it"]),
    ("a-name-is-missing", "policy", ' name = "番号法";', "", ["5: name is missing; add it"]),
    ("a-certificate-is-missing", "recipients", ' certificate = "/etc/mediagate/recipients/nenkin.pem";', "",
     ["2: certificate is missing; add it"]),
    ("the-loan-length-is-missing", "policy", "checkout_days = 31;", "", ["1: checkout_days is missing; add it"]),
    # types
    ("a-number-for-a-text", "terminal", '"T001"', "1", ["3: id must be text in quotes"]),
    ("a-text-for-a-number", "policy", "checkout_days = 31", 'checkout_days = "31"',
     ["7: checkout_days must be a whole number"]),
    ("a-fraction-for-a-number", "policy", "checkout_days = 31", "checkout_days = 31.5",
     ["7: checkout_days must be a whole number"]),
    ("a-text-for-a-flag", "policy", "own_password = true", 'own_password = "yes"',
     ["8: own_password must be true or false"]),
    ("a-text-for-a-list", "policy", '[ "vfat", "exfat" ]', '"vfat"',
     ['6: file_systems must be a list such as [ "…", "…" ]']),
    ("a-group-for-a-list-of-groups", "roster", ROSTER, 'people = { login = "clerk1"; };\n',
     ["1: people must be a list of groups: ( { … }, { … } )"]),
    ("texts-for-groups", "policy", '( { code = "law"; name = "番号法"; } )', '( "law" )',
     ["5: grounds must hold groups: ( { … }, { … } )"]),
    ("a-number-in-a-list-of-texts", "roster", 'duties = [ "tax" ]', "duties = [ 3 ]",
     ["6: duties must be text in quotes"]),
    ("a-group-in-a-list-of-texts", "policy", '[ "vfat", "exfat" ]', '( "vfat", { x = 1; } )',
     ["6: file_systems must be text in quotes"]),
    # values
    ("an-empty-text", "terminal", '"zeimu"', '""', ["4: section must not be empty"]),
    ("an-empty-list", "policy", '[ "vfat", "exfat" ]', "[ ]", ["6: file_systems must not be empty"]),
    ("no-people", "roster", ROSTER, "people = ( );\n", ["1: people must not be empty"]),
    ("no-role", "roster", 'roles = [ "clerk" ]', "roles = [ ]", ["5: roles must not be empty"]),
    ("a-terminal-with-a-slash", "terminal", '"T001"', '"../T001"', ["3: id " + CODE]),
    ("a-terminal-with-a-comma", "terminal", '"T001"', '"T001,T002"', ["3: id " + CODE]),
    ("a-domain-with-a-plus", "terminal", '"example.lg.jp"', '"example.lg.jp+x"', ["2: domain " + CODE]),
    ("a-code-with-a-blank", "policy", '"law"', '"the law"', ["5: code " + CODE]),
    ("a-code-in-japanese", "policy", '"law"', '"法令"', ["5: code " + CODE]),
    ("a-login-that-looks-like-an-option", "roster", '"clerk1"', '"-clerk1"',
     ["5: login must be a login name: letters, digits and . _ - @ $"]),
    ("a-login-with-a-blank", "roster", '"clerk1"', '"clerk 1"',
     ["5: login must be a login name: letters, digits and . _ - @ $"]),
    ("a-name-with-a-newline", "roster", '"田中 真理"', '"田中\\n真理"',
     ["5: name must be one line without control characters"]),
    ("a-name-over-two-lines", "roster", '"田中 真理"', '"田中\n真理"',
     ["5: a text has no closing quote on its line; add it"]),
    ("a-name-with-an-escape-sequence", "roster", '"田中 真理"', '"\\x1b[2J"',
     ["5: name must be one line without control characters"]),
    ("a-name-that-is-not-utf-8-by-escape", "roster", '"田中 真理"', '"\\xff"',
     ["5: name must be one line without control characters"]),
    ("a-name-that-is-too-long", "roster", "田中 真理", "田" * 43, ["5: name is longer than 128 bytes; shorten it"]),
    ("a-terminal-that-is-too-long", "terminal", "T001", "T" * 33, ["3: id is longer than 32 bytes; shorten it"]),
    ("an-unknown-zone", "terminal", '"handling"', '"hall"',
     ['5: zone does not know "hall"; choose from: managed handling other']),
    ("an-unknown-role", "roster", '[ "clerk" ]', '[ "clark" ]',
     ['5: roles does not know "clark"; choose from: chief supervisor auditor clerk administrator']),
    ("two-roles-in-one-text", "roster", '[ "clerk" ]', '[ "supervisor clerk" ]',
     ['5: roles does not know "supervisor clerk"; choose from: chief supervisor auditor clerk administrator']),
    ("an-unknown-file-system", "policy", '"exfat" ]', '"ext4" ]',
     ['6: file_systems does not know "ext4"; choose from: vfat exfat']),
    ("an-unknown-mode", "policy", "own_password = true", 'mode = "watch"',
     ['8: mode does not know "watch"; choose from: enforce observe']),
    ("an-unknown-threshold", "policy", "numbers-per-copy", "numbers",
     ['14: code does not know "numbers"; choose from: numbers-per-copy files-per-copy copies-per-day']),
    ("an-unknown-day", "policy", '"fri"', '"kin"',
     ['12: days does not know "kin"; choose from: mon tue wed thu fri sat sun holiday']),
    ("no-days-to-lend", "policy", "checkout_days = 31", "checkout_days = 0",
     ["7: checkout_days must be from 1 to 366"]),
    ("less-than-no-days", "policy", "checkout_days = 31", "checkout_days = -1",
     ["7: checkout_days must be from 1 to 366"]),
    ("more-days-than-a-year", "policy", "checkout_days = 31", "checkout_days = 367",
     ["7: checkout_days must be from 1 to 366"]),
    ("a-number-beyond-32-bits", "policy", "checkout_days = 31", "checkout_days = 4294967327",
     ["7: the number is too large; mend it"]),
    ("a-hex-number-beyond-32-bits", "policy", "checkout_days = 31", "checkout_days = 0x10000001F",
     ["7: the number is too large; mend it"]),
    ("a-negative-number-beyond-32-bits", "policy", "checkout_days = 31", "checkout_days = -4294967265",
     ["7: the number is too large; mend it"]),
    ("a-password-length-that-is-too-short", "policy", "own_password_length = 20", "own_password_length = 11",
     ["9: own_password_length must be from 12 to 255"]),
    ("a-day-that-is-none", "roster", "2027-03-31", "2027-02-29",
     ['5: valid_until must be a day of the calendar such as "2027-03-31"']),
    ("a-day-in-another-form", "roster", "2027-03-31", "2027-3-31",
     ['5: valid_until must be a day of the calendar such as "2027-03-31"']),
    ("a-day-in-a-japanese-era", "roster", "2027-03-31", "R09-03-31",
     ['5: valid_until must be a day of the calendar such as "2027-03-31"']),
    ("a-day-that-would-mean-no-end", "roster", "2027-03-31", "1969-12-31",
     ['5: valid_until must be a day of the calendar such as "2027-03-31"']),
    ("a-holiday-that-is-none", "policy", "2026-11-23", "2026-11-31",
     ['13: holidays must be a day of the calendar such as "2027-03-31"']),
    ("an-hour-that-is-none", "policy", "17:15", "24:15", ['12: until must be a time of day such as "08:30"']),
    ("a-minute-that-is-none", "policy", "08:30", "08:60", ['12: from must be a time of day such as "08:30"']),
    ("hours-that-end-before-they-begin", "policy", "17:15", "08:30",
     ["12: the hours end before they begin; mend from or until"]),
    ("a-usb-class-that-stays-closed", "policy", '"07"', '"08"', ["11: " + CLASS]),
    ("vendor-class-without-a-device", "policy", '"07"', '"ff"', ["11: " + CLASS]),
    ("a-usb-class-in-capitals", "policy", '"07"', '"E0"', ["11: " + CLASS]),
    ("an-issuer-that-is-no-label-key", "policy", "T002/label", "T002/2026", ["10: " + ISSUER]),
    ("an-issuer-without-a-hash", "policy", "+0123abcd", "+0123abc", ["10: " + ISSUER]),
    ("an-issuer-that-is-cut", "policy", KEY_END, KEY_END[:-1], ["10: " + ISSUER]),
    ("an-issuer-of-another-algorithm", "policy", KEY_END, "B" + KEY_END[1:], ["10: " + ISSUER]),
    ("a-certificate-without-a-whole-path", "recipients", "/etc/mediagate/recipients/", "",
     ["2: certificate must be a whole path, from / on"]),
    # what belongs together
    ("a-login-is-there-twice", "roster", '"supervisor2"; name', '"supervisor1"; name',
     ['3: deputy "supervisor2" is not on this roster; add the person or mend the name',
      '4: login "supervisor1" is there twice; remove one']),
    ("a-purpose-is-there-twice", "policy", '"delivery"', '"submission"',
     ['3: code "submission" is there twice; remove one']),
    ("a-recipient-is-there-twice", "recipients", "\n);",
     ',\n  { code = "nenkin"; name = "別"; certificate = "/x.pem"; }\n);',
     ['3: code "nenkin" is there twice; remove one']),
    ("a-role-is-there-twice", "roster", '[ "clerk" ]', '[ "clerk", "clerk" ]',
     ['5: roles names "clerk" twice; remove one']),
    ("a-file-system-is-there-twice", "policy", '"exfat"', '"vfat"', ['6: file_systems names "vfat" twice; remove one']),
    ("an-administrator-with-another-role", "roster", '[ "administrator" ]', '[ "administrator", "supervisor" ]',
     ["7: root: an administrator has no other role; use two accounts"]),
    ("a-deputy-of-oneself", "roster", '[ "supervisor2" ]', '[ "supervisor1" ]',
     ["3: supervisor1 cannot be their own deputy"]),
    ("a-deputy-who-is-not-there", "roster", '[ "supervisor2" ]', '[ "supervisor3" ]',
     ['3: deputy "supervisor3" is not on this roster; add the person or mend the name']),
    ("more-purposes-than-there-is-room-for", "policy",
     '  { code = "submission"; name = "提出"; },\n  { code = "delivery"; name = "引渡し"; }\n',
     ",\n".join(f'{{ code = "p{i}"; name = "n"; }}' for i in range(257)) + "\n",
     ["1: purposes has more than 256 groups"]),
    ("more-people-than-there-is-room-for", "roster", ROSTER,
     "people = (\n" + ",\n".join(f'{{ login = "u{i}"; name = "n"; roles = [ "clerk" ]; }}' for i in range(513)) + "\n);\n",
     ["1: people has more than 512 groups"]),
    ("more-issuers-than-there-is-room-for", "policy", "holidays = [ \"2026-11-23\" ]",
     "holidays = [ " + ", ".join(['"2026-11-23"'] * 257) + " ]", ["13: holidays has more than 256 values"]),
    # several in one file, all of them said
    ("four-mistakes", "roster", ROSTER,
     ROSTER.replace("clerk1", "clerk 1").replace("2027-03-31", "2027").replace('"supervisor"', '"boss"')
     .replace("システム", "\\x07"),
     ['2: roles does not know "boss"; choose from: chief supervisor auditor clerk administrator',
      '4: roles does not know "boss"; choose from: chief supervisor auditor clerk administrator',
      "5: login must be a login name: letters, digits and . _ - @ $",
      '5: valid_until must be a day of the calendar such as "2027-03-31"',
      "7: name must be one line without control characters"]),
]


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode()


def main():
    for old in here.glob("*.conf"):
        old.unlink()
    lines, names = [], set()
    for claim, kind, old, new, mistakes in sorted(MISTAKES):
        text, old, new = as_bytes(TEXTS[kind]), as_bytes(old), as_bytes(new)
        name = f"{claim}.{kind}.conf"
        assert name not in names and old in text and (old != new or not mistakes), name
        names.add(name)
        (here / name).write_bytes(text.replace(old, new) if old else text)
        lines += [name] + [f"\t{kind}.conf:{x}" for x in mistakes]
    (here / "expected.txt").write_text("\n".join(lines) + "\n")
    print(f"{len(names)} files")


if __name__ == "__main__":
    main()
