import Domain
import Foundation
import Testing

/// A folder of `Tests/conformance` with a `case.yaml`.
struct ConformanceCase: Sendable, CustomTestStringConvertible {
    let folder: URL

    var name: String { folder.lastPathComponent }
    var testDescription: String { name }

    /// Every case, by name.
    static let all: [ConformanceCase] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: ConformanceEnvironment.folder.path)) ?? []
        return names.sorted().map { ConformanceEnvironment.folder.appending(path: $0) }
            .filter { FileManager.default.fileExists(atPath: $0.appending(path: "case.yaml").path) }.map(Self.init)
    }()

    private static let keys = ["title", "rows", "differs", "env", "steps"]
    private static let stepKeys = [
        "run", "command", "exit", "json", "output", "errors", "not", "requests", "mock", "stdin", "written", "seconds",
    ]

    /// The rows of the reference's conformance list that it covers.
    func rows() throws -> [Int] { try content().present("rows")?.list("rows").map { try $0.integer("rows") } ?? [] }

    private func content() throws -> YAMLMap {
        let map = try YAMLReader.read(path: folder.appending(path: "case.yaml").path, shownAs: "\(name)/case.yaml").map(
            "a case")
        try map.check(known: Self.keys, in: "a case")
        _ = try map.required("title", in: "a case").text("title")
        return map
    }

    /// Carries out the steps in a copy of the folder and records what differs.
    func check() async throws {
        let map = try content()
        let place = try ConformancePlace(name: name, copying: folder)
        defer { place.remove() }
        var environment: [String: String] = [:]
        for entry in try map.present("env")?.map("env").entries ?? [] {
            environment[entry.key] = try entry.value.text(entry.key)
        }
        var lastRun = ""
        for (index, step) in try map.required("steps", in: "a case").list("steps").enumerated() {
            let step = try step.map("a step")
            try step.check(known: Self.stepKeys, in: "a step")
            var command: [String]
            if let words = step.present("command") {
                command = try words.list("command").map { try $0.text("command") }
            } else {
                command =
                    ["run"] + (try step.required("run", in: "a step").list("run").map { try $0.text("run") }) + [
                        "--json"
                    ]
            }
            command = command.map { $0.replacing("${RUN}", with: lastRun) }
            try place.prepare(mock: step.present("mock")?.json)
            let finished = try await place.run(
                command, environment: environment, input: step.present("stdin")?.text("stdin"))
            var problems = try StepExpectation(step).problems(finished, place: place)
            if let json = try? JSONValue(parsing: finished.output), let run = json["run"]?.string { lastRun = run }
            if finished.wasKilled { problems.append("a signal ended the command") }
            guard !problems.isEmpty else { continue }
            Issue.record(
                """
                step \(index + 1): pawang \(command.joined(separator: " "))
                \(problems.joined(separator: "\n"))
                exit \(finished.status) after \(finished.seconds) s
                \(finished.output.prefix(3000))\(finished.errors.prefix(3000))
                """)
            return
        }
    }
}

/// What a step of a case expects.
private struct StepExpectation {
    let step: YAMLMap

    init(_ step: YAMLMap) { self.step = step }

    func problems(_ finished: FinishedCommand, place: ConformancePlace) throws -> [String] {
        var problems: [String] = []
        let status = try step.present("exit")?.integer("exit") ?? 0
        if finished.status != Int32(status) { problems.append("exit status \(finished.status), expected \(status)") }
        if let expected = step.present("json")?.json {
            if let found = try? JSONValue(parsing: finished.output) {
                problems += ConformanceMatch(found, expected: expected).differences
            } else {
                problems.append("the output is no JSON object")
            }
        }
        for text in try texts("output") where !finished.output.contains(text) {
            problems.append("the output lacks: \(text)")
        }
        for text in try texts("errors") where !finished.errors.contains(text) {
            problems.append("the errors lack: \(text)")
        }
        for text in try texts("not") + [ConformanceMock.key, "Fatal error"]
        where (finished.output + finished.errors).contains(text) {
            problems.append("must not be printed: \(text)")
        }
        if let expected = step.present("requests")?.json {
            problems += ConformanceMatch(.array(try place.requests()), expected: expected).differences.map {
                "requests\($0)"
            }
        }
        for file in try step.present("written")?.map("written").entries ?? [] {
            let found = try place.lines(of: file.key)
            problems += ConformanceMatch(.array(found), expected: file.value.json).differences.map {
                "\(file.key)\($0)"
            }
        }
        if let bounds = try step.present("seconds")?.map("seconds") {
            if let most = try bounds.present("below")?.number("below"), finished.seconds >= most {
                problems.append("took \(finished.seconds) s, expected less than \(most)")
            }
            if let least = try bounds.present("above")?.number("above"), finished.seconds <= least {
                problems.append("took \(finished.seconds) s, expected more than \(least)")
            }
        }
        return problems
    }

    private func texts(_ key: String) throws -> [String] {
        try step.present(key)?.list(key).map { try $0.text(key) } ?? []
    }
}
