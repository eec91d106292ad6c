import Domain
import Testing

@testable import PythonWorkers

@Suite("Calling Python tools")
struct CallTests {
    @Test("A tool's answer is its return value")
    func answersWithTheReturnValue() async throws {
        let output = try await Fixture.with(["add.py": tool("a: int, b: int", "return {'sum': a + b}")]) { fixture in
            try await fixture.call("add.py", ["a": 2, "b": 40]).output
        }
        #expect(output == ["sum": 42])
    }

    @Test("Text of every kind comes through unharmed")
    func carriesUnicode() async throws {
        let text = "é 日本語 🧗🏽 \u{2028} \" \\ \n \u{7F} \u{1} Bahasa\u{200D}"
        let outputs = try await Fixture.with(["echo.py": tool("x", "return [x, len(x)]")]) { fixture in
            try await fixture.call("echo.py", ["x": .string(text)]).output
        }
        #expect(outputs == [.string(text), .int(text.unicodeScalars.count)])
    }

    @Test("Half a surrogate pair becomes a replacement character instead of breaking the worker")
    func replacesLoneSurrogates() async throws {
        let output = try await Fixture.with(["half.py": tool("", "return 'a\\ud800b\\ud83d\\ude00'")]) { fixture in
            try await fixture.call("half.py").output
        }
        #expect(output == "a\u{FFFD}b😀")
    }

    @Test("NaN and the infinities come through both ways")
    func carriesNonFiniteNumbers() async throws {
        let source = tool("x", "import math", "return [math.isnan(x[0]), x[0], x[1] + 1, -x[1], 1.0]")
        let output = try await Fixture.with(["nan.py": source]) { fixture in
            try await fixture.call("nan.py", ["x": [.double(.nan), .double(.infinity)]]).output
        }
        #expect(output.array?[0] == true)
        #expect(output.array?[1].double?.isNaN == true)
        #expect(output.array?[2] == .double(.infinity))
        #expect(output.array?[3] == .double(-.infinity))
        #expect(output.array?[4] == .double(1))
    }

    @Test("Ten megabytes go in and come out whole")
    func carriesLargeValues() async throws {
        let large = String(repeating: "0123456789", count: 1_000_000)
        let output = try await Fixture.with(["large.py": tool("x", "return x[::-1] + '!'")]) { fixture in
            try await fixture.call("large.py", ["x": .string(large)]).output
        }
        #expect(output.string?.utf8.count == 10_000_001)
        #expect(output.string?.hasPrefix("9876543210") == true)
        #expect(output.string?.hasSuffix("0!") == true)
    }

    @Test("Calls of one session overlap, each on its own thread")
    func overlapsCalls() async throws {
        let source = tool(
            "", "barrier.wait(timeout=20)", "return True", preamble: "import threading\nbarrier = threading.Barrier(16)"
        )
        let outputs = try await Fixture.with(["meet.py": source]) { fixture in
            try await fixture.inSession { session in
                try await withThrowingTaskGroup(of: JSONValue.self) { group in
                    for _ in 0..<16 {
                        group.addTask {
                            try await session.call(
                                .file(path: "meet.py", function: nil), arguments: [:], connections: [:]
                            )
                            .output
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
        }
        #expect(outputs == Array(repeating: true, count: 16))
    }

    @Test("Coroutines of one session share an event loop and overlap without a limit of threads")
    func overlapsCoroutines() async throws {
        let source = """
            import asyncio
            from promptflow.core import tool
            now = most = 0
            all_here = None
            @tool
            async def run(count: int):
                global now, most, all_here
                all_here = all_here or asyncio.Event()
                now += 1
                most = max(most, now)
                if now == count:
                    all_here.set()
                await asyncio.wait_for(all_here.wait(), 20)
                now -= 1
                return most
            """
        let outputs = try await Fixture.with(["wait.py": source]) { fixture in
            try await fixture.inSession { session in
                try await withThrowingTaskGroup(of: Int?.self) { group in
                    for _ in 0..<40 {
                        group.addTask {
                            let tool = PythonTool.file(path: "wait.py", function: nil)
                            return try await session.call(tool, arguments: ["count": 40], connections: [:]).output.int
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
        }
        #expect(outputs == Array(repeating: 40, count: 40))
    }

    @Test("A plain function that returns a coroutine is waited for")
    func awaitsReturnedCoroutines() async throws {
        let source = tool(
            "x", "return later(x)",
            preamble: "import asyncio\nasync def later(x):\n    await asyncio.sleep(0)\n    return x + 1")
        let output = try await Fixture.with(["later.py": source]) { fixture in
            try await fixture.call("later.py", ["x": 1]).output
        }
        #expect(output == 2)
    }

    @Test("Metrics that a tool records come with its answer, in order of first use")
    func returnsMetrics() async throws {
        let source = """
            import promptflow
            from promptflow.core import log_metric, tool
            from promptflow import log_metric as old_log_metric
            @tool
            def run(grades: list):
                log_metric("accuracy", grades.count("Correct") / len(grades))
                old_log_metric("count", len(grades), variant_id="variant_0")
                promptflow.log_metric(key="accuracy", value=float("nan"))
                return "done"
            """
        let result = try await Fixture.with(["metrics.py": source]) { fixture in
            try await fixture.call("metrics.py", ["grades": ["Correct", "Incorrect"]])
        }
        #expect(result.output == "done")
        #expect(result.metrics.keys == ["accuracy", "count"])
        #expect(result.metrics["accuracy"]?.double?.isNaN == true)
        #expect(result.metrics["count"] == 2)
    }

    @Test("Modules next to the tool can be imported, and the environment of the place is set")
    func usesFolderAndEnvironment() async throws {
        let files = [
            "helper/words.py": "GREETING = 'hello '",
            "greet.py": tool(
                "", "import os", "return GREETING + os.environ['NAME'] + str(os.path.isfile('greet.py'))",
                preamble: "from helper.words import GREETING"),
        ]
        let output = try await Fixture.with(files, environment: ["NAME": "Ida"]) { fixture in
            try await fixture.call("greet.py").output
        }
        #expect(output == "hello IdaTrue")
    }

    @Test("A session that has ended takes no calls")
    func refusesCallsAfterTheEnd() async throws {
        let failure = try await Fixture.with(["one.py": tool("", "return 1")]) { fixture in
            let session = try await fixture.runtime.beginSession(in: fixture.place)
            await session.end()
            return await #expect(throws: PythonFailure.self) {
                try await session.call(.file(path: "one.py", function: nil), arguments: [:], connections: [:])
            }
        }
        #expect(failure?.kind == .worker)
    }
}
