import Domain
import Foundation
import Glibc
import Testing

@testable import PythonWorkers

@Suite("Workers and their pool")
struct PoolTests {
    private let identify = tool("", "import os", "return os.getpid()")

    @Test("Eight sessions at once share two workers, and each keeps its own for as long as it lasts")
    func sharesWorkers() async throws {
        let pairs = try await Fixture.with(["pid.py": identify], workers: 2) { fixture in
            try await withThrowingTaskGroup(of: [JSONValue].self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await fixture.inSession { session in
                            let tool = PythonTool.file(path: "pid.py", function: nil)
                            let first = try await session.call(tool, arguments: [:], connections: [:]).output
                            let second = try await session.call(tool, arguments: [:], connections: [:]).output
                            return [first, second]
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(pairs.count == 8)
        #expect(pairs.allSatisfy { $0[0] == $0[1] })
        #expect((1...2).contains(Set(pairs.map { $0[0] }).count))
    }

    @Test("A session that waits for a worker can be canceled")
    func cancelsWaiting() async throws {
        try await Fixture.with(["pid.py": identify], workers: 1) { fixture in
            let holder = try await fixture.runtime.beginSession(in: fixture.place)
            let waiting = Task { () throws(PythonFailure) in try await fixture.runtime.beginSession(in: fixture.place) }
            waiting.cancel()
            let failure = await #expect(throws: PythonFailure.self) { _ = try await waiting.value }
            #expect(failure?.kind == .canceled)
            await holder.end()
            let next = try await fixture.call("pid.py").output
            #expect(next.int != nil)
        }
    }

    @Test("Shutting down ends every worker, also one that is busy, and nothing starts afterwards")
    func shutsDown() async throws {
        let source = tool(
            "", "open('pid', 'w').write(str(os.getpid()))", "time.sleep(600)", preamble: "import os, time")
        try await Fixture.with(["slow.py": source]) { fixture in
            let session = try await fixture.runtime.beginSession(in: fixture.place)
            let call = Task { () throws(PythonFailure) in
                try await session.call(.file(path: "slow.py", function: nil), arguments: [:], connections: [:])
            }
            let path = fixture.directory + "/pid"
            let hasBegun = await eventually { (try? String(contentsOfFile: path, encoding: .utf8))?.isEmpty == false }
            #expect(hasBegun)
            await fixture.runtime.shutDown()
            let failure = await #expect(throws: PythonFailure.self) { try await call.value }
            #expect(failure?.kind == .canceled)
            let worker = try #require(pid_t(try String(contentsOfFile: path, encoding: .utf8)))
            #expect(hasEnded(worker))
            await session.end()
            let refused = await #expect(throws: PythonFailure.self) {
                _ = try await fixture.runtime.beginSession(in: fixture.place)
            }
            #expect(refused?.kind == .canceled)
        }
    }

    @Test("An idle worker that was killed is replaced without failing a line")
    func replacesIdleWorkers() async throws {
        try await Fixture.with(["pid.py": identify], workers: 1) { fixture in
            let first = try #require(try await fixture.call("pid.py").output.int)
            kill(pid_t(first), SIGKILL)
            // A process with threads is listed as ended a moment before it has: only one that was reaped is gone.
            let isGone = await eventually { kill(pid_t(first), 0) == -1 }
            #expect(isGone)
            let second = try await fixture.call("pid.py").output.int
            #expect(second != nil && second != first)
        }
    }

    @Test("Places with other folders or variables have workers of their own")
    func separatesPlaces() async throws {
        let source = tool("", "import os", "return [os.getpid(), os.environ.get('NAME')]")
        try await Fixture.with(["env.py": source]) { fixture in
            var other = fixture.place
            other.environment = ["NAME": "Ida"]
            let one = try await fixture.call("env.py").output
            let session = try await fixture.runtime.beginSession(in: other)
            let two = try await session.call(.file(path: "env.py", function: nil), arguments: [:], connections: [:])
                .output
            await session.end()
            #expect(one.array?[1] == .null)
            #expect(two.array?[1] == "Ida")
            #expect(one.array?[0] != two.array?[0])
        }
    }

    @Test("Two hundred sessions, some of which crash their worker, leave no descriptor open")
    func leaksNothing() async throws {
        // Other suites run workers meanwhile, so only the pipes of these workers are counted, by their names.
        let source = tool("x", "if x: os._exit(1)", "return os.readlink('/proc/self/fd/2')", preamble: "import os")
        var pipes: Set<String> = []
        try await Fixture.with(["t.py": source], workers: 1) { fixture in
            for index in 0..<200 {
                if index % 20 == 7 {
                    _ = try await fixture.failure("t.py", ["x": true])
                } else if let pipe = try await fixture.call("t.py", ["x": false]).output.string {
                    pipes.insert(pipe)
                }
            }
            #expect(pipes.count == 11)
            #expect(openDescriptors().filter { pipes.contains($0) }.count == 1)
        }
        #expect(openDescriptors().filter { pipes.contains($0) }.isEmpty)
    }

    @Test("Whatever crashes, is canceled or abandoned, every call ends and the lines in between are right")
    func survivesChaos() async throws {
        let source = tool(
            "x", "if x % 23 == 5: os._exit(1)", "if x % 23 == 9: time.sleep(600)", "if x % 7 == 3: raise ValueError(x)",
            "return x * 2", preamble: "import os, time")
        let tool = PythonTool.file(path: "t.py", function: nil)
        let (answered, failed) = try await Fixture.with(["t.py": source], workers: 2) { fixture in
            try await withThrowingTaskGroup(of: (Int, JSONValue?).self) { group in
                for number in 0..<230 {
                    group.addTask {
                        let session = try await fixture.runtime.beginSession(in: fixture.place)
                        let call = Task { () throws(PythonFailure) in
                            try await session.call(tool, arguments: ["x": .int(number)], connections: [:]).output
                        }
                        if number % 23 == 9 { call.cancel() }
                        let output = try? await call.value
                        await session.end()
                        return (number, output)
                    }
                }
                var answered: [Int: JSONValue] = [:]
                var failed: Set<Int> = []
                for try await (number, output) in group {
                    if let output { answered[number] = output } else { failed.insert(number) }
                }
                return (answered, failed)
            }
        }
        #expect(answered.count + failed.count == 230)
        #expect(answered.allSatisfy { $0.value == .int($0.key * 2) })
        let expected = (0..<230).filter { number in number % 23 == 5 || number % 23 == 9 || number % 7 == 3 }
        #expect(failed.sorted() == expected)
    }

    @Test("A worker ends with the process that started it, even if that is killed")
    func endsWithItsParent() async throws {
        try await Fixture.with([:]) { fixture in
            let cache = try SourceCache(sources: Fixture.sources(), directory: fixture.directory + "/c").folder()
            // A shell's child plays Pawang: it holds the other end of the worker's standard input and is killed.
            let script = """
                import os, socket, subprocess, sys, time
                mine, other = socket.socketpair()
                command = [sys.executable, sys.argv[1] + '/worker.py', '.']
                worker = subprocess.Popen(command, stdin=other, start_new_session=True)
                other.close()
                assert mine.recv(100).startswith(b'{"hello"')
                open('pids', 'w').write('%d %d' % (os.getpid(), worker.pid))
                time.sleep(600)
                """
            let parent = Process()
            parent.executableURL = URL(fileURLWithPath: try Fixture.python())
            parent.arguments = ["-c", script, cache]
            parent.currentDirectoryURL = URL(fileURLWithPath: fixture.directory)
            try parent.run()
            let read = { (try? String(contentsOfFile: fixture.directory + "/pids", encoding: .utf8)) ?? "" }
            let isRunning = await eventually { read().split(separator: " ").count == 2 }
            #expect(isRunning)
            let pids = read().split(separator: " ").compactMap { pid_t($0) }
            try #require(pids.count == 2)
            #expect(kill(pids[1], 0) == 0)
            kill(pids[0], SIGKILL)
            parent.waitUntilExit()
            let isOver = await eventually { hasEnded(pids[1]) }
            #expect(isOver, "the worker outlived its parent")
        }
    }

    private func openDescriptors() -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)") }
    }
}
