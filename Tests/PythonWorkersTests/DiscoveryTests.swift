import Domain
import Foundation
import Testing

@testable import PythonWorkers

@Suite("Finding tools")
struct DiscoveryTests {
    @Test(
        "The one function marked as a tool is found, whichever way it is marked",
        arguments: [
            "from promptflow import tool\n@tool", "from promptflow.core import tool\n@tool",
            "from promptflow.core import tool\n@tool(name='My tool', description='d', streaming_option_parameter='s')",
            "from promptflow._internal import tool\n@tool()", "import promptflow\n@promptflow.tool",
            "from promptflow.tracing import trace\nfrom promptflow.core import tool\n@trace\n@tool",
        ])
    func findsMarkedFunctions(head: String) async throws {
        let source = "\(head)\ndef main(x):\n    return other(x)\n\ndef other(x):\n    return x + 1\n"
        let output = try await Fixture.with(["t.py": source]) { fixture in
            try await fixture.call("t.py", ["x": 1]).output
        }
        #expect(output == 2)
    }

    @Test(
        "Files without a tool, with several, or that cannot be loaded say so",
        arguments: [
            ("x = 1", "t.py has no function marked with @tool"),
            (
                "from promptflow.core import tool\n@tool\ndef a(): pass\n@tool\ndef b(): pass",
                "t.py has 2 functions marked with @tool (a, b)"
            ),
            ("def a(:", "cannot load t.py: (SyntaxError)"),
            ("import nothing_like_it", "(ModuleNotFoundError) No module named 'nothing_like_it'"),
            ("import helper\n", "t.py has no function"),
            ("1 / 0", "cannot load t.py: (ZeroDivisionError) division by zero"),
        ])
    func saysWhyNot(source: String, message: String) async throws {
        let files = ["t.py": source, "helper.py": "from promptflow.core import tool\n@tool\ndef a(): pass"]
        let failure = try await Fixture.with(files) { fixture in try await fixture.failure("t.py") }
        #expect(failure.kind == .load)
        #expect(failure.message.contains(message), "\(failure.message)")
    }

    @Test("A missing file and a missing function are told by name")
    func tellsMissing() async throws {
        let source = "from promptflow.core import tool\n@tool\ndef a(): return 'a'\n@tool\ndef b(): return 'b'\n"
        try await Fixture.with(["t.py": source]) { fixture in
            let missing = try await fixture.failure("none.py")
            #expect(missing.message.hasPrefix("tool file none.py does not exist"))
            let unknown = try await fixture.failure("t.py", function: "c")
            #expect(unknown.message == "t.py has no function `c`")
            let named = try await fixture.call("t.py", function: "b").output
            #expect(named == "b")
        }
    }

    @Test("The methods of a ToolProvider take the class's values as inputs, and share one object per values")
    func usesToolProviders() async throws {
        let source = """
            from promptflow.core import ToolProvider, tool
            from promptflow.connections import CustomConnection
            made = 0
            class Search(ToolProvider):
                def __init__(self, connection: CustomConnection, index: str = "main"):
                    super().__init__()
                    global made
                    made += 1
                    self.place = connection.url + index
                @tool
                def find(self, query: str, top: int = 3):
                    return [self.place, query, top, made]
            """
        let connection = Connection(name: "c", type: .custom, settings: ["url": "u/"])
        try await Fixture.with(["t.py": source], workers: 1) { fixture in
            let signature = try await fixture.runtime.signature(
                of: .file(path: "t.py", function: nil), in: fixture.place)
            #expect(signature.parameters.map(\.name) == ["connection", "index", "query", "top"])
            #expect(signature.parameters.map(\.defaultValue) == [nil, "main", nil, 3])
            let first = try await fixture.call("t.py", ["query": "q"], connections: ["connection": connection]).output
            #expect(first == ["u/main", "q", 3, 1])
            let other = try await fixture.call(
                "t.py", ["query": "q", "index": "b"], connections: ["connection": connection]
            ).output
            #expect(other == ["u/b", "q", 3, 2])
            let again = try await fixture.call("t.py", ["query": "r"], connections: ["connection": connection]).output
            #expect(again == ["u/main", "r", 3, 2])
        }
    }

