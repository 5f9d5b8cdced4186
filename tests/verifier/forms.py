# SPDX-License-Identifier: Apache-2.0
"""What a line, a note and a change of key may look like: (name, ledger, expected, bad record or None), all signed."""
import base64

import ledgers
from ledgers import ORIGIN, Signer, line, rekey_line, sign

US = Signer(ORIGIN, "ledger")
FIRST = line(0, "start", result="done", detail={"boot_time": 1})
HEAD = b'{"n":1,"t":"2026-11-26T08:00:00.000+09:00","kind":"list","terminal":"SIN-07"'


def record(members):
    return HEAD + b"," + members + b"}"


def detail(value):
    return record(b'"detail":' + value)


def nested(depth, brackets=b"{}"):
    """detail nested so deep, itself counted."""
    inner = brackets
    for _ in range(depth - 2):
        inner = b'{"a":' + inner + b"}" if brackets == b"{}" else b"[" + inner + b"]"
    return b'{"a":' + inner + b"}"


def members(count):
    return b"{" + b",".join(b'"m%d":%d' % (i, i) for i in range(count)) + b"}"


def padded(size):
    """A record whose line has so many bytes."""
    empty = detail(b'{"p":""}')
    return detail(b'{"p":"' + b"x" * (size - len(empty)) + b'"}')


def time(text):
    return HEAD.replace(b"2026-11-26T08:00:00.000+09:00", text) + b"}"


GOOD_LINES = {
    "only the keys that must be there": HEAD + b"}",
    "every key": line(1, actor="a", role="clerk", for_="b", medium="M-1", checkout="c", result="refused",
                      reason="composite", numbers=0, detail={}),
    "an unknown kind": line(1, "moon-landing"),
    "an unknown reason": line(1, result="refused", reason="not-yet-thought-of"),
    "an unknown name in detail": detail(b'{"colour":"red"}'),
    "each result": record(b'"result":"failed"'),
    "every escape": detail(rb'{"a":"\"\\\/\b\f\n\r\t\u0001\u00e9\u00E9\uFFFF"}'),
    "a pair of surrogates": detail(rb'{"a":"\ud83d\udE00"}'),
    "raw characters to the end of Unicode": detail('{"a":"\x7f\x80é税\U0001f512\U0010ffff\ufeff\u2028"}'.encode()),
    "the smallest number": detail(b'{"a":-9223372036854775808}'),
    "the largest number": detail(b'{"a":18446744073709551615}'),
    "numbers at its largest": record(b'"numbers":18446744073709551615'),
    "words": detail(b'{"a":true,"b":false,"c":null}'),
    "arrays": detail(b'{"a":[],"b":[1,"x",null,[true,{}]]}'),
    "the same name in two objects": detail(b'{"a":{"a":1},"b":{"a":2}}'),
    "objects four deep": detail(nested(4)),
    "arrays four deep": detail(nested(4, b"[]")),
    "128 members": detail(members(128)),
    "a line of 4096 bytes": padded(4096),
    "a leap day": time(b"2028-02-29T23:59:59.999-23:59"),
    "year 2000's leap day": time(b"2000-02-29T00:00:00.000+00:00"),
    "an empty string": record(b'"actor":""'),
    "an empty name": detail(b'{"":1}'),
    "escapes in an optional key": record(rb'"actor":"\u0061"'),
    "an unknown role": record(b'"role":"gardener"'),
    "year 0000": time(b"0000-02-29T00:00:00.000+00:00"),
    "the first moment of year 0000": time(b"0000-01-01T00:00:00.000+00:00"),
    "year 0001": time(b"0001-01-01T00:00:00.000+00:00"),
}

