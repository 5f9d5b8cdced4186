#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the first inputs of fuzz_web_request and fuzz_web_site: what browsers send, one of each mistake; each page."""
import pathlib
import re

corpus = pathlib.Path(__file__).parent / "corpus" / "web_request"
seeds = {
    "page": (b"/history?person=%E5%B1%B1%E7%94%B0&from=2026-04-01&page=2", b"mediagate=0123; lang=ja",
             b"ja-JP,ja;q=0.9,en;q=0.8", b""),
    "form": (b"/sign-in", b"before=00", b"en", b"login=auditor1&password=a%26b+c&csrf=00ff"),
    "area": (b"/", b"", b"", b"note=%E8%A1%8C%0D%0Atwo"),
    "bad-escape": (b"/?a=%4", b"", b"", b""), "bad-nul": (b"/?a=%00", b"", b"", b""),
    "bad-twice": (b"/?a=1&a=2", b"", b"", b""), "bad-utf8": (b"/?a=%c0%af", b"\xff", b"\xff", b"%ff"),
    "traversal": (b"/../../etc/passwd", b"", b"", b""), "cookies": (b"/", b"a;b=;=c;d=e=f;;a=2", b"*;q=1", b""),
    "weights": (b"/", b"", b"en;q=0.0001,ja;q=9,;q=,fr", b""),
}
corpus.mkdir(parents=True, exist_ok=True)
for name, parts in seeds.items():
    (corpus / name).write_bytes(b"\0".join(parts))

site = corpus.parent / "web_site"
site.mkdir(exist_ok=True)
COOKIE = b"mediagate=s"
rows = bytes(range(7, 250)) + b"\x60<script>\"'&\xe2\x80\xae.exe " * 60
pages = ["/", "/media", "/checkouts?state=all", "/history?actor=a&from=2026-01-01", "/terminals", "/terminal?id=T", "/people",
         "/record?id=5", "/record/line?id=5", "/record/proof?id=5", "/reports", "/report/media", "/report/carry-out?year=2026",
         "/me", "/sign-in?next=%2F", "/link/x", "/nope", "/api/v1/history?limit=2", "/csv/media", "/?lang=ja&x=%3Cb%3E"]
posts = ["/sign-in", "/sign-out", "/link", "/people/add", "/people/change", "/me/password"]
# every other address of the site's table, and each question for programs with all of its parameters
TOP = pathlib.Path(__file__).parents[2]
for path, method in re.findall(r'\{"(/[^"]*)",\s*REQUEST_(GET|POST)', (TOP / "console/web/routes.c").read_text()):
    known = pages if method == "GET" else posts
    if not any(k.split("?")[0] == path for k in known):
        known.append(path)
header = (TOP / "console/lib/query.h").read_text()
for name, query in re.findall(r'\{"([a-z-]+)", QUERY_(\w+)\}', (TOP / "console/web/data.c").read_text()):
    named = re.findall(rf'\bP\({query}, \w+, "(\w+)", CELL_(\w+)\)', header)
    pages.append(f"/api/v1/{name}?limit=3" + "".join(f"&{n}={7 if kind == 'NUMBER' else '%3Ca'}" for n, kind in named))
form = b"csrf=c&login=a%3Cb&password=b&next=%2F&name=%22n&role=auditor&do=close&old=a&new=b&again=b&link=l"
for i, page in enumerate(pages):
    (site / f"get-{i:02d}").write_bytes(b"\0".join((page.encode(), COOKIE, b"", b"\x03" + rows)))
(site / "link-bytes").write_bytes(b"/link/\xff\x01\0\0\0\x01" + rows)
for i, page in enumerate(posts):
    (site / f"post-{i}").write_bytes(b"\0".join((page.encode(), COOKIE, form, b"\x01" + rows)))
