"""Every check finds its bad samples, and is content with the good ones."""

import sys
import unittest

import documents
import layers
import lists
import sizes
import words
from tree import code_only


def whats(problems) -> str:
    return "\n".join(str(problem) for problem in problems)


class Includes(unittest.TestCase):
    def one(self, path: str, line: str, *there: str) -> str:
        tree = {name: "" for name in there} | {path: line + "\n"}
        return whats(layers.check_includes(tree))

    def accepts(self, path: str, line: str, *there: str) -> None:
        self.assertEqual(self.one(path, line, *there), "")

    def refuses(self, path: str, line: str, *there: str) -> None:
        self.assertIn(f"{path}:1: ", self.one(path, line, *there))

    def test_a_lower_layer_may_be_included(self):
        self.accepts("stack/a.h", '#include "mmc/b.h"', "mmc/b.h")
        self.accepts("tools/a.cpp", '#include "transports/usb/b.h"', "transports/usb/b.h")

    def test_a_higher_layer_may_not(self):
        self.refuses("mmc/a.h", '#include "transports/b.h"', "transports/b.h")
        self.refuses("transports/a.h", '#include "stack/b.h"', "stack/b.h")
        self.refuses("stack/a.h", '#include "harness/b.h"', "harness/b.h")
        self.refuses("harness/a.h", '#  include "tools/b.h"', "tools/b.h")

    def test_the_stack_sees_only_what_transports_have_in_common(self):
        self.accepts("stack/a.h", '#include "transports/clock.h"', "transports/clock.h")
        self.refuses("stack/a.h", '#include "transports/os/clock.h"', "transports/os/clock.h")
        self.refuses("stack/a.h", '#include "transports/sg_io/sg.h"', "transports/sg_io/sg.h")

    def test_tests_may_use_the_harness_and_nothing_else_above_them(self):
        self.accepts("mmc/a_test.cpp", '#include "harness/sim/b.h"', "harness/sim/b.h")
        self.accepts("mmc/a_test.cpp", "#include <gtest/gtest.h>")
        self.refuses("mmc/a_test.cpp", '#include "stack/b.h"', "stack/b.h")
        self.refuses("mmc/a.cpp", "#include <gtest/gtest.h>")
        self.refuses("harness/sim/a.h", "#include <gmock/gmock.h>")
        self.accepts("harness/testing/a.h", "#include <gmock/gmock.h>")

    def test_doubles_are_for_tests(self):
        self.refuses("tools/kiln/a.cpp", '#include "harness/shim/b.h"', "harness/shim/b.h")
        self.refuses("harness/sim/a.h", '#include "harness/testing/b.h"', "harness/testing/b.h")
        self.accepts("tools/a_test.cpp", '#include "harness/testing/b.h"', "harness/testing/b.h")
        self.accepts("harness/umockdev/a.h", '#include "harness/shim/b.h"', "harness/shim/b.h")

    def test_paths_start_at_the_root_and_exist(self):
        self.refuses("mmc/a.cpp", '#include "a.h"', "mmc/a.h")
        self.refuses("mmc/a.cpp", '#include "mmc/../mmc/a.h"', "mmc/a.h")
        self.refuses("mmc/a.cpp", '#include "mmc/gone.h"')

    def test_each_library_has_its_place(self):
        self.accepts("mmc/a.h", "#include <tl/expected.hpp>")
        self.refuses("mmc/a.h", "#include <fmt/format.h>")
        self.accepts("transports/usb/a.cpp", "#include <libusb.h>")
        self.refuses("transports/bot/a.cpp", "#include <libusb.h>")
        self.refuses("stack/a.cpp", "#include <toml++/toml.h>")
        self.refuses("harness/a.cpp", "#include <CLI/CLI.hpp>")
        self.refuses("tools/a.cpp", "#include <boost/asio.hpp>")

    def test_operating_system_headers_stay_in_concrete_transports(self):
        self.accepts("transports/sg_io/a.cpp", "#include <scsi/sg.h>")
        self.accepts("transports/os/a.cpp", "#include <unistd.h>")
        self.refuses("transports/transport.cpp", "#include <unistd.h>")
        self.refuses("stack/a.cpp", "#include <sys/stat.h>")
        self.refuses("mmc/a.cpp", "#include <stdio.h>")

    def test_mmc_does_no_io(self):
        self.refuses("mmc/a.cpp", "#include <thread>")
        self.refuses("mmc/a.cpp", "#include <fstream>")
        self.accepts("mmc/a_test.cpp", "#include <fstream>")
        self.accepts("mmc/fuzz/a.cpp", "#include <cstdio>")

    def test_code_stands_in_the_five_folders(self):
        self.refuses("fixtures/a.cpp", "")
        self.refuses("extra/a.cpp", "")