BAD_LINES = {
    "no object": b"[]",
    "nothing": b"{}",
    "text": b"hello",
    "n missing": HEAD.replace(b'"n":1,', b"") + b"}",
    "t missing": HEAD.replace(b'"t":"2026-11-26T08:00:00.000+09:00",', b"") + b"}",
    "kind missing": HEAD.replace(b'"kind":"list",', b"") + b"}",
    "terminal missing": HEAD.replace(b',"terminal":"SIN-07"', b"") + b"}",
    "kind before t": b'{"n":1,"kind":"list","t":"2026-11-26T08:00:00.000+09:00","terminal":"SIN-07"}',
    "reason before result": record(b'"reason":"composite","result":"refused"'),
    "a key twice": record(b'"actor":"a","actor":"a"'),
    "an unknown key": record(b'"colour":"red"'),
    "a key with an escape": record(rb'"\u0061ctor":"a"'),
    "a key with a capital": record(b'"Actor":"a"'),
    "a comma at the end": record(b'"actor":"a",'),
    "two commas": record(b',"actor":"a"'),
    "a space after a comma": record(b' "actor":"a"'),
    "a space after a colon": record(b'"actor": "a"'),
    "a space at the end": HEAD + b"} ",
    "a space before": b" " + HEAD + b"}",
    "a tab": record(b'\t"actor":"a"'),
    "CR at the end": HEAD + b"}\r",
    "a second object": HEAD + b"}{}",
    "open at the end": HEAD,
    "a byte-order mark": b"\xef\xbb\xbf" + HEAD + b"}",
    "NUL at the end": HEAD + b"}\0",
    "n as text": HEAD.replace(b'"n":1', b'"n":"1"') + b"}",
    "n negative": HEAD.replace(b'"n":1', b'"n":-1') + b"}",
    "n with a leading zero": HEAD.replace(b'"n":1', b'"n":01') + b"}",
    "n with a fraction": HEAD.replace(b'"n":1', b'"n":1.0') + b"}",
    "n of another place": HEAD.replace(b'"n":1', b'"n":2') + b"}",
    "n of the line before": HEAD.replace(b'"n":1', b'"n":0') + b"}",
    "n beyond 64 bits": HEAD.replace(b'"n":1', b'"n":18446744073709551617') + b"}",
    "another terminal": HEAD.replace(b"SIN-07", b"SIN-08") + b"}",
    "terminal empty": HEAD.replace(b"SIN-07", b"") + b"}",
    "terminal with an escape": HEAD.replace(b"SIN-07", rb"SIN\u002d07") + b"}",
    "kind empty": HEAD.replace(b"list", b"") + b"}",
    "kind with an escape": HEAD.replace(b"list", rb"l\u0069st") + b"}",
    "kind a number": HEAD.replace(b'"list"', b"1") + b"}",
    "result unknown": record(b'"result":"maybe"'),
    "result empty": record(b'"result":""'),
    "result with an escape": record(rb'"result":"d\u006fne"'),
    "numbers negative": record(b'"numbers":-1'),
    "numbers as text": record(b'"numbers":"1"'),
    "actor null": record(b'"actor":null'),
    "actor a number": record(b'"actor":1'),
    "detail a text": detail(b'"x"'),
    "detail an array": detail(b"[]"),
    "detail null": detail(b"null"),
    "a fraction": detail(b'{"a":1.5}'),
    "an exponent": detail(b'{"a":1e3}'),
    "minus zero": detail(b'{"a":-0}'),
    "a plus": detail(b'{"a":+1}'),
    "a minus alone": detail(b'{"a":-}'),
    "two leading zeros": detail(b'{"a":00}'),
    "below the smallest number": detail(b'{"a":-9223372036854775809}'),
    "above the largest number": detail(b'{"a":18446744073709551616}'),
    "a number of 40 digits": detail(b'{"a":' + b"9" * 40 + b"}"),
    "digits of another script": detail('{"a":１}'.encode()),
    "numbers too large": record(b'"numbers":18446744073709551616'),
    "a word with a capital": detail(b'{"a":True}'),
    "NaN": detail(b'{"a":NaN}'),
    "a word with more": detail(b'{"a":nullx}'),
    "a comma at the end of an object": detail(b'{"a":1,}'),
    "a comma at the end of an array": detail(b'{"a":[1,]}'),
    "a missing comma": detail(b'{"a":1"b":2}'),
    "a missing colon": detail(b'{"a"1}'),
    "a name without quotes": detail(b"{a:1}"),
    "single quotes": detail(b"{'a':1}"),
    "a name twice": detail(b'{"a":1,"a":1}'),
    "a name twice, deeper": detail(b'{"x":{"a":1,"b":2,"a":3}}'),
    "a name twice in an array's object": detail(b'{"x":[{"a":1,"a":3}]}'),
    "a name with an escape": detail(rb'{"\u0061":1}'),
    "a name with a short escape": detail(rb'{"a\/":1}'),
    "a bare control character": detail(b'{"a":"\x01"}'),
    "a bare tab": detail(b'{"a":"\t"}'),
    "a bare NUL": detail(b'{"a":"\0"}'),
    "an unknown escape": detail(rb'{"a":"\x41"}'),
    "a single quote escaped": detail(rb'''{"a":"\'"}'''),
    "a short \\u": detail(rb'{"a":"\u12"}'),
    "\\u with no hexadecimal": detail(rb'{"a":"\u12g4"}'),
    "U+0000": detail(rb'{"a":"\u0000"}'),
    "a high surrogate alone": detail(rb'{"a":"\ud83d"}'),
    "a high surrogate before a letter": detail(rb'{"a":"\ud83dx\ude00"}'),
    "a high surrogate before another escape": detail(rb'{"a":"\ud83d\n"}'),
    "two high surrogates": detail(rb'{"a":"\ud83d\ud83d"}'),
    "a low surrogate alone": detail(rb'{"a":"\ude00"}'),
    "a low surrogate in actor": record(rb'"actor":"\ude00"'),
    "surrogates in UTF-8": detail(b'{"a":"\xed\xa0\xbd\xed\xb8\x80"}'),
    "an overlong form": detail(b'{"a":"\xc0\xaf"}'),
    "an overlong form of three": detail(b'{"a":"\xe0\x80\xaf"}'),
    "above U+10FFFF": detail(b'{"a":"\xf4\x90\x80\x80"}'),
    "a lone continuation": detail(b'{"a":"\x80"}'),
    "a cut character": detail(b'{"a":"\xe7\xa8"}'),
    "bytes that are no UTF-8 in a name": detail(b'{"\xff":1}'),
    "objects five deep": detail(nested(5)),
    "arrays five deep": detail(nested(5, b"[]")),
    "129 members": detail(members(129)),
    "129 members, some inner": detail(b'{"in":' + members(64) + b"," + members(64)[1:-1].replace(b"m", b"k") + b"}"),
    "a line of 4097 bytes": padded(4097),
    "a line of 5000 bytes": padded(5000),
    "a line of 70000 bytes": padded(70000),
    "a deep line without end": detail(b'{"a":' + b"[" * 2000),
    "Z": time(b"2026-11-26T08:00:00.000000Z"),
    "a time without milliseconds": time(b"2026-11-26T08:00:00+09:00"),
    "a time with microseconds": time(b"2026-11-26T08:00:00.000000+09:00"),
    "a comma in the time": time(b"2026-11-26T08:00:00,000+09:00"),
    "a space in the time": time(b"2026-11-26 08:00:00.000+09:00"),
    "a small t": time(b"2026-11-26t08:00:00.000+09:00"),
    "month 00": time(b"2026-00-26T08:00:00.000+09:00"),
    "month 13": time(b"2026-13-26T08:00:00.000+09:00"),
    "day 00": time(b"2026-11-00T08:00:00.000+09:00"),
    "31 November": time(b"2026-11-31T08:00:00.000+09:00"),
    "29 February of no leap year": time(b"2026-02-29T08:00:00.000+09:00"),
    "29 February 2100": time(b"2100-02-29T08:00:00.000+09:00"),
    "hour 24": time(b"2026-11-26T24:00:00.000+09:00"),
    "minute 60": time(b"2026-11-26T08:60:00.000+09:00"),
    "a leap second": time(b"2026-12-31T23:59:60.000+00:00"),
    "offset hour 24": time(b"2026-11-26T08:00:00.000+24:00"),
    "offset minute 60": time(b"2026-11-26T08:00:00.000+09:60"),
    "no colon in the offset": time(b"2026-11-26T08:00:00.0000+0900"),
    "a minus that is no hyphen": time("2026-11-26T08:00:00.000−09".encode()),
    "digits of another script in the time": time("２0２6-11-2T08:00:00.000+09:0".encode()),
}


