#!/usr/bin/env python3
"""Writes docs/scenarios.md: the catalogue of failures with known outcomes, entry by entry.

usage: scripts/catalogue.py [--build build]

An entry is covered by test cases whose names begin with its id ("T01: ...") or by a scenario of the
library that names it ("report": {"catalogue": ["D09"]}). What is left out stands with its reason in
the comment "Left out:" of the tests of its group. The verdicts are those of this run.
"""
import argparse
import pathlib
import re
import subprocess
import xml.etree.ElementTree

GROUPS = {
    "T": ("Truncation, epochs, divergence", [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 15, 16, 18, 19,
                                             21, 22, 23, 24, 25]),
    "D": ("Durability and data loss", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 15, 16, 17, 18, 19, 20,
                                       21, 22, 23]),
    "A": ("Availability windows", [6, 7, 8, 9, 10, 11, 13, 24, 25]),
    "P": ("Performance, lag, catch-up", [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16]),
}
TEXT = """# Failures with known outcomes

Each entry of the catalogue of failures (protocol models, Kafka's own tests, KIPs, published incidents)
that the data plane can be held to, with the test or scenario that asserts its outcome and the verdict
of the last run. Made by `scripts/catalogue.py`; the tests alone: `ctest --test-dir build -L catalogue`.
Entries on the controller and ZooKeeper (the rest of group A, group Z) and on clients, groups and
transactions (group C) come with their subjects.
"""


def test_cases(root):
    """{id: [(name, file)]} of all tests."""
    cases = {}
    for file in sorted(root.glob("tests/**/*.cpp")):
        text = file.read_text()
        for found in re.finditer(r'TEST_CASE\(((?:\s*"(?:[^"\\]|\\.)*")+)', text):
            name = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', found.group(1)))
            name = name.replace('\\"', '"')
            for entry in re.findall(r"\b([TDAP]\d\d)\b", name.split(":")[0]):
                cases.setdefault(entry, []).append((name, str(file.relative_to(root))))
    return cases


def left_out(root):
    """{id: reason} from the comments "Left out:"."""
    reasons = {}
    for file in sorted(root.glob("tests/catalogue/*.cpp")):
        entry = None
        inside = False
        for line in file.read_text().splitlines():
            if not line.startswith("//"):
                inside = False
                continue
            words = line[2:].strip()
            if words.startswith("Left out:"):
                inside, entry = True, None
                words = words[len("Left out:"):].strip()
            if not inside or not words:
                continue
            found = re.match(r"([TDAP]\d\d)[:,]?\s+(.*)", words)
            if found:
                entry = found.group(1)
                reasons[entry] = found.group(2)
            elif entry:
                reasons[entry] += " " + words
    return reasons


def verdicts(build, names):
    """{test name: passed}."""
    results = {}
    command = [str(build / "bin/isrlab-unit"), "~[property]", "-r", "xml"]
    done = subprocess.run(command, capture_output=True, text=True)
    for case in xml.etree.ElementTree.fromstring(done.stdout).iter("TestCase"):
        results[case.get("name")] = case.find("OverallResult").get("success") == "true"
    return {name: results.get(name) for name in names}


def scenarios(root, build):
    """{id: [(file, passed)]} of the library."""
    found = {}
    for file in sorted((root / "scenarios/library").glob("*.json")):
        named = re.search(r'"catalogue"\s*:\s*\[([^\]]*)\]', file.read_text())
        entries = re.findall(r'"([TDAP]\d\d)"', named.group(1)) if named else []
        if not entries:
            continue
        run = subprocess.run([str(build / "bin/isrlab"), "run", str(file), "--no-save", "--quiet"],
                             capture_output=True)
        for entry in entries:
            found.setdefault(entry, []).append((str(file.relative_to(root)), run.returncode == 0))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build")
    arguments = parser.parse_args()
    root = pathlib.Path(__file__).resolve().parent.parent
    build = root / arguments.build
    cases, reasons, library = test_cases(root), left_out(root), scenarios(root, build)
    passed = verdicts(build, [name for found in cases.values() for name, _ in found])
    lines, count = [TEXT], {"passed": 0, "failed": 0, "left out": 0}
    for letter, (title, numbers) in GROUPS.items():
        lines.append("## %s: %s\n\n| entry | outcome asserted | where | verdict |\n|---|---|---|---|"
                     % (letter, title))
        for number in numbers:
            entry = "%s%02d" % (letter, number)
            covered = [(name.split(":", 1)[-1].strip(), file, passed[name])
                       for name, file in cases.get(entry, [])]
            covered += [("scenario " + pathlib.Path(file).stem, file, good)
                        for file, good in library.get(entry, [])]
            for what, file, good in covered:
                verdict = "passed" if good else "failed" if good is False else "not run"
                count["passed" if good else "failed"] += 1
                lines.append("| %s | %s | `%s` | %s |" % (entry, what, file, verdict))
            if entry in reasons:
                part = "the rest: " if covered else ""
                count["left out"] += 0 if covered else 1
                lines.append("| %s | %s%s | - | left out |" % (entry, part, reasons[entry]))
            elif not covered:
                count["left out"] += 1
                lines.append("| %s | not written yet | - | left out |" % entry)
        lines.append("")
    lines.append("%(passed)d passed, %(failed)d failed, %(left out)d entries left out" % count)
    (root / "docs/scenarios.md").write_text("\n".join(lines) + "\n")
    print(lines[-1])


if __name__ == "__main__":
    main()
