#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The journal's catalog (journalctl -x) from the table of kinds and the translations: make.py FOLDER"""
import hashlib
import json
import pathlib
import re
import sys
import uuid

TOP = pathlib.Path(__file__).resolve().parents[2]
FILES = {"": "mediagate.catalog", "ja": "mediagate.ja.catalog"}

BODY = {
    "": ["Record @MEDIAGATE_N@ of @MEDIAGATE_ORIGIN@: kind @MEDIAGATE_KIND@, result @MEDIAGATE_RESULT@.",
         "This entry is a copy. What proves it is the ledger: mediagate verify; mediagate proof @MEDIAGATE_N@"],
    "ja": ["記録簿 @MEDIAGATE_ORIGIN@ の記録 @MEDIAGATE_N@ です(種別 @MEDIAGATE_KIND@、結果 @MEDIAGATE_RESULT@)。",
           "これは写しです。証拠となるのは記録簿です: mediagate verify、mediagate proof @MEDIAGATE_N@"],
}
# what to do, where something is to be done
ADVICE = {
    "tamper": ("Somebody or something went round the gate. Find out who, and look at the terminal.",
               "管理を迂回する操作がありました。操作者を確かめ、端末を点検してください。"),
    "helper": ("A part of the agent failed; the gate was closed until it was back. If it happens again: mediagate doctor",
               "エージェントの一部が停止し、復旧まで媒体の利用を止めました。繰り返す場合: mediagate doctor"),
    "flood": ("Many refusals of one person in a short time. Ask what they tried to do.",
              "短い時間に、同じ職員の操作が多数拒否されました。本人に事情を確認してください。"),
    "clock": ("The clock was set, or the time zone changed. Compare the time with another clock.",
              "時計またはタイムゾーンが変更されました。ほかの時計と見比べてください。"),
    "overdue": ("A checkout ran out and was closed. Have the medium returned: mediagate return",
                "貸出しの期限が過ぎ、利用を止めました。媒体を返却させてください: mediagate return"),
    "residue": ("A file that mediagate did not write was found at a return. Ask where it came from.",
                "返却時に、mediagate によらない書込みが見つかりました。経緯を確認してください。"),
    "recovered": ("The agent ended without notice, and what was left was taken over. If it was no power cut, find out why.",
                  "エージェントが予告なく終了し、残った記録を引き継ぎました。停電でなければ原因を確認してください。"),
}


def message_id(kind):
    """docs/ledger.md, section 12"""
    return uuid.UUID(bytes=hashlib.sha256(f"mediagate/journal/v1\n{kind}\n".encode()).digest()[:16], version=4).hex


def kinds():
    table = (TOP / "include/record.h").read_text().split("#define RECORD_KINDS(X)")[1].split("\n\n")[0]
    return re.findall(r'X\(\w+, "([\w-]+)", "([^"]+)"\)', table)


def translations():
    def text(block):
        return "".join(json.loads(x) for x in re.findall(r'"(?:[^"\\]|\\.)*"', block))

    found = re.findall(r'^msgid ((?:"(?:[^"\\]|\\.)*"\n)+)msgstr ((?:"(?:[^"\\]|\\.)*"\n?)+)', (TOP / "po/ja.po").read_text(), re.M)
    return {text(a): text(b) for a, b in found}


def catalog(language):
    japanese = translations() if language else {}
    out = ["# SPDX-License-Identifier: Apache-2.0", "# Made by make.py from include/record.h.", ""]
    for kind, people in kinds():
        out += [f"-- {message_id(kind)}",
                f"Subject: {japanese.get(people) or people}",
                "Defined-By: mediagate", "Documentation: man:mediagate(1)", ""]
        out += BODY[language]
        if kind in ADVICE:
            out += ["", ADVICE[kind][bool(language)]]
        out.append("")
    return "\n".join(out)


def main(folder):
    for language, name in FILES.items():
        (pathlib.Path(folder) / name).write_text(catalog(language))


if __name__ == "__main__":
    main(sys.argv[1])
