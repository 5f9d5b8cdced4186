#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Judges the rules of the review by made-up years: how many of the planted acts they find, and how much else they tell.

    judge.py BUILD SEED [--config FILE] [--most 2] [--verbose]

A plant is found when a hit names one of its telling records. A hit that names no record of any plant is a false one;
they are counted for each terminal and month. Exit status 1: a plant was missed, or the false ones are more than --most
a terminal and month."""
import argparse
import collections
import datetime
import json
import os
import pwd
import sqlite3
import subprocess
import sys
import tempfile

RULES = {1: "hours", 2: "terminal", 3: "right", 4: "unusual", 5: "again", 6: "rise"}
SHIFT = 36  # console/lib/query.h: a record's id holds its ledger and its number


def run(*argv):
    done = subprocess.run(argv, stdout=subprocess.DEVNULL, timeout=900)
    if done.returncode:
        sys.exit(f"{argv[0]}: status {done.returncode}")


def hits_of(data):
    db = sqlite3.connect(f"file:{data}/ledgers.db?mode=ro", uri=True)
    ledgers = {i: (terminal, year) for i, terminal, year in db.execute("SELECT id, terminal, year FROM ledgers")}
    hits = {}
    for row in db.execute("SELECT id, rule, day, actor, terminal, thing, count, usual FROM hits ORDER BY day, id"):
        hits[row[0]] = dict(zip(("id", "rule", "day", "actor", "terminal", "thing", "count", "usual"), row), records=set())
    for hit, record in db.execute("SELECT hit, record FROM hit_records"):
        hits[hit]["records"].add(ledgers[record >> SHIFT] + (record & ((1 << SHIFT) - 1),))
    return list(hits.values())


def month(day):
    return (datetime.date(1970, 1, 1) + datetime.timedelta(day)).strftime("%Y-%m")


def show(hit):
    day = datetime.date(1970, 1, 1) + datetime.timedelta(hit["day"])
    return f'{day:%Y-%m-%d %a} {RULES[hit["rule"]]} {hit["actor"]} {hit["terminal"]} {hit["thing"]} {hit["count"]}/{hit["usual"]}'


def keys(plant, name):
    return {(plant["terminal"], plant["year"], n) for n in plant[name]}


def judge(plants, hits, verbose):
    told = set().union(*(h["records"] for h in hits)) if hits else set()
    planted = set().union(*(keys(p, "records") | keys(p, "telling") for p in plants))
    missed = [p for p in plants if not keys(p, "telling") & told]
    false = [h for h in hits if not h["records"] & planted]
    by = collections.Counter(RULES[h["rule"]] for h in false)
    places = collections.Counter((h["terminal"], month(h["day"])) for h in false)
    for p in missed:
        print(f'missed: {p["kind"]} {p["form"]} {p["strength"]} {p.get("who")} {p["terminal"]} {p["from"]} telling {len(p["telling"])}')
    if verbose:
        for h in false:
            print("false:", show(h))
    return missed, by, places


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("seed", type=int)
    parser.add_argument("--terminals", type=int, default=40)
    parser.add_argument("--most", type=int, default=2)
    parser.add_argument("--config", action="append", default=[], help="a line of console.conf")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--keep", help="a folder for the year and the data, used again when it is there")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = args.keep or folder
        year, plants, office, data = (f"{folder}/{n}" for n in ("year", "plants", "office", "data"))
        os.makedirs(folder, exist_ok=True)
        if not os.path.exists(plants):
            run(f"{args.build}/bin/ledger_year", "--out", year, "--terminals", str(args.terminals), "--seed", str(args.seed),
                "--plant", plants, "--office", office)
        with open(office) as f:
            openings = sorted({o["day"] for o in json.load(f)["openings"]})
        with open(f"{folder}/console.conf", "w") as f:
            f.write("\n".join(args.config + [f"review_open_days = \"{' '.join(openings)}\";"]) + "\n")
        run(f"{args.build}/bin/mediagate-console", "import", "--quiet", "--user", pwd.getpwuid(os.getuid()).pw_name, "--libexec", f"{args.build}/bin", "--data", data, "--config",
            f"{folder}/console.conf", year)
        with open(plants) as f:
            plants = json.load(f)["plants"]
        hits = hits_of(data)
        missed, by, places = judge(plants, hits, args.verbose)
    worst = places.most_common(1)
    print(f"seed {args.seed}: {len(plants) - len(missed)} of {len(plants)} planted found; {len(hits)} hits, {sum(by.values())} false",
          f"({', '.join(f'{k} {v}' for k, v in sorted(by.items()))});",
          f"{sum(by.values()) / args.terminals / 12:.2f} a terminal and month, at most {worst[0][1] if worst else 0}, above {args.most} in",
          f"{sum(n > args.most for n in places.values())} of {args.terminals * 12}")
    sys.exit(bool(missed) or sum(by.values()) > args.most * args.terminals * 12)


if __name__ == "__main__":
    main()
