"""Counts the tests in surefire's reports. Fails on a failure, on a skipped test without a reason, and on no tests."""

import glob
import re
import sys
import xml.etree.ElementTree as ET

# What JUnit writes where the author wrote nothing.
NO_REASON = re.compile(r"|.* is @Disabled|(Assumption failed: )?assumption is not (true|false)")

passed, failed, skipped, silent = 0, 0, 0, []
for path in sorted(glob.glob("*/target/surefire-reports/TEST-*.xml")):
    for case in ET.parse(path).getroot().iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        skip = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
            print(f"failed: {name}")
        elif skip is not None:
            skipped += 1
            reason = (skip.get("message") or "").strip()
            if NO_REASON.fullmatch(reason):
                silent.append(name)
                reason = "WITHOUT A REASON"
            print(f"skipped: {name}: {reason}")
        else:
            passed += 1
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if failed or silent or not passed else 0)