class Namespaces(unittest.TestCase):
    def one(self, path: str, text: str) -> str:
        return whats(layers.check_namespaces({path: text}))

    def test_they_match_the_folder(self):
        self.assertEqual(self.one("mmc/a.cpp", "namespace kiln::mmc {\n}\n"), "")
        self.assertEqual(self.one("mmc/a.cpp", "namespace kiln::mmc::detail {\n}\n"), "")
        self.assertIn("is not kiln::mmc", self.one("mmc/a.cpp", "namespace kiln::stack {\n}\n"))
        self.assertIn("is not kiln::mmc", self.one("mmc/a.cpp", "namespace kiln {\n}\n"))

    def test_types_of_another_folder_may_be_declared(self):
        declares = "namespace kiln::mmc {\nstruct A;\nclass B;\n}\nnamespace kiln::stack {\n}\n"
        self.assertEqual(self.one("stack/a.cpp", declares), "")
        defines = declares.replace("struct A;", "struct A {};")
        self.assertIn("is not kiln::stack", self.one("stack/a.cpp", defines))

    def test_nothing_stands_outside(self):
        self.assertIn("nothing stands in", self.one("mmc/a.cpp", "int f();\n"))
        self.assertIn("nothing stands in", self.one("mmc/a.cpp", "// namespace kiln::mmc {\n"))
        self.assertEqual(self.one("tools/main.cpp", "int main() {\n}\n"), "")

    def test_headers_use_no_namespace_and_are_guarded(self):
        good = "#pragma once\nnamespace kiln::mmc {\n}\n"
        self.assertEqual(self.one("mmc/a.h", good), "")
        self.assertIn("using namespace", self.one("mmc/a.h", good + "using namespace std;\n"))
        self.assertIn("no #pragma once", self.one("mmc/a.h", "namespace kiln::mmc {\n}\n"))


class Sizes(unittest.TestCase):
    def test_a_file_of_500_lines_is_the_longest(self):
        self.assertEqual(sizes.check_files({"mmc/a.cpp": "\n" * 500}), [])
        self.assertEqual(len(sizes.check_files({"mmc/a.cpp": "\n" * 501})), 1)
        self.assertEqual(len(sizes.check_files({"tools/try": "#!/bin/bash\n" + "\n" * 501})), 1)
        self.assertEqual(sizes.check_files({"fixtures/a.toml": "\n" * 501}), [])

    def function(self, opening: str, lines: int, indent: str = "") -> str:
        body = f"{indent}    step();\n" * lines
        return f"{opening}\n{body}{indent}}}\n"

    def test_a_function_of_70_lines_is_the_longest(self):
        for opening in ("int f(int a) {", "TEST(A, B) {", "X f(int a,\n    int b) {"):
            self.assertEqual(sizes.long_functions(self.function(opening, 70)), [], opening)
            self.assertEqual(len(sizes.long_functions(self.function(opening, 71))), 1, opening)

    def test_methods_and_lambdas_count_too(self):
        inside = "class A {\n" + self.function("    int f() {", 71, "    ") + "};\n"
        self.assertEqual(len(sizes.long_functions(inside)), 1)
        named = self.function("const auto f = [](int a) {", 71)
        self.assertEqual(len(sizes.long_functions(named)), 1)

    def test_tables_classes_and_namespaces_do_not(self):
        for opening in (
            "constexpr std::array kRows = {",
            "constexpr Row kRows[] = {",
            "namespace kiln::mmc {",
            "struct A {",
            "class A : public B<int(int)> {",
            "enum class A : int {",
        ):
            self.assertEqual(sizes.long_functions(self.function(opening, 300)), [], opening)

    def test_braces_in_literals_and_comments_do_not_count(self):
        text = 'int f() {\n    g("{"); // {\n    h(\'{\');\n}\nint k() {\n' + "a();\n" * 60 + "}\n"
        self.assertEqual(sizes.long_functions(text), [])

    def test_python_functions_count_too(self):
        long = "def f():\n" + "    pass\n" * 71
        self.assertEqual(len(sizes.check_functions({"tools/a.py": long})), 1)
        self.assertEqual(sizes.check_functions({"tools/a.py": long[:-9]}), [])


class Words(unittest.TestCase):
    def one(self, path: str, text: str) -> str:
        return whats(words.check_words({path: text}))

    def test_nothing_is_left_unfinished(self):
        self.assertIn("unfinished", self.one("mmc/a.h", "// TO" + "DO: later\n"))
        self.assertIn("unfinished", self.one("README.md", "FIX" + "ME\n"))
        self.assertEqual(self.one("mmc/a.h", '"/kiln-XXXXXX" the method\n'), "")

    def test_no_path_of_one_machine(self):
        self.assertIn("a path of one machine", self.one("a.md", "see /work/thing\n"))
        self.assertIn("a path of one machine", self.one("a.md", "see /home/somebody\n"))
        self.assertIn("temporary", self.one("mmc/a_test.cpp", 'open("/tmp/x")\n'))
        self.assertEqual(self.one("a.md", "how to/work/with\n"), "")

    def test_hosts_are_listed(self):
        self.assertEqual(self.one("a.md", "https://github.com/a/b\n"), "")
        self.assertIn("host", self.one("a.md", "http://mirror.example.net/debian\n"))
        self.assertIn("host", self.one("a.md", "https://notgithub.com/a\n"))


