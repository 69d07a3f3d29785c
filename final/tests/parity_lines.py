# SPDX-License-Identifier: Apache-2.0
"""The command lines of parity/*.txt, and what is masked in their answers."""
import dataclasses
import pathlib
import re

FOLDER = pathlib.Path(__file__).resolve().parent / "parity"

# What docker says of its old builder, which is the only one over plain HTTP.
DEPRECATED = re.compile(r"DEPRECATED: The legacy builder(?s:.*?)environment-variable.\n\n?")

MASKS = [(re.compile(pattern), replacement) for pattern, replacement in (
    (r"docker-cpp-test-parity\S*", "<cgroup>"),
    (r"docker-cpp", "docker"),
    (r"sha256:[0-9a-f]{12,64}", "sha256:<id>"),
    (r"\b[0-9a-f]{64}\b", "<id>"),
    (r"\b[0-9a-f]{12}\b", "<id>"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d| [+-]\d{4} [A-Z]{3})", "<time>"),
    (r"\b(About an?|Less than an?|\d+) (second|minute|hour|day|month|year)s?\b( ago)?", "<while>"),
    (r"\b\d+(\.\d+)?(e\+\d+)? ?([kKMGT]i?)?B\b", "<size>"),
    (r"\b(172\.\d+|10\.111)\.\d+\.\d+", "<ip>"),
    (r"\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b", "<mac>"),
    (r"unix:///\S*?sock\b", "<socket>"),
    (r"/tmp/parity-[a-z0-9_]+", "<place>"),
    (r"[ \t]{2,}", "  "),
    # Docker 28's daemon has other capitals than 20.10's.
    (r"(?<=Error response from daemon: )[A-Z](?=[a-z])", lambda m: m[0].lower()),
    (r"-{4,}", "----"),
)]


def masked(text):
    text = DEPRECATED.sub("", text).removesuffix("\n")
    for pattern, replacement in MASKS:
        text = pattern.sub(replacement, text)
    return [line.rstrip() for line in text.split("\n")]


@dataclasses.dataclass
class Answer:
    code: int = 0
    out: list = dataclasses.field(default_factory=list)
    err: list = dataclasses.field(default_factory=list)

    @staticmethod
    def of(code, out, err):
        return Answer(code, masked(out) if out else [],
                      masked(err) if DEPRECATED.sub("", err) else [])

    def lines(self):
        # What could be taken for a mark of this format is kept from it.
        return ([("| " + line if re.match(r"[$>~%=\[|#]|2:|$", line) else line) for line in self.out] +
                ["2: " + line for line in self.err] + ([f"[{self.code}]"] if self.code else []))

    def same(self, other, unordered):
        order = sorted if unordered else list
        return (self.code == other.code and order(self.out) == order(other.out) and
                order(self.err) == order(other.err))


@dataclasses.dataclass
class Line:
    text: str
    compared: bool
    answer: Answer = dataclasses.field(default_factory=Answer)
    differs: str = ""
    unordered: bool = False

    def written(self):
        return ([f"~ {self.differs}"] if self.differs else []) + (["% unordered"] if self.unordered else []) + \
            [("$ " if self.compared else "> ") + self.text] + (self.answer.lines() if self.compared else [])


@dataclasses.dataclass
class Scenario:
    name: str
    lines: list = dataclasses.field(default_factory=list)


def read(path):
    """The scenarios of one file."""
    found, differs, unordered = [], "", False
    for number, raw in enumerate(path.read_text().splitlines(), 1):
        mark, rest = raw[:2], raw[2:]
        if raw.startswith("== "):
            found.append(Scenario(raw[3:]))
        elif raw.startswith("#") or not raw:
            continue
        elif not found:
            raise SystemExit(f"{path}:{number}: before the first scenario: {raw}")
        elif mark == "~ ":
            differs = rest
        elif raw == "% unordered":
            unordered = True
        elif mark in ("$ ", "> "):
            found[-1].lines.append(Line(rest, mark == "$ ", differs=differs, unordered=unordered))
            differs, unordered = "", False
        else:
            take(found[-1].lines[-1].answer, raw)
    return found


def take(answer, raw):
    code = re.fullmatch(r"\[(\d+)\]", raw)
    if code:
        answer.code = int(code[1])
    elif raw.startswith("2: ") or raw == "2:":
        answer.err.append(raw[3:])
    else:
        answer.out.append(raw[2:] if raw.startswith("|") else raw)


def write(path, scenarios):
    blocks = []
    for scenario in scenarios:
        lines = [line for one in scenario.lines for line in one.written()]
        blocks.append("\n".join([f"== {scenario.name}", *lines]))
    path.write_text("\n\n".join(blocks) + "\n")


def files():
    return sorted(FOLDER.glob("*.txt"))
