"""The pages that the program prints are what stands in the documents."""

import subprocess
import sys
import unittest

from program import PROGRAM, ROOT

sys.path.insert(0, str(ROOT / "tools"))
from generate import PAGES  # noqa: E402


class Reference(unittest.TestCase):
    def test_pages_are_up_to_date(self):
        for page, arguments in PAGES.items():
            with self.subTest(page):
                printed = subprocess.run([PROGRAM, *arguments], check=True, capture_output=True, text=True).stdout
                self.assertEqual((ROOT / page).read_text(), printed, "run ./dev generate")


if __name__ == "__main__":
    unittest.main()