class Constructs(unittest.TestCase):
    def one(self, path: str, text: str) -> str:
        return whats(words.check_constructs({path: text}))

    def test_the_os_clock_is_in_one_place(self):
        line = "auto t = std::chrono::steady_clock::now();\n"
        self.assertIn("OS clock", self.one("stack/a.cpp", line))
        self.assertIn("OS clock", self.one("stack/a.cpp", "std::this_thread::sleep_for(x);\n"))
        self.assertEqual(self.one("transports/os/clock.cpp", line), "")

    def test_no_exceptions(self):
        self.assertIn("exceptions", self.one("stack/a.cpp", "throw 1;\n"))
        self.assertEqual(self.one("stack/a.cpp", '// throw\nauto s = "throw";\n'), "")

    def test_mmc_has_no_casts_unions_or_packed_structs(self):
        for line in (
            "auto p = reinterpret_cast<char*>(q);",
            "union U {",
            "#pragma pack(1)",
            "struct [[gnu::packed]] A {",
            "    unsigned flag : 1;",
            "    std::uint8_t flag : 1 = 0;",
        ):
            self.assertIn("mmc/ has no", self.one("mmc/a.h", line + "\n"), line)
        self.assertEqual(self.one("mmc/a.h", "public:\ncase A: b;\nx = a ? b : 1;\n"), "")
        self.assertEqual(self.one("transports/a.h", "union U {\n"), "")


class Lists(unittest.TestCase):
    def test_every_source_is_listed(self):
        tree = {"mmc/meson.build": "x = files(\n    'a.cpp',\n)\n", "mmc/a.cpp": ""}
        self.assertEqual(lists.check_listed(tree), [])
        self.assertIn("no meson.build", whats(lists.check_listed(tree | {"mmc/b_test.cpp": ""})))
        del tree["mmc/a.cpp"]
        self.assertIn("does not exist", whats(lists.check_listed(tree)))

    def test_what_the_build_generates_is_not_in_the_tree(self):
        text = "x = custom_target(\n    output: 'a.cpp',\n)\n"
        self.assertEqual(lists.check_listed({"mmc/meson.build": text}), [])

    def test_lists_are_sorted_one_a_line(self):
        def one(text: str) -> str:
            return whats(lists.check_sorted({"mmc/meson.build": text}))

        self.assertEqual(one("files(\n    'a.cpp',\n    'b.cpp',\n)\n"), "")
        self.assertIn("stands before", one("files(\n    'b.cpp',\n    'a.cpp',\n)\n"))
        self.assertIn("twice", one("files(\n    'a.cpp',\n    'a.cpp',\n)\n"))
        self.assertIn("one source a line", one("files('a.cpp', 'b.cpp')\n"))
        self.assertEqual(one("files(\n    'b.cpp',\n)\nfiles(\n    'a.cpp',\n)\n"), "")


class Documents(unittest.TestCase):
    README = "".join(f"## {heading}\n" for heading in documents.HEADINGS)

    def test_folder_readmes_share_headings(self):
        tree = {name: "" for name in documents.DOCUMENTS}
        tree |= {f"{folder}/README.md": self.README for folder in documents.FOLDERS}
        self.assertEqual(documents.check_readmes(tree), [])
        without = self.README.replace("## Not here\n", "")
        found = whats(documents.check_readmes(tree | {"mmc/README.md": without}))
        self.assertIn("Not here", found)
        del tree["stack/README.md"]
        self.assertIn("stack/README.md:1: is missing", whats(documents.check_readmes(tree)))

    def test_links_lead_somewhere(self):
        tree = {"mmc/README.md": "[a](a.h) [b](../stack) [c](https://github.com)", "mmc/a.h": ""}
        self.assertIn("../stack", whats(documents.check_links(tree)))
        self.assertEqual(documents.check_links(tree | {"stack/b.h": ""}), [])

    def test_schemas_are_valid(self):
        def one(text: str) -> str:
            return whats(documents.check_schemas({"tools/a.schema.json": text}))

        dialect = '"$schema": "https://json-schema.org/draft/2020-12/schema"'
        self.assertEqual(one("{%s, \"type\": \"object\"}" % dialect), "")
        self.assertIn("not JSON", one("{,}"))
        self.assertIn("$schema", one("{}"))
        self.assertIn("$.type", one("{%s, \"type\": \"thing\"}" % dialect))


class CodeOnly(unittest.TestCase):
    def test_literals_and_comments_are_blank_and_lines_stay(self):
        text = 'a("x//y"); // c\nb(R"(\n"{)"); /* d\n */ 1\'000; c(\'"\');\n'
        code = code_only(text)
        self.assertEqual(code.count("\n"), text.count("\n"))
        for gone in ("x//y", "// c", "{", " d", '"'):
            self.assertNotIn(gone, code.replace('R"', ""))
        self.assertIn("1'000", code)


if __name__ == "__main__":
    program = unittest.main(exit=False, verbosity=0)
    ran, bad = program.result.testsRun, len(program.result.failures + program.result.errors)
    sys.stderr.flush()
    print(f"{ran - bad} passed, {bad} failed, 0 skipped", flush=True)
    sys.exit(1 if bad else 0)
