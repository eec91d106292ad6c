import Domain
import Foundation
import Testing

@testable import PythonWorkers

@Suite("Finding the interpreter and keeping the sources")
struct InterpreterTests {
    private func inFolder(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "pawang-interpreter-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder + "/a/b", withIntermediateDirectories: true)
        try body(folder)
    }

    private func makeExecutable(_ path: String) throws {
        try FileManager.default.createDirectory(
            at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
        _ = FileManager.default.createFile(
            atPath: path, contents: Data("#!/bin/sh\n".utf8), attributes: [.posixPermissions: 0o755])
    }

    @Test("The place's own comes first, then the variable, then the nearest environment upward, then the path")
    func searchesInOrder() throws {
        try inFolder { folder in
            for path in ["own", "variable", "a/.pawang/venv/bin/python", "path/python3"] {
                try makeExecutable(folder + "/" + path)
            }
            let place = PythonPlace(directory: folder + "/a/b")
            let own = PythonPlace(interpreter: folder + "/own", directory: folder + "/a/b")
            let path = ["PATH": "/nowhere:\(folder)/path"]
            let both = path.merging(["PAWANG_PYTHON": folder + "/variable"]) { $1 }
            let first = try InterpreterSearch(environment: both).interpreter(for: own)
            let second = try InterpreterSearch(environment: both).interpreter(for: place)
            let third = try InterpreterSearch(environment: path).interpreter(for: place)
            let fourth = try InterpreterSearch(environment: path).interpreter(for: PythonPlace(directory: folder))
            #expect(
                [first, second, third, fourth]
                    == ["/own", "/variable", "/a/.pawang/venv/bin/python", "/path/python3"].map { folder + $0 })
        }
    }

    @Test("Where there is none, the message says how to install one")
    func saysHowToInstall() throws {
        try inFolder { folder in
            let failure = #expect(throws: PythonFailure.self) {
                try InterpreterSearch(environment: ["PATH": folder]).interpreter(for: PythonPlace(directory: folder))
            }
            #expect(failure?.code == "PythonNotFound")
            #expect(failure?.message.contains("apt-get install python3") == true)
        }
    }

    @Test("Sources are written for this user only, repaired if changed, and shared by digest")
    func keepsSources() throws {
        try inFolder { folder in
            let sources = ["worker.py": "print(1)", "a/b.py": ""]
            let first = try SourceCache(sources: sources, directory: folder + "/cache").folder()
            let mode = try FileManager.default.attributesOfItem(atPath: first)[.posixPermissions] as? Int
            #expect(mode == 0o700)
            try Data("broken".utf8).write(to: URL(fileURLWithPath: first + "/worker.py"))
            let second = try SourceCache(sources: sources, directory: folder + "/cache").folder()
            #expect(first == second)
            #expect(try String(contentsOfFile: first + "/worker.py", encoding: .utf8) == "print(1)")
            let other = try SourceCache(sources: ["worker.py": "2"], directory: folder + "/cache").folder()
            #expect(other != first)
        }
    }

    @Test("A folder that others can write to is refused")
    func refusesOpenFolders() throws {
        try inFolder { folder in
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder + "/a")
            let failure = #expect(throws: PythonFailure.self) {
                try SourceCache(sources: ["worker.py": ""], directory: folder + "/a").folder()
            }
            #expect(failure?.message.contains("can be written by others") == true)
        }
    }

    @Test("Lines are cut at their ends wherever the pieces are, and a line over the limit is noticed")
    func splitsLines() {
        var splitter = LineSplitter(limit: 8)
        var lines: [String] = []
        let isWithin = ["ab", "c\nde", "\n\nfgh", "\n"].allSatisfy { piece in
            Array(piece.utf8).withUnsafeBytes {
                splitter.append($0) { lines.append(String(decoding: $0, as: UTF8.self)) }
            }
        }
        #expect(isWithin)
        #expect(lines == ["abc", "de", "", "fgh"])
        let isStillWithin = Array("123456789".utf8).withUnsafeBytes { splitter.append($0) { _ in } }
        #expect(!isStillWithin)
    }
}
