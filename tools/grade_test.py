#!/usr/bin/env python3
"""tools/grade, tried: a right answer, a wrong one, none, one that does not compile,
and a hidden test that catches what the public one does not."""
import pathlib
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "stages/01-namespaces/exercises/id-map"
NAME = "01-id-map"
HIDDEN = """#include "exercise.hpp"
#include <gtest/gtest.h>
TEST(Hidden, Fails) { EXPECT_EQ(outside({{1, 2, 3}}, 1), 99U); }
"""


class Grade(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)
        (self.place / "answers").mkdir()
        (self.place / "hidden").mkdir()

    def grade(self, answer):
        if answer is not None:
            (self.place / f"answers/{NAME}.cpp").write_text(answer)
        done = subprocess.run([ROOT / "tools/grade", "--answers", self.place / "answers", "--hidden", self.place / "hidden",
                               "--junit", self.place / "report.xml", NAME], capture_output=True, text=True)
        cases = list(xml.parse(self.place / "report.xml").getroot().iter("testcase"))
        self.assertTrue(cases, "the report is empty")
        return done.returncode, [case.find("failure") for case in cases if case.find("failure") is not None]

    def test_a_right_answer_passes(self):
        self.assertEqual(self.grade((FOLDER / "solution.cpp").read_text()), (0, []))

    def test_a_wrong_answer_fails_with_the_hint(self):
        code, failures = self.grade((FOLDER / "starter.cpp").read_text())
        self.assertEqual(code, 1)
        self.assertIn("is nobody", failures[0].get("message") + (failures[0].text or ""))

    def test_no_answer_and_one_that_does_not_compile_fail(self):
        self.assertEqual(self.grade(None)[0], 1)
        code, failures = self.grade("int main( {")
        self.assertEqual(code, 1)
        self.assertEqual(failures[0].get("message"), "does not compile")

    def test_a_hidden_test_counts(self):
        (self.place / f"hidden/{NAME}.cpp").write_text(HIDDEN)
        code, failures = self.grade((FOLDER / "solution.cpp").read_text())
        self.assertEqual((code, len(failures)), (1, 1))


if __name__ == "__main__":
    unittest.main()
