import Domain
import Foundation
import Glibc
import Testing

@testable import PythonWorkers

@Suite("When Python code fails")
struct FailureTests {
    @Test("An exception is told by its type and text, and its traceback shows only the flow's frames")
    func tellsExceptions() async throws {
        let source = tool("x", "return divide(x)", preamble: "def divide(x):\n    return x / 0")
        let failure = try await Fixture.with(["bad.py": source]) { fixture in
            try await fixture.failure("bad.py", ["x": 1])
        }
        #expect(failure.kind == .raised)
        #expect(failure.message == "(ZeroDivisionError) division by zero")
        #expect(failure.traceback.contains("bad.py"))
        #expect(failure.traceback.contains("return x / 0"))
        #expect(!failure.traceback.contains("pawang_worker"))
        #expect(failure.traceback.hasSuffix("ZeroDivisionError: division by zero\n"))
    }

    @Test(
        "Messages are worded as prompt flow words them",
        arguments: [
            ("{}['k']", "(KeyError) 'k'"), ("'x'.foo", "(AttributeError) 'str' object has no attribute 'foo'"),
            ("exit(3)", "(SystemExit) 3"), ("[][2]", "(IndexError) list index out of range"),
        ])
    func wordsMessages(expression: String, message: String) async throws {
        let failure = try await Fixture.with(["bad.py": tool("", "return \(expression)")]) { fixture in
            try await fixture.failure("bad.py")
        }
        #expect(failure == PythonFailure(.raised, message, traceback: failure.traceback))
    }

    @Test("A huge message and a deep traceback are cut")
    func boundsTexts() async throws {
        let source = tool(
            "", "deep(300)", preamble: "def deep(n):\n    if n: deep(n - 1)\n    raise ValueError('x' * 1000000)")
        let failure = try await Fixture.with(["bad.py": source]) { fixture in try await fixture.failure("bad.py") }
        #expect(failure.message.utf8.count < 17_000)
        #expect(failure.traceback.utf8.count <= 4096)
    }

    @Test("A missing argument is the tool's failure, not the worker's")
    func reportsMissingArguments() async throws {
        let failure = try await Fixture.with(["two.py": tool("a, b", "return a")]) { fixture in
            try await fixture.failure("two.py", ["a": 1])
        }
        #expect(failure.kind == .raised)
        #expect(failure.message == "(TypeError) run() missing 1 required positional argument: 'b'")
    }

    @Test("A tool that ends the process fails its line, and the next line gets a new worker")
    func replacesCrashedWorkers() async throws {
        let source = tool(
            "x", "if x: sys.stderr.buffer.write(b'last words'); sys.stderr.flush(); os._exit(3)", "return os.getpid()",
            preamble: "import os, sys")
        try await Fixture.with(["exit.py": source], workers: 1) { fixture in
            let first = try await fixture.call("exit.py", ["x": false]).output
            let failure = try await fixture.failure("exit.py", ["x": true])
            #expect(failure.kind == .worker)
            #expect(failure.message == "The Python worker ended (exit status 3) while the tool ran.")
            #expect(failure.traceback == "last words")
            #expect(failure.blame == .environment)
            let second = try await fixture.call("exit.py", ["x": false]).output
            #expect(first != second)
        }
    }

    @Test("A crash in native code is told with the signal")
    func tellsSignals() async throws {
        let source = tool("", "import ctypes", "ctypes.string_at(0)")
        let failure = try await Fixture.with(["crash.py": source]) { fixture in try await fixture.failure("crash.py") }
        #expect(failure.message.contains("signal 11"))
        #expect(failure.traceback.contains("crash.py"))
    }

    @Test("A crash is noticed although a child of the worker still holds its socket")
    func noticesCrashesBehindForks() async throws {
        let source = tool(
            "", "if os.fork() == 0: os.setsid(); time.sleep(20); os._exit(0)", "os._exit(4)",
            preamble: "import os, time")
        let failure = try await Fixture.with(["fork.py": source]) { fixture in try await fixture.failure("fork.py") }
        #expect(failure.message.contains("exit status 4"))
    }

    @Test("An endless loop is stopped when its time is up, with everything it started, and the next line works")
    func stopsEndlessLoops() async throws {
        let source = tool(
            "x", "if not x: return os.getpid()", "child = subprocess.Popen(['sleep', '600'])",
            "open('child', 'w').write(str(child.pid))", "while True: pass", preamble: "import os, subprocess")
        try await Fixture.with(["loop.py": source], workers: 1, timeout: .milliseconds(4500)) { fixture in
            let failure = try await fixture.failure("loop.py", ["x": true])
            #expect(failure.kind == .timeout)
            #expect(failure.message == "The tool ran longer than 4.5 s and was stopped.")
            let text = try String(contentsOfFile: fixture.directory + "/child", encoding: .utf8)
            let child = try #require(pid_t(text))
            let isOver = await eventually { hasEnded(child) }
            #expect(isOver, "the tool's own child process survived it")
            let output = try await fixture.call("loop.py", ["x": false]).output
            #expect(output.int != nil)
        }
    }

