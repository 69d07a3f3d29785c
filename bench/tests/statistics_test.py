#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What may be said of measurements, checked without measuring."""
import pathlib
import random
import statistics
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from lib import blocks, compare, environment, figure, marks, memory, render, stats  # noqa: E402
from lib.turns import take_turns  # noqa: E402
from lib.world import Failure  # noqa: E402
from sections.where import parse_counts  # noqa: E402


def results(samples, quick=False, name="run-bridge", section="startup", error=None):
    made = {"format": 1, "quick": quick, "seconds": 60, "sections": {
        section: {"title": "Start-up", "error": error, "notes": [], "figures": [
            figure.figure(name, "a start", "ms", samples)]}},
        "noise": {"reasons": [], "load_before": 0.1, "control_spread": 0.05, "steal": 0},
        "environment": {"processor": {"model": "P", "count": 2, "mhz": "2000", "governor": None, "hypervisor": True},
                        "memory_mb": 1000, "system": "S", "kernel": "6", "cgroups": "v2", "file_system": "ext4",
                        "versions": {"docker.io": "20"}, "commit": "abc", "when": "now"}}
    made["marks"] = marks.judge(made)
    return made


class Statistics(unittest.TestCase):
    def test_quantiles_lie_between_neighbours(self):
        self.assertEqual(stats.quantile([4, 1, 3, 2], 0.5), 2.5)
        self.assertEqual(stats.quantile([7], 0.9), 7)
        with self.assertRaises(ValueError):
            stats.quantile([], 0.5)

    def test_interval_is_always_the_same_and_holds_the_median(self):
        source = random.Random(3)
        values = [source.gauss(10, 2) for _ in range(40)]
        low, high = stats.interval(values)
        self.assertEqual(stats.interval(values), [low, high])
        self.assertLessEqual(low, statistics.median(values))
        self.assertGreaterEqual(high, statistics.median(values))
        self.assertLess(low, high)
        self.assertEqual(stats.interval([5]), [5, 5])
        self.assertIsNone(stats.interval([]))

    def test_interval_covers_the_truth_as_often_as_it_says(self):
        source = random.Random(7)
        held = 0
        for seed in range(100):
            low, high = stats.interval([source.gauss(100, 10) for _ in range(25)], seed=seed)
            held += low <= 100 <= high
        # The percentile bootstrap of a median covers about 93 to 96 of 100.
        self.assertGreaterEqual(held, 85)

    def test_outliers_are_shown_and_kept(self):
        about = stats.summary([10, 11, 10, 12, 11, 10, 500])
        self.assertEqual(about["outliers"], [500])
        self.assertEqual(about["rounds"], 7)
        self.assertEqual(about["most"], 500)
        self.assertEqual(stats.outliers([1, 500]), [])

    def test_ratios_are_of_rounds_and_above_one_for_the_better(self):
        # The machine became twice as slow half way through: the ratio did not.
        self.assertEqual(stats.ratios([1, 1, 2, 2], [10, 10, 20, 20], "less"), [10] * 4)
        self.assertEqual(stats.ratios([100], [50], "more"), [2])
        with self.assertRaises(ValueError):
            stats.ratios([1, 2], [1], "less")
        with self.assertRaises(ValueError):
            stats.ratios([1], [1], "fewer")

    def test_exponent_is_the_slope_on_log_axes(self):
        self.assertAlmostEqual(stats.exponent([(1, 5), (10, 50), (100, 500)]), 1)
        self.assertAlmostEqual(stats.exponent([(10, 3), (100, 300)]), 2)
        self.assertAlmostEqual(stats.exponent([(10, 4), (1000, 4)]), 0)
        self.assertIsNone(stats.exponent([(10, 4)]))
        self.assertIsNone(stats.exponent([(1, 0), (10, 4)]))

    def test_noise_has_reasons(self):
        quiet = {"control_spread": 0.05, "load_before": 0.1, "steal": 0.0}
        self.assertEqual(environment.reasons(quiet, 2), [])
        for key, value in (("control_spread", 0.6), ("load_before", 3), ("steal", 0.1)):
            self.assertEqual(len(environment.reasons({**quiet, key: value}, 2)), 1, key)


class Turns(unittest.TestCase):
    def test_who_begins_changes_and_warm_up_is_thrown_away(self):
        order = []

        def contender(name):
            def work(number):
                order.append((number, name))
                return number
            return work
        samples, left_out = take_turns({"a": contender("a"), "b": contender("b")}, 3, pause=0)
        self.assertEqual(samples, {"a": [0, 1, 2], "b": [0, 1, 2]})
        self.assertEqual(left_out, {})
        self.assertEqual([name for number, name in order if number == -1], ["a", "b"])
        self.assertEqual([name for number, name in order if number == 0], ["b", "a"])

    def test_who_fails_is_left_out_with_its_reason(self):
        def broken(number):
            if number == 1:
                raise Failure("it broke")
            return 1.0
        samples, left_out = take_turns({"good": lambda _: 2.0, "bad": broken}, 3, pause=0)
        self.assertEqual(samples, {"good": [2.0] * 3})
        self.assertEqual(left_out, {"bad": "it broke"})


