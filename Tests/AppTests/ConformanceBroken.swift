import Domain
import Foundation
import Testing

/// One entry of a file in `Tests/conformance/broken`: files, a command, and how it must be refused.
///
///     name: what is broken              files: {path: text}       bytes: {path: base64}
///     repeat: {path: {before, text, times, after}}                links: {path: target}      folders: [path]
///     mock: replies of the model        command: [run, flow]      exit: 2
///     error: [what the one error says]  not: [what must not be printed]
///     lines: true                       the error is that of a line of a dataset
struct BrokenInput: Sendable, CustomTestStringConvertible {
    private static let keys = [
        "name", "files", "bytes", "repeat", "links", "folders", "mock", "env", "command", "stdin", "exit", "error",
        "not", "lines",
    ]

    let name: String
    private let map: YAMLMap

    var testDescription: String { name }

    /// Every entry of every file.
    ///
    /// A file that cannot be read gives an entry that fails with the reason.
    static let all: [BrokenInput] = {
        let folder = ConformanceEnvironment.folder.appending(path: "broken")
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter {
            $0.hasSuffix(".yaml")
        }
        return names.sorted().flatMap { name -> [BrokenInput] in
            do {
                let entries = try YAMLReader.read(path: folder.appending(path: name).path, shownAs: name).list(name)
                return try entries.map { try BrokenInput($0.map("an entry")) }
            } catch {
                return [
                    BrokenInput(
                        name: "\(name): \(error)", map: YAMLMap([], at: SourceLocation(file: name, line: 1, column: 1)))
                ]
            }
        }
    }()

    private init(name: String, map: YAMLMap) {
        self.name = name
        self.map = map
    }

    private init(_ map: YAMLMap) throws {
        try map.check(known: Self.keys, in: "a broken input")
        self.init(name: try map.required("name", in: "a broken input").text("name"), map: map)
    }

    /// Runs the command and records what is not as expected.
    func check() async throws {
        let place = try ConformancePlace(name: "broken-\(Digest(of: name).short)")
        defer { place.remove() }
        try write(to: place.directory)
        try place.prepare(mock: map.present("mock")?.json)
        let command = try map.required("command", in: "a broken input").list("command").map { try $0.text("command") }
        var environment: [String: String] = [:]
        for entry in try map.present("env")?.map("env").entries ?? [] {
            environment[entry.key] = try entry.value.text(entry.key)
        }
        let finished = try await place.run(
            command, environment: environment, input: map.present("stdin")?.text("stdin"))
        let problems = try problems(finished)
        guard !problems.isEmpty else { return }
        Issue.record(
            """
            pawang \(command.joined(separator: " "))
            \(problems.joined(separator: "\n"))
            exit \(finished.status) after \(finished.seconds) s
            \(finished.output.prefix(1500))\(finished.errors.prefix(1500))
            """)
    }

    private func problems(_ finished: FinishedCommand) throws -> [String] {
        var problems: [String] = []
        let status = try map.required("exit", in: "a broken input").integer("exit")
        if finished.wasKilled { problems.append("a signal ended the command") }
        if finished.status != Int32(status) { problems.append("exit status \(finished.status), expected \(status)") }
        let lines = finished.errors.split(separator: "\n").map(String.init)
        let isOfLines = try map.present("lines")?.flag("lines") ?? false
        let errors = lines.filter { isOfLines ? $0.hasPrefix("  line ") : $0.lowercased().hasPrefix("error:") }
        if isOfLines ? errors.isEmpty : errors.count != 1 { problems.append("\(errors.count) errors, expected one") }
        for text in try texts("error") where !errors.contains(where: { $0.contains(text) }) {
            problems.append("the error lacks: \(text)")
        }
        if let long = errors.first(where: { $0.utf8.count > 1200 }) {
            problems.append("the error has \(long.utf8.count) bytes")
        }
        for text in try texts("not") + [ConformanceMock.key, "Fatal error", "Swift/", "Stack dump"]
        where (finished.output + finished.errors).contains(text) {
            problems.append("must not be printed: \(text)")
        }
        return problems
    }

    private func texts(_ key: String) throws -> [String] {
        try map.present(key)?.list(key).map { try $0.text(key) } ?? []
    }

    private func write(to directory: URL) throws {
        func make(_ path: String, _ content: Data) throws {
            let file = directory.appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try content.write(to: file)
        }
        for entry in try map.present("folders")?.list("folders") ?? [] {
            let folder = directory.appending(path: try entry.text("folders"))
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
        for file in try map.present("files")?.map("files").entries ?? [] {
            try make(file.key, Data(try file.value.text(file.key).utf8))
        }
        for file in try map.present("bytes")?.map("bytes").entries ?? [] {
            let text = try file.value.text(file.key)
            guard let content = Data(base64Encoded: text) else { throw DocumentError("no base64", at: file.location) }
            try make(file.key, content)
        }
        for file in try map.present("repeat")?.map("repeat").entries ?? [] {
            let rule = try file.value.map("repeat")
            var content = Data((try rule.present("before")?.text("before") ?? "").utf8)
            let piece = Data(try rule.required("text", in: "repeat").text("text").utf8)
            for _ in 0..<(try rule.required("times", in: "repeat").integer("times")) { content.append(piece) }
            content.append(Data((try rule.present("after")?.text("after") ?? "").utf8))
            try make(file.key, content)
        }
        for link in try map.present("links")?.map("links").entries ?? [] {
            try FileManager.default.createSymbolicLink(
                atPath: directory.appending(path: link.key).path, withDestinationPath: try link.value.text("links"))
        }
    }
}