def lines():
    for expected, table in (("good", GOOD_LINES), ("refused", BAD_LINES)):
        for name, made in table.items():
            bad = None if expected == "good" else 1
            yield name, sign([FIRST, made], US), expected, bad
            yield name + ", not covered", sign([FIRST, made], US, size=1), expected, bad


def note_with(head=None, tail=None, text=None):
    """The checkpoint of FIRST, its signature lines changed, or another text well signed."""
    ledger = sign([FIRST], US)
    body, _, own = ledger.checkpoint.partition(b"\n\n")
    body += b"\n"
    if text is not None:
        body, own = text, US.note_line(text)
    return ledger.change(checkpoint=body + b"\n" + (head or b"") + own + (tail or b""))


def signature_line(name, data):
    return f"\u2014 {name} {base64.b64encode(data).decode()}\n".encode()


def notes():
    root = base64.b64encode(ledgers.root([FIRST])).decode()
    other = Signer("console.example", "console")
    text = f"{ORIGIN}\n1\n{root}\n".encode()
    own, witness = US.note_line(text), other.note_line(text)
    wrong = Signer(ORIGIN, "a stranger").note_line(text)
    broken = signature_line(ORIGIN, US.id + bytes(64))
    unused = own[:-3] + bytes([own[-3] + 1]) + b"=\n" if own.endswith(b"=\n") else None

    def own_as(data):
        return sign([FIRST], US).change(checkpoint=text + b"\n" + data)

    yield "a cosignature after", note_with(tail=witness), "good", None
    yield "a cosignature before", note_with(head=witness), "good", None
    yield "a cosignature that does not hold", note_with(tail=signature_line("console.example", other.id + bytes(64))), "good", None
    yield "a signature of another key of our name", note_with(tail=wrong), "good", None
    yield "our signature twice", note_with(tail=own), "good", None
    yield "a short signature of an unknown key", note_with(tail=signature_line("x", b"12345")), "good", None
    yield "64 signatures", note_with(tail=witness * 63), "good", None
    yield "65 signatures", note_with(tail=witness * 64), "refused", None
    yield "a broken signature of ours after a good one", note_with(tail=broken), "refused", None
    yield "a broken signature of ours before a good one", note_with(head=broken), "refused", None
    yield "a short signature of ours", note_with(tail=signature_line(ORIGIN, US.id + b"x")), "refused", None
    yield "a long signature of ours", note_with(tail=signature_line(ORIGIN, US.id + bytes(65))), "refused", None
    yield "a signature of four bytes", note_with(tail=signature_line("x", b"1234")), "refused", None
    yield "only unknown keys", own_as(witness), "refused", None
    yield "only another key of our name", own_as(wrong), "refused", None
    yield "no signature", own_as(b""), "refused", None
    yield "no LF at the end", own_as(own[:-1]), "refused", None
    yield "an empty line at the end", own_as(own + b"\n"), "refused", None
    yield "an empty line between", own_as(own + b"\n" + witness), "refused", None
    yield "a hyphen for the dash", own_as(own.replace("\u2014".encode(), b"-")), "refused", None
    yield "two spaces", own_as(own.replace(b" ", b"  ", 1)), "refused", None
    yield "a fourth word", own_as(own[:-1] + b" x\n"), "refused", None
    yield "unpadded base64", own_as(own.replace(b"=", b"")), "refused", None
    yield "base64 with bits that are not used", own_as(unused or own[:-1]), "refused", None
    yield "base64 for addresses", note_with(tail="\u2014 x _-__-_8=\n".encode()), "refused", None
    yield "a plus in a key name", note_with(tail=signature_line("a+b", b"12345")), "refused", None
    yield "a Unicode space in a key name", note_with(tail=signature_line("a\u3000b", b"12345")), "refused", None
    yield "no-break space in a key name", note_with(tail=signature_line("a\u00a0b", b"12345")), "refused", None
    yield "a C1 control in a key name", note_with(tail=signature_line("a\u0085b", b"12345")), "refused", None
    yield "another C1 control in a key name", note_with(tail=signature_line("a\u009fb", b"12345")), "refused", None
    yield "DEL in a key name", note_with(tail=signature_line("a\x7fb", b"12345")), "refused", None
    yield "a tab in a key name", note_with(tail=signature_line("a\tb", b"12345")), "refused", None
    yield "a zero-width space in a key name", note_with(tail=signature_line("a\u200bb", b"12345")), "good", None
    yield "bytes that are no UTF-8", note_with(tail="\u2014 ".encode() + b"\xff AAAAAAA=\n"), "refused", None
    long_name = "x" * 60000
    yield "a note of 60 KB", note_with(tail=signature_line(long_name, b"12345")), "good", None
    fill = 65536 - len(note_with(tail=signature_line("x", b"12345")).checkpoint) + 1
    yield "a note of 65536 bytes", note_with(tail=signature_line("x" * fill, b"12345")), "good", None
    yield "a note of 65537 bytes", note_with(tail=signature_line("x" * (fill + 1), b"12345")), "refused", None
    for name, body in {
        "two lines": f"{ORIGIN}\n1\n",
        "four lines": f"{ORIGIN}\n1\n{root}\nextra\n",
        "an empty fourth line": f"{ORIGIN}\n1\n{root}\n\n",
        "a size with a leading zero": f"{ORIGIN}\n01\n{root}\n",
        "a size with a plus": f"{ORIGIN}\n+1\n{root}\n",
        "a negative size": f"{ORIGIN}\n-1\n{root}\n",
        "a size with a space": f"{ORIGIN}\n1 \n{root}\n",
        "an empty size": f"{ORIGIN}\n\n{root}\n",
        "a size of 20 digits": f"{ORIGIN}\n10000000000000000000\n{root}\n",
        "the largest size": f"{ORIGIN}\n9999999999999999999\n{root}\n",
        "a size of one more": f"{ORIGIN}\n2\n{root}\n",
        "size 0 with the root of one": f"{ORIGIN}\n0\n{root}\n",
        "a root of 31 bytes": f"{ORIGIN}\n1\n{base64.b64encode(bytes(31)).decode()}\n",
        "a root of 33 bytes": f"{ORIGIN}\n1\n{base64.b64encode(bytes(33)).decode()}\n",
        "a root without padding": f"{ORIGIN}\n1\n{root.rstrip('=')}\n",
        "another root": f"{ORIGIN}\n1\n{base64.b64encode(bytes(32)).decode()}\n",
        "another origin": f"{ORIGIN}x\n1\n{root}\n",
        "another terminal": f"city.example.jp/mediagate/SIN-08/2026\n1\n{root}\n",
        "another year": f"city.example.jp/mediagate/SIN-07/2027\n1\n{root}\n",
    }.items():
        yield name, note_with(text=body.encode()), "refused", None
    yield "a checkpoint of no record", sign([FIRST], US, size=0), "good", None
    yield "a checkpoint of no record without one", sign([], US), "good", None