    @Test("Ending a session with a call under way stops the worker, and the call fails as canceled")
    func stopsUnfinishedCalls() async throws {
        let source = tool(
            "x", "if not x: return 1", "open('begun', 'w').close()", "time.sleep(600)", preamble: "import time")
        try await Fixture.with(["slow.py": source], workers: 1) { fixture in
            let session = try await fixture.runtime.beginSession(in: fixture.place)
            let call = Task { () throws(PythonFailure) in
                try await session.call(.file(path: "slow.py", function: nil), arguments: ["x": true], connections: [:])
            }
            let hasBegun = await eventually { FileManager.default.fileExists(atPath: fixture.directory + "/begun") }
            #expect(hasBegun)
            await session.end()
            let failure = await #expect(throws: PythonFailure.self) { try await call.value }
            #expect(failure?.kind == .canceled)
            let output = try await fixture.call("slow.py", ["x": false]).output
            #expect(output == 1)
        }
    }

    @Test("A canceled task gets its answer at once, and the worker is replaced at the session's end")
    func cancels() async throws {
        let source = tool(
            "x", "if not x: return os.getpid()", "open('begun', 'w').close()", "time.sleep(600)",
            preamble: "import os, time")
        try await Fixture.with(["slow.py": source], workers: 1) { fixture in
            let tool = PythonTool.file(path: "slow.py", function: nil)
            let session = try await fixture.runtime.beginSession(in: fixture.place)
            let before = try await session.call(tool, arguments: ["x": false], connections: [:]).output
            let call = Task { () throws(PythonFailure) in
                try await session.call(tool, arguments: ["x": true], connections: [:])
            }
            let hasBegun = await eventually { FileManager.default.fileExists(atPath: fixture.directory + "/begun") }
            #expect(hasBegun)
            call.cancel()
            let failure = await #expect(throws: PythonFailure.self) { try await call.value }
            #expect(failure?.kind == .canceled)
            await session.end()
            let after = try await fixture.call("slow.py", ["x": false]).output
            #expect(before != after)
        }
    }

    @Test("Something else than an answer on the socket fails the call and replaces the worker")
    func refusesOtherAnswers() async throws {
        var sources = try Fixture.sources()
        sources["pawang_worker/session.py"]?.append(
            """

            def _broken(self, arguments, special):
                import os
                if arguments["x"]: os.write(arguments["x"], b"hello\\n")
                return arguments
            Session.decode_arguments = _broken
            """)
        let files = [
            "find.py": tool(
                "x", "return [int(n) for n in os.listdir('/proc/self/fd') if is_socket(n)][0]",
                preamble: """
                    import os
                    def is_socket(n):
                        try: return os.readlink('/proc/self/fd/' + n).startswith('socket:')
                        except OSError: return False
                    """)
        ]
        try await Fixture.with(files, workers: 1, sources: sources) { fixture in
            let socket = try await fixture.call("find.py", ["x": 0]).output
            let failure = try await fixture.failure("find.py", ["x": socket])
            #expect(failure.kind == .worker)
            #expect(failure.message == "The Python worker sent something else than answers.")
            let again = try await fixture.call("find.py", ["x": 0]).output
            #expect(again == socket)
        }
    }

    @Test("A worker that dies at its start says why, three times at most, and without secrets")
    func tellsFailedStarts() async throws {
        let worker = """
            import os, sys
            open('starts', 'a').write('x')
            print('no luck with', os.environ['MY_API_KEY'])
            sys.exit(5)
            """
        try await Fixture.with(
            [:], environment: ["MY_API_KEY": "s3cr3t-value"],
            sources: ["worker.py": "import os,sys\nos.chdir(sys.argv[1])\n" + worker]
        ) { fixture in
            for _ in 0..<3 {
                let failure = await #expect(throws: PythonFailure.self) {
                    try await fixture.runtime.beginSession(in: fixture.place)
                }
                #expect(failure?.kind == .worker)
                #expect(failure?.message.contains("exit status 5") == true)
                #expect(failure?.message.contains("no luck with •••") == true)
                #expect(failure?.message.contains("s3cr3t") == false)
            }
            let starts = try String(contentsOfFile: fixture.directory + "/starts", encoding: .utf8)
            #expect(starts == "xxx")
        }
    }

    @Test("An interpreter that is not there is told with what to do")
    func tellsMissingInterpreters() async throws {
        try await Fixture.with([:], interpreter: "/nowhere/python3") { fixture in
            let failure = await #expect(throws: PythonFailure.self) {
                try await fixture.runtime.beginSession(in: fixture.place)
            }
            #expect(failure?.kind == .interpreter)
            #expect(failure?.message.contains("/nowhere/python3") == true)
            #expect(failure?.message.contains("PAWANG_PYTHON") == true)
        }
    }
}
