"""The checks of documents and of the whole tree: each finds what is planted, and passes a clean tree."""

from planted import ROOMS, PlantedTest

import generate
from checks import generated, links, secrets


class LinksTest(PlantedTest):
    def setUp(self) -> None:
        super().setUp()
        self.write("docs/guide.md", "# A guide: the first, `new`\n\n## Steps\n## Steps\n```sh\n# no heading\n```\n")

    def test_clean_tree_passes(self) -> None:
        self.write("README.md", "[a](docs/guide.md) [b](docs/guide.md#steps-1) ![c](docs/guide.md \"title\") [d](#here)\n"
                                "[e](docs/guide.md#a-guide-the-first-new) [f](https://example.com/x) [g](docs)\n# Here\n"
                                "`[code](nowhere.md)`\n```\n[code](nowhere.md)\n```\n<!-- ![later](later.png) -->\n")
        self.assert_clean(links.check(self.tree()))

    def test_file_that_is_missing(self) -> None:
        self.write("README.md", "\nsee [this](docs/gone.md)\n")
        self.assert_found(links.check(self.tree()), "README.md", 2, "docs/gone.md, which does not exist")

    def test_reference_that_is_missing(self) -> None:
        self.write("docs/a.md", "[this]: gone.md\n")
        self.assert_found(links.check(self.tree()), "docs/a.md", 1, "docs/gone.md, which does not exist")

    def test_anchor_that_is_missing(self) -> None:
        self.write("README.md", "[this](docs/guide.md#no-heading)\n")
        self.assert_found(links.check(self.tree()), "README.md", 1, "no heading for the anchor #no-heading")

    def test_link_out_of_the_project(self) -> None:
        self.write("README.md", "[this](../elsewhere.md) [that](/etc/hosts)\n")
        self.assertEqual(2, len(links.check(self.tree())))


class SecretsTest(PlantedTest):
    # Put together here, so that nothing in this file looks like what it plants.
    SECRETS = ["-----BEGIN RSA PRIVATE" + " KEY-----", "AK" + "IA" + "ABCDEFGH" * 2, "gh" + "p_" + "a1B2" * 9,
               "xo" + "xb-" + "1234567890-abcdef", "sk" + "_live_" + "a1b2" * 7, "ey" + "J" + "a" * 12 + ".ey" + "J" + "b" * 12 + ".c",
               "123456789:" + "AA" + "x" * 33, 'api' + '_key = "' + "a1b2c3d4" * 3 + '"',
               "post" + "gres://joe:" + "hunter2" + "@db/argosy", "10" + ".1.2.3", "192" + ".168.0.7", "db.prod." + "intern" + "al",
               "https://registry." + "npmjs" + ".org/x", "https://" + "py" + "pi.org/simple", "/ho" + "me/joe/argosy/build", "/wo" + "rk/argosy"]
    HARMLESS = ["version 1.10.0.3", "127.0.0.1:8080", "0.0.0.0", "~/.local/share/argosy", "PyPI and npm", "api_key: ${API_KEY}",
                'token = read_token("file")', "postgres://localhost/argosy", "postgres://${USER}:${PASSWORD}@db/argosy",
                "https://www.w3.org/2000/svg", "internal consistency", "docs/homework/", "sha256 " + "ab12" * 16]

    def test_each_secret_is_found(self) -> None:
        for secret in self.SECRETS:
            with self.subTest(secret):
                self.write("notes.txt", f"first\n{secret}\n")
                self.assert_found(secrets.check(self.tree()), "notes.txt", 2, "looks like")

    def test_what_is_harmless_passes(self) -> None:
        self.write("notes.txt", "\n".join(self.HARMLESS) + "\n")
        self.assert_clean(secrets.check(self.tree()))

    def test_line_with_a_reason_passes(self) -> None:
        self.write("notes.txt", "10" + ".1.2.3  # no secret: a test of address parsing\n")
        self.assert_clean(secrets.check(self.tree()))


class GeneratedTest(PlantedTest):
    EMPTY = "# Rooms\n<!-- generated: rooms -->\n<!-- end of generated: rooms -->\nmore\n"

    def setUp(self) -> None:
        super().setUp()
        self.write("src/rooms.txt", ROOMS)
        # The other generated part is as it should be.
        self.write("src/simulation/fault.cpp", '{Fault::kKilled, 1, "killed", "the process ends"},\n')
        self.write("docs/concepts/simulation.md", "<!-- generated: faults -->\n| | fault | what is done |\n|---|---|---|\n"
                   "| F1 | killed | the process ends |\n<!-- end of generated: faults -->\n")

    def test_current_part_passes(self) -> None:
        self.write("ARCHITECTURE.md", generate.replace_region(self.EMPTY, "rooms", generate.room_table(self.root)))
        self.assert_clean(generated.check(self.tree()))

    def test_drift_is_found(self) -> None:
        self.write("ARCHITECTURE.md", self.EMPTY)
        self.assert_found(generated.check(self.tree()), "ARCHITECTURE.md", 0, "out of date")

    def test_missing_part_and_document_are_found(self) -> None:
        self.assert_found(generated.check(self.tree()), "ARCHITECTURE.md", 0, "is missing")
        self.write("ARCHITECTURE.md", "# Rooms\n")
        self.assert_found(generated.check(self.tree()), "ARCHITECTURE.md", 0, "has no generated part")

    def test_what_is_around_stays(self) -> None:
        text = generate.replace_region(self.EMPTY, "rooms", "x")
        self.assertTrue(text.startswith("# Rooms\n") and text.endswith("\nmore\n"))
        self.assertIsNone(generate.replace_region("# nothing\n", "rooms", "x"))
