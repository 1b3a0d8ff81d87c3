#!/usr/bin/env python3
"""Writes src/Contracts/Security/UnicodeTables.txt: RFC 3454's tables, which Python's stringprep has, and Unicode's normalization."""
import pathlib
import stringprep
import unicodedata

TARGET = pathlib.Path(__file__).parent.parent / "src/Contracts/Security/UnicodeTables.txt"
ALL = range(0x110000)
SETS = {
    "space": [stringprep.in_table_c12],
    "nothing": [stringprep.in_table_b1],
    "prohibited": [
        stringprep.in_table_c12, stringprep.in_table_c21_c22, stringprep.in_table_c3, stringprep.in_table_c4, stringprep.in_table_c5,
        stringprep.in_table_c6, stringprep.in_table_c7, stringprep.in_table_c8, stringprep.in_table_c9,
    ],
    "unassigned": [stringprep.in_table_a1],
    "rtl": [stringprep.in_table_d1],
    "ltr": [stringprep.in_table_d2],
}


def ranges(value_of, follows):
    """Runs of code points with a value, each as (first, last, value of the first)."""
    runs = []
    for point in ALL:
        value = value_of(chr(point))
        if value is None:
            continue
        if runs and runs[-1][1] == point - 1 and follows(runs[-1], point, value):
            runs[-1] = (runs[-1][0], point, runs[-1][2])
        else:
            runs.append((point, point, value))
    return runs


def name(first, last):
    return f"{first:X}" if first == last else f"{first:X}-{last:X}"


def is_computed(letter):
    return 0xAC00 <= ord(letter) <= 0xD7A3 or 0xD800 <= ord(letter) <= 0xDFFF


def parts(letter):
    whole = "" if is_computed(letter) else unicodedata.normalize("NFKD", letter)
    return None if whole in ("", letter) else [ord(part) for part in whole]


def wholes():
    for point in ALL:
        letter = chr(point)
        both = unicodedata.decomposition(letter).split()
        if not is_computed(letter) and len(both) == 2 and not both[0].startswith("<"):
            first, second = (int(part, 16) for part in both)
            if unicodedata.normalize("NFC", chr(first) + chr(second)) == letter:
                yield f"{first:X}+{second:X}>{point:X}"


def write(out, kind, words):
    line = kind
    for word in words:
        if len(line) + len(word) >= 139:
            out.append(line)
            line = kind
        line += " " + word
    out.append(line)


lines = [
    f"# Written by build/unicode-tables.py. Sets: RFC 3454 (Unicode 3.2). The rest: Unicode {unicodedata.unidata_version}.",
    "# Ranges of code points in hexadecimal; class: RANGE>CLASS, parts: RANGE>PART+PART (a range to a range), whole: FIRST+SECOND>WHOLE.",
]
for kind, tables in SETS.items():
    write(lines, kind, [name(a, b) for a, b, _ in ranges(lambda c: any(t(c) for t in tables) or None, lambda *_: True)])
write(lines, "class", [f"{name(a, b)}>{v:X}" for a, b, v in ranges(lambda c: unicodedata.combining(c) or None, lambda run, _, v: run[2] == v)])
one_by_one = lambda run, point, v: len(v) == len(run[2]) == 1 and v[0] == run[2][0] + point - run[0]
write(lines, "parts", [f"{name(a, b)}>{'+'.join(f'{p:X}' for p in v)}" for a, b, v in ranges(parts, one_by_one)])
write(lines, "whole", list(wholes()))
TARGET.write_text("\n".join(lines) + "\n")
