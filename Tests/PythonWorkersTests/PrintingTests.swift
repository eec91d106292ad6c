import Domain
import Testing

@testable import PythonWorkers

@Suite("What tools print")
struct PrintingTests {
    @Test("Printed text belongs to the call that printed it, also when calls overlap")
    func attributesText() async throws {
        let source = tool(
            "name", "print('begin', name)", "barrier.wait(timeout=20)", "print('end', name, file=sys.stderr)",
            "return name",
            preamble: "import sys, threading\nbarrier = threading.Barrier(2)")
        let logs = try await Fixture.with(["say.py": source]) { fixture in
            try await fixture.inSession { session in
                let tool = PythonTool.file(path: "say.py", function: nil)
                async let one = session.call(tool, arguments: ["name": "one"], connections: [:]).log
                async let two = session.call(tool, arguments: ["name": "two"], connections: [:]).log
                return try await [one, two]
            }
        }
        #expect(logs == ["begin one\nend one\n", "begin two\nend two\n"])
    }

    @Test("What is logged, or printed by a thread that the tool started, is there as well")
    func includesThreadsAndLogging() async throws {
        let source = tool(
            "", "logging.getLogger('x').warning('careful')",
            "thread = threading.Thread(target=print, args=('from a thread',))",
            "thread.start(); thread.join()", preamble: "import logging, threading")
        let log = try await Fixture.with(["say.py": source]) { fixture in try await fixture.call("say.py").log }
        #expect(log == "careful\nfrom a thread\n")
    }

    @Test(
        "A flood is cut at 64 KiB, and neither Python nor anything below it can block or break the worker",
        arguments: [
            "for i in range(200000): print('é' * 50)",
            "for i in range(3000): os.write(1, b'{}\\n' * 500); os.write(2, b'y' * 1000)",
            "subprocess.run(['sh', '-c', 'yes | head -c 30000000; yes | head -c 9000000 >&2'])",
            "sys.stdout.buffer.write(b'z' * 20000000)",
        ])
    func survivesFloods(flood: String) async throws {
        let source = tool("", flood, "return 'dry'", preamble: "import os, subprocess, sys")
        let (result, next) = try await Fixture.with(["flood.py": source, "one.py": tool("", "return 1")], workers: 1) {
            fixture in
            (try await fixture.call("flood.py"), try await fixture.call("one.py"))
        }
        #expect(result.output == "dry")
        #expect(result.log.utf8.count < 66_000)
        #expect(next.output == 1)
        #expect(next.log.isEmpty)
    }

    @Test("Reading standard input gives its end, not the protocol")
    func closesStandardInput() async throws {
        let output = try await Fixture.with(["read.py": tool("", "import sys", "return sys.stdin.read()")]) { fixture in
            try await fixture.call("read.py").output
        }
        #expect(output == "")
    }
}