def keys():
    """Verifier keys and origins."""
    good = sign([FIRST], US)
    key = US.vkey
    data = base64.b64decode(key.split("+", 2)[2])

    def made(name, id_, data):
        return good.change(vkey=f"{name}+{id_}+{base64.b64encode(data).decode()}\n".encode())

    yield "the key without LF", good.change(vkey=key.encode()), "good", None
    for name, text in {
        "two LF": key + "\n\n", "CR LF": key + "\r\n", "two lines": f"{key}\n{key}\n", "a space before": " " + key + "\n",
        "a space after": key + " \n", "capitals in the key id": key.replace(US.id.hex(), US.id.hex().upper()) + "\n",
        "another key id": key.replace(US.id.hex(), "00000000") + "\n", "no key id": key.replace(US.id.hex(), "") + "\n",
        "no plus": key.replace("+", "-") + "\n", "unpadded": key.rstrip("=")[:-1] + "\n", "NUL after": key + "\0\n",
    }.items():
        yield "verifier key: " + name, good.change(vkey=text.encode()), "refused", None
    yield "verifier key: 31 bytes", made(ORIGIN, US.id.hex(), data[:-1]), "refused", None
    yield "verifier key: 33 bytes", made(ORIGIN, US.id.hex(), data + b"x"), "refused", None
    yield "verifier key: not Ed25519", made(ORIGIN, US.id.hex(), b"\2" + data[1:]), "refused", None
    for origin, expected in {
        "city.example.jp/mediagate/SIN-07/2026": "good", "a/mediagate/SIN-07/2026": "good",
        "税.example/mediagate/SIN-07/2026": "good",
        "/mediagate/SIN-07/2026": "refused", "a/mediagate//2026": "refused", "a/mediagate/SIN-07/": "refused",
        "a/mediagate/SIN-07": "refused", "a/other/SIN-07/2026": "refused", "SIN-07/2026": "refused",
        "a/mediagate/SIN-07/26": "refused", "a/mediagate/SIN-07/02026": "refused", "a/mediagate/SIN-07/2o26": "refused",
        "a/b/mediagate/SIN-07/2026": "good", "a/mediagate/SIN-07/2026/": "refused", "//mediagate/SIN-07/2026": "good",
        "a/mediagate/x/SIN-07/2026": "refused", "a/mediagate/mediagate/SIN-07/2026": "good",
        "a/mediagate/SIN-07/-026": "refused", "A/Mediagate/SIN-07/2026": "refused",
    }.items():
        yield "origin " + origin, sign([FIRST], Signer(origin, "origin")), expected, None


