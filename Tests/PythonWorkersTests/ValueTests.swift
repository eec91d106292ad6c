import Domain
import Foundation
import Testing

@testable import PythonWorkers

@Suite("What Python values become")
struct ValueTests {
    /// What prompt flow 1.18.5 made of each value when the same tools ran in its executor: the output that it stored,
    /// `nil` where it stored the `repr` and refused the value as a flow output, and what the next node was given.
    static let table: [(expression: String, output: JSONValue?, next: String)] = [
        ("1", 1, "int:1"), ("1.5", 1.5, "float:1.5"), ("'x'", "x", "str:x"),
        ("None", nil as JSONValue, "NoneType:None"),
        ("True", true, "bool:True"), ("(1, 2)", [1, 2], "tuple:(1, 2)"), ("{1}", Optional.none, "set:{1}"),
        ("datetime.datetime(2024, 1, 2, 3, 4, 5)", Optional.none, "datetime:2024-01-02 03:04:05"),
        ("datetime.date(2024, 1, 2)", Optional.none, "date:2024-01-02"), ("b'ab'", Optional.none, "bytes:b'ab'"),
        ("D(1, 'b')", Optional.none, "D:D(a=1, b='b')"), ("E.A", Optional.none, "E:E.A"),
        ("{1: 'a', None: 2, True: 3}", ["1": 3, "null": 2], "dict:{1: 3, None: 2}"),
        ("{(1, 2): 3}", Optional.none, "dict:{(1, 2): 3}"), ("[{1}]", Optional.none, "list:[{1}]"),
        ("decimal.Decimal('1.5')", Optional.none, "Decimal:1.5"), ("N(1, 2)", [1, 2], "N:N(a=1, b=2)"),
        ("collections.Counter('aab')", ["a": 2, "b": 1], "Counter:Counter({'a': 2, 'b': 1})"),
        ("1j", Optional.none, "complex:1j"), ("range(3)", Optional.none, "range:range(0, 3)"),
        ("collections.deque([1])", Optional.none, "deque:deque([1])"),
        ("{'a': [1, {'b': None}]}", ["a": [1, ["b": nil]]], "dict:{'a': [1, {'b': None}]}"),
    ]

    @Test("Values are stored, refused and handed on as prompt flow does it")
    func matchesPromptFlow() async throws {
        var files = ["show.py": tool("v", "return type(v).__name__ + ':' + str(v)")]
        for (index, row) in Self.table.enumerated() {
            files["make\(index).py"] = tool("", "return \(row.expression)", preamble: Self.preamble)
        }
        try await Fixture.with(files, workers: 1) { fixture in
            for (index, row) in Self.table.enumerated() {
                try await fixture.inSession { session in
                    let made = try await session.call(
                        .file(path: "make\(index).py", function: nil), arguments: [:], connections: [:]
                    ).output
                    let shown = try await session.call(
                        .file(path: "show.py", function: nil), arguments: ["v": made], connections: [:]
                    ).output
                    #expect(shown == .string(row.next), "\(row.expression)")
                    if let output = row.output {
                        #expect(made == output, "\(row.expression)")
                    } else {
                        #expect(made["repr"]?.string?.isEmpty == false, "\(row.expression)")
                        #expect(made["error"]?.string?.hasPrefix("(TypeError) ") == true, "\(row.expression)")
                    }
                }
            }
        }
    }

    @Test("The words for a value that is no JSON are prompt flow's")
    func wordsRefusals() async throws {
        let output = try await Fixture.with(["make.py": tool("", "return {1}")]) { fixture in
            try await fixture.call("make.py").output
        }
        #expect(output["repr"] == "{1}")
        #expect(output["type"] == "set")
        #expect(output["error"] == "(TypeError) Object of type set is not JSON serializable")
    }

    @Test("A member of an object is found by a path, through attributes, keys and indices")
    func followsPaths() async throws {
        let files = [
            "make.py": tool("", "return D({'k k': [5, 7]}, {1})", preamble: Self.preamble),
            "echo.py": tool("v", "return v"),
        ]
        let output = try await Fixture.with(files) { fixture in
            try await fixture.inSession { session in
                let made = try await session.call(
                    .file(path: "make.py", function: nil), arguments: [:], connections: [:])
                var handle = try #require(made.output.object)
                handle["path"] = "a['k k'][1]"
                return try await session.call(
                    .file(path: "echo.py", function: nil), arguments: ["v": .object(handle)], connections: [:]
                ).output
            }
        }
        #expect(output == 7)
    }

