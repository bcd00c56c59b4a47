"""Rows with everything that tends to go wrong; floats are exact in 32 bits unless asked."""
import json
import random
import struct

WORDS = ["a", "b", "über", "日本語", "x y", "A_b", "", "nul\0nul", "new\nline", "cr\rhere", "ß", "tab\tx", " pad "]
EDGES = [float("nan"), float("inf"), float("-inf"), 0.0, -0.0, 0.5, 1.5, 2.5, -0.5, 2.0**-126, 3.0e38, -7.0, 88.8, -104.0]
INTEGERS = [0, 1, -1, 2, -7, 10, 2**31, 2**53 + 1, 2**62, -(2**62), 2**63 - 1, -(2**63)]

SCHEMA = {
    "at": "timestamp_ms", "x": "float", "y": "float", "one": "float", "n": "int", "m": "int",
    "small": "int", "s": "string", "t": "string", "flag": "bool", "xs": "list<float>",
    "small_list": "list<int>", "words": "list<string>",
}


def make(seed, count, misses, doubles=False):
    """`count` rows; each column of a tenth of the rows is missing if `misses`."""
    random.seed(seed)

    def number():
        value = random.choice(EDGES) if random.random() < 0.1 else random.gauss(3, 10)
        return value if doubles else struct.unpack("f", struct.pack("f", value))[0]

    def integer():
        return random.choice(INTEGERS) if random.random() < 0.3 else random.randrange(-1000, 1000)

    def text():
        if random.random() < 0.1:
            return "".join(chr(random.choice([65, 97, 0x20, 0xE9, 0x4E2D, 0x1F600])) for _ in range(random.randrange(40)))
        return random.choice(WORDS)

    for _ in range(count):
        row = {
            "at": random.randrange(-10**13, 10**13), "x": number(), "y": number(), "one": 5.0,
            "n": integer(), "m": integer(), "small": random.randrange(-1, 7), "s": text(),
            "t": " ".join(random.choices(WORDS, k=random.randrange(5))),
            "flag": random.random() < 0.5, "xs": [number() for _ in range(random.randrange(4))],
            "small_list": [random.randrange(4) for _ in range(random.randrange(6))],
            "words": random.choices(WORDS, k=random.randrange(5)),
        }
        # A list that a row lacks is an empty one when served, so lists are always there.
        yield {k: v for k, v in row.items() if not misses or isinstance(v, list) or random.random() > 0.1}


def write(path, rows):
    with open(path, "w") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