class Reading(unittest.TestCase):
    def test_counts_of_strace(self):
        counts = parse_counts("% time     seconds  usecs/call     calls    errors syscall\n"
                              "------ ----------- ----------- --------- --------- ----------------\n"
                              " 60.00    0.000100          10        10         2 openat\n"
                              " 40.00    0.000050           5        10           close\n"
                              "100.00    0.000150           7        20         2 total\n")
        self.assertEqual(counts, {"openat": (10, 2, 0.0001), "close": (10, 0, 0.00005)})
        self.assertEqual(parse_counts("strace: nothing\n"), {})

    def test_memory_of_a_process(self):
        text = "0-1 ---p 0 0:0 0 [rollup]\nRss: 2048 kB\nPss: 1024 kB\nPrivate_Clean: 256 kB\nPrivate_Dirty: 512 kB\n"
        self.assertEqual(memory.parse(text), {"rss": 2, "pss": 1, "private": 0.75})
        self.assertGreater(memory.of_process("self")["rss"], 1)


class Verdicts(unittest.TestCase):
    def test_a_mark_is_met_or_missed_with_a_reason(self):
        good = results({"docker-cpp": [10, 11, 10], "docker": [500, 480, 510]})["marks"][0]
        self.assertTrue(good["first_met"] and good["then_met"])
        self.assertIsNone(good["reason"])
        bad = results({"docker-cpp": [100, 110, 100], "docker": [500, 480, 510]})["marks"][0]
        self.assertFalse(bad["first_met"])
        self.assertTrue(bad["reason"])

    def test_what_is_not_measured_is_not_met(self):
        rows = results({"docker": [1]}, error="docker-cppd did not come up")["marks"]
        self.assertEqual([row["first_met"] for row in rows], [False, False])
        self.assertEqual(rows[0]["reason"], "docker-cppd did not come up")

    def test_a_lost_ratio_is_found_and_noise_is_not(self):
        before = compare.ratios_of(results({"docker-cpp": [10] * 8, "docker": [400] * 8}))
        slower = compare.ratios_of(results({"docker-cpp": [40] * 8, "docker": [400] * 8}))
        noisy = compare.ratios_of(results({"docker-cpp": [8, 40, 9, 44, 9, 12, 43, 10], "docker": [400] * 8}))
        self.assertEqual([row[3] for row in compare.compare(before, slower, 0.5)], ["lost"])
        self.assertEqual([row[3] for row in compare.compare(slower, before, 0.5)], ["gained"])
        self.assertEqual([row[3] for row in compare.compare(before, noisy, 0.5)], ["the same"])
        self.assertEqual(compare.missing(before, {}, {"startup"}), list(before))
        self.assertEqual(compare.missing(before, {}, {"memory"}), [])


class Report(unittest.TestCase):
    def test_both_forms_tell_the_same(self):
        made = results({"docker-cpp": [10, 11, 10, 12, 11], "docker": [500, 480, 510, 490, 3000]})
        told = blocks.report(made, {"startup/run-bridge": '<svg id="a"><g id="b"/></svg>'})
        text, page = render.markdown(told, {"startup/run-bridge": ""}), \
            render.page(told, {"startup/run-bridge": '<svg><use href="#b"/></svg>'})
        for word in ("Outliers", "3,000", "abc", "met"):
            self.assertIn(word, text)
            self.assertIn(word, page)
        self.assertIn('href="#startup-run-bridge-b"', page)
        self.assertIn("plots/startup.run-bridge.svg", text)
        self.assertNotIn("http", page.split("</style>")[1].replace("https://", ""))

    def test_a_failed_section_and_a_noisy_machine_are_told(self):
        made = results({}, error="it broke\nbadly <here>")
        made["noise"]["reasons"] = ["the load was 7"]
        told = blocks.report(made, {})
        self.assertIn("failed", render.markdown(told, {}))
        page = render.page(told, {})
        self.assertIn("&lt;here&gt;", page)
        self.assertIn("noisy", page)

    def test_a_curve_has_its_exponent(self):
        made = results({"docker-cpp": [1], "docker": [2]})
        made["sections"]["startup"]["figures"].append(
            figure.curve("grow", "growth", "ms", "containers", {"docker-cpp": {1: [2.0], 10: [20.0]}}))
        self.assertIn("| docker-cpp | 2.00 | 20.0 | 1.00 |", render.markdown(blocks.report(made, {}), {}))


if __name__ == "__main__":
    unittest.main()
