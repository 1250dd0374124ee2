"""The check of the dashboard's sources: layout and types."""

import unittest

from planted import ROOT, PlantedTest

from checks import web


@unittest.skipUnless((ROOT / "web" / "node_modules").exists(), "./dev build brings the packages")
class CheckTest(PlantedTest):
    def setUp(self) -> None:
        super().setUp()
        self.write("web/.prettierrc.json", '{ "printWidth": 120 }\n')
        self.write("web/package.json", '{\n  "type": "module"\n}\n')
        self.write("web/tsconfig.json", '{ "compilerOptions": { "strict": true, "lib": ["es5"], "types": [] }, "include": ["src"] }\n')
        self.write("web/src/api/schema.d.ts", "export type A = string;\n")
        self.write("web/src/a.ts", "export const a: number = 1;\n")

    def test_clean_tree_passes(self) -> None:
        self.assert_clean(web.check(self.tree()))

    def test_layout(self) -> None:
        self.write("web/src/a.ts", "export const a : number=1\n")
        self.assert_found(web.layout(self.root / "web"), "web/src/a.ts", 0, "./dev format")

    def test_text_that_cannot_be_read(self) -> None:
        self.write("web/src/a.ts", "export const a: number = 1;\nexport const b = ;\n")
        self.assert_found(web.layout(self.root / "web"), "web/src/a.ts", 2, "")

    def test_types(self) -> None:
        self.write("web/src/a.ts", 'export const a: number = 1;\nexport const b: number = "x";\n')
        self.assert_found(web.types(self.root / "web"), "web/src/a.ts", 2, "not assignable")

    def test_types_of_the_api_that_are_not_made(self) -> None:
        (self.root / "web/src/api/schema.d.ts").unlink()
        self.assert_found(web.check(self.tree()), "web", 0, "./dev build")