    @Test("An object is gone when its session has ended, and the message says what to do")
    func forgetsObjects() async throws {
        let files = ["make.py": tool("", "return {1}"), "echo.py": tool("v", "return v")]
        let failure = try await Fixture.with(files, workers: 1) { fixture in
            let made = try await fixture.call("make.py").output
            return try await fixture.failure("echo.py", ["v": [made]])
        }
        #expect(failure.kind == .load)
        #expect(failure.message.contains("belongs to another line"))
    }

    @Test("A generator is taken whole, and later calls can read its pieces again and again")
    func takesGenerators() async throws {
        let files = [
            "make.py": tool("", "yield 'a'", "yield {'b': 1}", "yield {2}"),
            "again.py": tool("v", "return [len(list(v)), len(list(v)), next(v), [next(v) for _ in range(2)] and True]"),
        ]
        let (made, again) = try await Fixture.with(files) { fixture in
            try await fixture.inSession { session in
                let made = try await session.call(
                    .file(path: "make.py", function: nil), arguments: [:], connections: [:])
                let again = try await session.call(
                    .file(path: "again.py", function: nil), arguments: ["v": made.output], connections: [:])
                return (made, again.output)
            }
        }
        #expect(made.pieces == ["a", ["b": 1], "{2}"])
        #expect(made.output["$pawang.handle"] != nil)
        #expect(again == [3, 3, "a", true])
    }

    @Test(
        "Asynchronous generators and other iterators give pieces as well",
        arguments: [
            "import asyncio\nfrom promptflow.core import tool\n@tool\nasync def run():\n    for i in range(3):\n        await asyncio.sleep(0)\n        yield i",
            "from promptflow.core import tool\n@tool\ndef run():\n    return map(int, ['0', '1', '2'])",
            "from promptflow.core import tool\n@tool\nasync def run():\n    return iter([0, 1, 2])",
        ])
    func takesIterators(source: String) async throws {
        let pieces = try await Fixture.with(["make.py": source]) { fixture in try await fixture.call("make.py").pieces }
        #expect(pieces == [0, 1, 2])
    }

    @Test("A generator that fails half way fails the call")
    func failsWithGenerators() async throws {
        let failure = try await Fixture.with(["make.py": tool("", "yield 1", "raise ValueError('half')")]) { fixture in
            try await fixture.failure("make.py")
        }
        #expect(failure.message == "(ValueError) half")
    }

    @Test(
        "A value nested too deeply or containing itself is kept, not converted",
        arguments: [
            "import functools\n    return functools.reduce(lambda v, _: [v], range(5000), 1)",
            "v = []; v.append(v); return v",
        ])
    func keepsDeepValues(body: String) async throws {
        let source = "from promptflow.core import tool\n@tool\ndef run():\n    \(body)\n"
        let output = try await Fixture.with(["deep.py": source]) { fixture in try await fixture.call("deep.py").output }
        #expect(output["$pawang.handle"] != nil)
    }

    @Test("Image values reach tools as images and come back as image values")
    func convertsImages() async throws {
        let source = """
            from promptflow.core import tool
            from promptflow.contracts.multimedia import Image
            @tool
            def run(one: Image, many: list):
                assert isinstance(one, Image) and all(isinstance(m["i"], Image) for m in many)
                open("copy.png", "wb").write(one)
                return [one, len(one), many[0]["i"]]
            """
        let image: JSONValue = ["data:image/png;base64": "iVBORw0KGgo="]
        let output = try await Fixture.with(["image.py": source, "b.txt": "content"]) { fixture in
            try await fixture.call(
                "image.py", ["one": image, "many": [["i": ["data:image/jpeg;path": "b.txt"]]]]
            ).output
        }
        #expect(output == [image, 8, ["data:image/jpeg;base64": "Y29udGVudA=="]])
    }

    @Test("An image address inside the own network is refused")
    func refusesPrivateImageAddresses() async throws {
        let failure = try await Fixture.with(["image.py": tool("x", "return 1")]) { fixture in
            try await fixture.failure("image.py", ["x": ["data:image/png;url": "http://127.0.0.1:1/a.png"]])
        }
        #expect(failure.kind == .load)
        #expect(failure.message.contains("private network"))
    }

    private static let preamble = """
        import collections, dataclasses, datetime, decimal, enum
        @dataclasses.dataclass
        class D:
            a: object
            b: object
        class E(enum.Enum):
            A = 1
        N = collections.namedtuple("N", "a b")
        """
}
