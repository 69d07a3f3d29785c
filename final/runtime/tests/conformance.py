# SPDX-License-Identifier: Apache-2.0
"""docs/oci-conformance.md names tests that there are, and leaves nothing out."""
import pathlib
import re
import unittest

HOUSE = pathlib.Path(__file__).resolve().parents[3]
PAGE = (HOUSE / "docs/oci-conformance.md").read_text()


def rows(page=PAGE):
    """[(section, promise, tests)]"""
    section = ""
    for line in page.splitlines():
        if line.startswith("## "):
            section = line[3:]
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[-1] != "tests":
            yield section, cells[0], re.findall(r"`([^`]+)`", cells[-1])


def known_tests():
    names = set()
    for source in [*HOUSE.glob("stages/*/tests/*.cpp"), *HOUSE.glob("final/runtime/tests/*.cpp")]:
        names |= {f"{suite}.{name}" for suite, name in re.findall(r"^TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)",
                                                                  source.read_text(), re.M)}
    for source in [*HOUSE.glob("final/tests/*.py"), *HOUSE.glob("final/runtime/tests/*.py")]:
        names |= {f"{source.name}: {name}" for name in re.findall(r"def (test_\w+)\(self", source.read_text())}
        names.add(f"{source.name}: {source.stem.removesuffix('_test')}")  # a script that is one test
    names |= {f"vm: {path.parent.name}/{path.name}" for path in HOUSE.glob("tools/vm.d/*.d/*")}
    return names


class Conformance(unittest.TestCase):
    def test_every_test_that_is_named_exists(self):
        known = known_tests()
        missing = [f"{promise}: {test}" for _, promise, tests in rows() for test in tests if test not in known]
        self.assertEqual(missing, [])

    def test_every_promise_has_a_test(self):
        self.assertEqual([promise for _, promise, tests in rows() if not tests], [])

    def test_both_sections_are_whole(self):
        for letter, last in (("A", 6), ("B", 9)):
            found = [promise.split()[0] for section, promise, _ in rows() if section.startswith(f"Section {letter}:")]
            self.assertEqual(found, [f"{letter}{number}" for number in range(1, last + 1)])

    def test_every_stage_of_the_runtime_has_a_break_out(self):
        found = [promise[:2] for section, promise, _ in rows() if section.startswith("Break-outs")]
        self.assertEqual(found, ["01", "02", "03", "06"])

    def test_a_name_that_is_none_would_be_found(self):
        known = known_tests()
        (_, _, tests), = rows("| x | `Reliability.NoSuchTest` `Lifecycle.PauseAndResume` |")
        self.assertEqual([test for test in tests if test not in known], ["Reliability.NoSuchTest"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
