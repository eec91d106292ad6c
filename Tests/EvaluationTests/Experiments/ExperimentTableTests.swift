import Domain
import Foundation
import Testing

@testable import Evaluation

@Suite("Tables of an experiment")
struct ExperimentTableTests {
    /// Reads CSV as RFC 4180 has it, so that the writer is not read by its own rules.
    static func parse(_ text: String) -> [[String]] {
        var rows: [[String]] = [], row: [String] = [], cell = "", isQuoted = false
        var rest = Array(text.unicodeScalars)[...]
        while let scalar = rest.popFirst() {
            switch (scalar, isQuoted) {
            case ("\"", true) where rest.first == "\"":
                rest.removeFirst()
                cell += "\""
            case ("\"", _): isQuoted.toggle()
            case (",", false):
                row.append(cell)
                cell = ""
            case ("\r", false) where rest.first == "\n":
                rest.removeFirst()
                rows.append(row + [cell])
                (row, cell) = ([], "")
            default: cell.unicodeScalars.append(scalar)
            }
        }
        if !row.isEmpty || !cell.isEmpty { rows.append(row + [cell]) }
        return rows
    }

    private func tables(_ bench: ExperimentBench) async throws -> (results: [[String]], metrics: [[String]]) {
        let (plan, outcome, analysis, summary) = try await bench.finished()
        let folder = bench.folder.path + "/out"
        try await ExperimentReport(
            plan: plan, analysis: analysis, scorers: bench.scorers(plan), summary: summary, store: bench.store,
            experiment: outcome.record.id
        ).write(to: folder, assets: ReportSample.plainAssets())
        func read(_ name: String) throws -> [[String]] {
            Self.parse(try String(contentsOfFile: "\(folder)/\(name).csv", encoding: .utf8))
        }
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/result.csv.part"))
        return (try read("result"), try read("metrics"))
    }

    @Test("result.csv has lines × variants × repetitions rows, none cut off, failed ones included")
    func complete() async throws {
        let bench = try ExperimentBench(
            rows: ExperimentBench.rows(300), text: ExperimentBench.text(more: "repetitions: 2\n")
        ) { variant, line in line == 7 && variant == "b" ? .failure("Boom") : .answer("\(line)") }
        let (results, metrics) = try await tables(bench)
        #expect(results.count == 1 + 300 * 2 * 2)
        let header = results[0]
        #expect(results.allSatisfy { $0.count == header.count })
        func column(_ name: String) throws -> [String] {
            let place = try #require(header.firstIndex(of: name), "no column \(name)")
            return results.dropFirst().map { $0[place] }
        }
        #expect(Set(header).count == header.count)
        let lines = try column("inputs.line_number"), variants = try column("variant")
        let repetitions = try column("repetition"), runs = try column("exp_run")
        let keys = lines.indices.map { "\(lines[$0]) \(variants[$0]) \(repetitions[$0])" }
        #expect(Set(keys).count == 1200)
        // Every row carries the run that it is really from.
        for place in lines.indices {
            #expect(runs[place].hasSuffix(".\(variants[place] == "a" ? 0 : 1).0.\(repetitions[place])"))
        }
        #expect(try column("status").filter { $0 == "failed" }.count == 2)
        #expect(try column("error_message").contains("it \"failed\",\nbadly"))
        #expect(try column("prompt") == variants)
        #expect(metrics.count == 3)
        #expect(metrics[0].contains("exact_match") && metrics[1].contains("a") && metrics[2].contains("b"))
        #expect(metrics.allSatisfy { $0.count == metrics[0].count })
    }

    @Test("Answers with commas, quotes, line ends and other scripts come back as they were")
    func quoting() async throws {
        let answers = [
            "a,b", "\"", "say \"hi\"", "line\nend", "line\r\nend", "\r", " space ", "", "日本 🙂", "e\u{301}", "=1+1",
        ]
        let bench = try ExperimentBench(rows: ExperimentBench.rows(answers.count)) { _, line in .answer(answers[line]) }
        let (results, _) = try await tables(bench)
        let place = try #require(results[0].firstIndex(of: "outputs.answer"))
        let read = results.dropFirst().enumerated().filter { $0.offset % 2 == 0 }.map { $0.element[place] }
        #expect(read.map { Array($0.unicodeScalars) } == answers.map { Array($0.unicodeScalars) })
    }

    @Test("Outputs that only some lines have get a column of their own, and lists are JSON")
    func columns() async throws {
        let bench = try ExperimentBench(rows: ExperimentBench.rows(2)) { variant, line in
            var record = LineRecord.answer("x")
            if line == 1, variant == "b" { record.outputs["extra"] = ["a,b", 1, nil] }
            return record
        }
        let (results, _) = try await tables(bench)
        let place = try #require(results[0].firstIndex(of: "outputs.extra"))
        #expect(results.dropFirst().map { $0[place] } == ["", "", "", #"["a,b",1,null]"#])
    }

    @Test("The writer keeps RFC 4180 for every kind of value, and leaves no file behind until it is whole")
    func writer() throws {
        let folder = try TemporaryFolder(), path = folder.path + "/t.csv"
        var writer = try CSVWriter(path: path, columns: ["a", "b,c"])
        try writer.append([nil, true])
        try writer.append([1, 2.5])
        try writer.append([["x", "y"], ["k": "v\"w"]])
        #expect(!FileManager.default.fileExists(atPath: path))
        try writer.finish()
        #expect(
            try String(contentsOfFile: path, encoding: .utf8)
                == "a,\"b,c\"\r\n,true\r\n1,2.5\r\n\"[\"\"x\"\",\"\"y\"\"]\",\"{\"\"k\"\":\"\"v\\\"\"w\"\"}\"\r\n")
        #expect(throws: PlainFailure.self) { _ = try CSVWriter(path: "/proc/none/t.csv", columns: []) }
    }
}