def key_changes():
    """Section 7: each change at record 2 unless said otherwise."""
    new, third, stranger = (Signer(ORIGIN, x) for x in ("new", "third", "stranger"))
    elsewhere = Signer("city.example.jp/mediagate/SIN-08/2026", "elsewhere")
    head = [FIRST, line(1)]

    def ledger(change, signer, more=(), **how):
        return sign(head + [change, *more], signer, vkey=US.vkey, **how)

    good = rekey_line(2, head, US, new)
    yield "a change of key", ledger(good, new), "good", None
    yield "a change of key, more records after it", ledger(good, new, [line(3)]), "good", None
    yield "a change of key signed by the old key", ledger(good, US), "refused", None
    yield "a change of key not covered yet", ledger(good, US, size=2), "good", None
    yield "a change of key not covered, signed by the new key", ledger(good, new, size=2), "refused", None
    yield "a change of key at once", sign([rekey_line(0, [], US, new)], new, vkey=US.vkey), "good", None
    second = rekey_line(3, head + [good], new, third)
    yield "two changes of key", ledger(good, third, [second]), "good", None
    yield "two changes of key, signed by the middle one", ledger(good, new, [second]), "refused", None
    yield "two changes of key, only the first covered", ledger(good, new, [second], size=3), "good", None
    back = rekey_line(3, head + [good], new, US)
    yield "a change back", ledger(good, US, [back]), "good", None
    yield "a change to the same key", ledger(rekey_line(2, head, US, US), US), "good", None
    for name, change, signer in (
        ("signed by a stranger", rekey_line(2, head, stranger, new), new),
        ("signed by the new key itself", rekey_line(2, head, new, new), new),
        ("over another number", rekey_line(1, head, US, new).replace(b'{"n":1', b'{"n":2'), new),
        ("over another root", rekey_line(2, head[:1], US, new), new),
        ("over another origin", rekey_line(2, head, US, new, origin="a/mediagate/SIN-07/2026"), new),
        ("to a key of another ledger", rekey_line(2, head, US, elsewhere), elsewhere),
        ("without signature", rekey_line(2, head, US, new, signature=None), new),
        ("without vkey", rekey_line(2, head, US, new, vkey=None), new),
        ("with an empty signature", rekey_line(2, head, US, new, signature=""), new),
        ("with a signature that is no base64", rekey_line(2, head, US, new, signature="*" * 88), new),
        ("with a malformed vkey", rekey_line(2, head, US, new, vkey=ORIGIN), new),
        ("with a vkey that is a number", rekey_line(2, head, US, new, vkey=1), new),
        ("with an LF after the vkey", rekey_line(2, head, US, new, vkey=new.vkey + "\n"), new),
        ("without detail", line(2, "key", result="done"), US),
    ):
        yield "a change of key " + name, ledger(change, signer, origin=ORIGIN), "refused", 2
        yield f"a change of key {name}, not covered", ledger(change, US, size=2), "good", None