    @Test("A signature names parameters, annotations and defaults")
    func readsSignatures() async throws {
        let source = """
            from __future__ import annotations
            from typing import List, Optional, Union
            from promptflow.core import tool
            from promptflow.connections import AzureOpenAIConnection, CustomStrongTypeConnection, OpenAIConnection
            from promptflow.contracts.types import PromptTemplate, Secret
            class Shop(CustomStrongTypeConnection):
                key: Secret
            @tool
            def run(a: str, b: Optional[int], c, d: Union[AzureOpenAIConnection, OpenAIConnection], e: PromptTemplate,
                    f: Shop, g: List[str] = ["x"], h: object = object(), i=None, *rest, j: float = float("nan"), **more):
                pass
            """
        let signature = try await Fixture.with(["t.py": source]) { fixture in
            try await fixture.runtime.signature(of: .file(path: "t.py", function: nil), in: fixture.place)
        }
        #expect(signature.function == "run")
        #expect(signature.acceptsAnything)
        #expect(signature.parameters.map(\.name) == ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"])
        #expect(
            signature.parameters.map(\.annotation) == [
                "str", "Optional[int]", "", "Union[AzureOpenAIConnection, OpenAIConnection]", "PromptTemplate",
                "CustomStrongTypeConnection", "List[str]", "object", "", "float",
            ])
        #expect(
            signature.parameters.map(\.defaultValue).prefix(9) == [nil, nil, nil, nil, nil, nil, ["x"], .null, .null])
    }

    @Test("Tools of packages are found by module and function, by class and method, and by the package's own id")
    func findsPackageTools() async throws {
        let files = [
            "shop/__init__.py": "", "shop/deep/__init__.py": "",
            "shop/deep/tools.py": """
            from promptflow.core import ToolProvider, tool
            @tool
            def price(x): return x * 2
            class Basket(ToolProvider):
                def __init__(self, n: int): self.n = n
                @tool
                def count(self, x): return self.n + x
            def listed():
                return {"other.id": {"module": "shop.deep.tools", "function": "price", "deprecated_tools": ["old.id"]}}
            """,
            "shop-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: shop\nVersion: 1.0\n",
            "shop-1.0.dist-info/entry_points.txt": "[package_tools]\nshop = shop.deep.tools:listed\n",
        ]
        try await Fixture.with(files) { fixture in
            let outputs = try await fixture.inSession { session in
                var outputs: [JSONValue] = []
                for (name, arguments) in [
                    ("shop.deep.tools.price", ["x": 4]), ("shop.deep.tools.Basket.count", ["x": 4, "n": 3]),
                    ("other.id", ["x": 5]), ("old.id", ["x": 6]),
                ] as [(String, JSONObject)] {
                    outputs.append(
                        try await session.call(.package(function: name), arguments: arguments, connections: [:]).output)
                }
                return outputs
            }
            #expect(outputs == [8, 7, 10, 12])
            let failure = await #expect(throws: PythonFailure.self) {
                try await fixture.runtime.signature(of: .package(function: "no.such.tool"), in: fixture.place)
            }
            #expect(failure?.kind == .load)
            #expect(failure?.message.contains("no.such.tool") == true)
        }
    }

    @Test("What our promptflow package lacks comes from the installed one, for the whole worker")
    func turnsToTheRealPackage() async throws {
        let real = [
            // The test's interpreter may have the real package: this hides it.
            "without/sitecustomize.py": "import sys; sys.path[:] = [p for p in sys.path if 'site-packages' not in p]",
            "site/promptflow/__init__.py": "", "site/promptflow/_core/__init__.py": "",
            "site/promptflow/_core/metric_logger.py": "def add_metric_logger(f): pass",
            "site/promptflow/core/__init__.py":
                "class Prompty: pass\ndef tool(f):\n    setattr(f, '__tool', None)\n    return f",
        ]
        let files = [
            "t.py":
                "from promptflow.core import tool, Prompty\nimport promptflow\n@tool\ndef run(): return promptflow.__file__",
            "u.py": tool("", "import promptflow", "return promptflow.__file__"),
        ]
        let folder = NSTemporaryDirectory() + "pawang-real-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (path, text) in real {
            let whole = URL(fileURLWithPath: folder + "/" + path)
            try FileManager.default.createDirectory(
                at: whole.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: whole)
        }
        try await Fixture.with(files, environment: ["PYTHONPATH": folder + "/without"]) { fixture in
            let failure = try await fixture.failure("t.py")
            #expect(failure.kind == .load)
            #expect(failure.message.contains("`promptflow.core.Prompty`"), "\(failure.message)")
            #expect(failure.message.contains("install `promptflow`"))
        }
        let environment = ["PYTHONPATH": folder + "/site"]
        try await Fixture.with(files, workers: 1, environment: environment) { fixture in
            let before = try await fixture.call("u.py").output.string ?? ""
            let real = try await fixture.call("t.py").output.string ?? ""
            let after = try await fixture.call("u.py").output.string ?? ""
            #expect(before.hasPrefix(Fixture.cache))
            #expect(real.hasPrefix(folder))
            #expect(after.hasPrefix(folder))
        }
        try await Fixture.with(files, environment: environment.merging(["PAWANG_REAL_PROMPTFLOW": "1"]) { $1 }) {
            fixture in
            let at = try await fixture.call("u.py").output.string ?? ""
            #expect(at.hasPrefix(folder))
        }
    }
}
