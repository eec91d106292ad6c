import Domain
import Foundation
import Testing

@testable import Evaluation

@Suite("Writing a report")
struct ReportWriterTests {
    let folder: ReportFolder

    init() throws { folder = try ReportFolder() }

    private func write(
        lines: Int, variants: Int = 2, answerLength: Int = 0, title: String = "Sample"
    ) throws -> ReportFileContent {
        var writer = try ReportWriter(
            to: folder.report, assets: ReportSample.plainAssets(),
            summary: ReportSample.summary(lines: lines, variants: variants, title: title))
        for line in 0..<lines {
            try writer.append(ReportSample.line(line, variants: variants, answerLength: answerLength))
        }
        try writer.finish()
        return try ReportFileContent(path: folder.report)
    }

    @Test("Every line stands in the report once and in order, with its row in the index")
    func everyLineOnce() throws {
        let report = try write(lines: 451)
        #expect(report.blocks.map(\.from) == [0, 200, 400])
        #expect(report.blocks.map(\.count) == [200, 200, 51])
        #expect(report.blocks.map(\.lines.count) == [200, 200, 51])
        #expect(report.blocks.flatMap(\.lines).compactMap { $0["line"]?.int } == Array(0..<451))
        #expect(report.index.map(\.count) == [200, 200, 51])
        #expect(report.index.flatMap { $0 }.compactMap { $0.array?[1].int } == Array(0..<451))
        #expect(report.text.hasSuffix("<end>"))
    }

    @Test("A block of long lines ends early, so that no block is much more than a megabyte")
    func blocksAreBounded() throws {
        let report = try write(lines: 30, answerLength: 40_000)
        #expect(report.blocks.count >= 3)
        #expect(
            report.blocks.map(\.from) == report.blocks.indices.map { report.blocks[..<$0].map(\.count).reduce(0, +) })
        #expect(report.blocks.flatMap(\.lines).count == 30)
        #expect(ReportWriter.bytesPerBlock == 1 << 20)
    }

    @Test("Data can neither end its element nor open another one")
    func dataStaysData() throws {
        let report = try write(lines: 3, title: "</title><script>window.owned = true</script> & {{lines}}")
        let answer = report.blocks.first?.lines.first?["results"]?.array?.first?["outputs"]?["answer"]?.string
        #expect(answer == ReportSample.hostile)
        let data = report.text.components(separatedBy: "application/json").dropFirst()
        #expect(data.count == 2)
        for part in data {
            let body = part.components(separatedBy: ">").dropFirst().joined(separator: ">").components(
                separatedBy: "</script>\n")[0]
            #expect(!body.contains("<"), "a `<` in data")
        }
        #expect(!report.text.contains("<script>window"))
        #expect(
            report.text.contains(
                "<title>&lt;/title&gt;&lt;script&gt;window.owned = true&lt;/script&gt; &amp; {{lines}}</title>"))
    }

    @Test(
        "The index row of a line holds dataset, line, repetition, cluster, preview, states, primary scores and latencies"
    )
    func indexRow() throws {
        let report = try write(lines: 50)
        #expect(
            report.index[0][49].array == [
                0, 49, 0, "passage 15", "Which of the 51 rivers <flows> into the sea?", "cf", [0.2, nil],
                [1019.0, 3100.0],
            ])
    }

    @Test("What is unknown is null: a cost without a price, a score that is not there, a number that is none")
    func unknownIsNull() throws {
        var summary = ReportSample.summary(lines: 1, variants: 1)
        summary.variants[0].cost = .unknown
        summary.variants[0].metrics["f1"]?.mean = .nan
        summary.variants[0].settings["top_p"] = .double(.infinity)
        var line = ReportSample.line(1, variants: 1)
        line.results[0].cost = .unknown
        line.results[0].scores = [Score(metric: "f1", status: .error, reason: "No reply.")]
        line.inputs["x"] = .double(.nan)
        var writer = try ReportWriter(to: folder.report, assets: ReportSample.plainAssets(), summary: summary)
        try writer.append(line)
        try writer.finish()
        let report = try ReportFileContent(path: folder.report)
        let variant = report.summary["variants"]?.array?.first
        #expect(variant?["usage"]?["cost_nano_usd"] == .null)
        #expect(variant?["metrics"]?["f1"]?["mean"] == .null)
        let result = report.blocks[0].lines[0]["results"]?.array?.first
        #expect(result?["usage"]?["cost_nano_usd"] == .null)
        #expect(result?["scores"]?["f1"] == .null)
        #expect(result?["score_notes"]?["f1"] == ["status": "error", "reason": "No reply."])
        #expect(report.index[0][0].array?[6] == [nil])
        for word in ["NaN", "Infinity"] { #expect(!report.text.contains(word), "JSON.parse refuses \(word)") }
    }

    @Test("The report appears when it is whole and not before; a dropped writer leaves nothing behind")
    func appearsWhole() throws {
        do {
            var writer = try ReportWriter(
                to: folder.report, assets: ReportSample.plainAssets(),
                summary: ReportSample.summary(lines: 1, variants: 1))
            try writer.append(ReportSample.line(0, variants: 1))
            #expect(folder.files.count == 1)
            #expect(!FileManager.default.fileExists(atPath: folder.report))
        }
        #expect(folder.files.isEmpty)
        _ = try write(lines: 1)
        #expect(folder.files == ["report.html"])
    }

    @Test("An older report is replaced")
    func replaces() throws {
        try Data("old".utf8).write(to: URL(fileURLWithPath: folder.report))
        #expect(try write(lines: 2).blocks.first?.count == 2)
    }

    @Test("A report without lines is still a report")
    func noLines() throws {
        let report = try write(lines: 0)
        #expect(report.blocks.isEmpty)
        #expect(report.text.hasSuffix("<end>"))
    }

    @Test("A line of an unknown dataset, or with results for other variants, is refused by name")
    func refusesStrangers() throws {
        var writer = try ReportWriter(
            to: folder.report, assets: ReportSample.plainAssets(), summary: ReportSample.summary(lines: 1, variants: 2))
        #expect(throws: ReportError.wrongNumberOfResults(line: 0, expected: 2, found: 1)) {
            try writer.append(ReportSample.line(0, variants: 1))
        }
        var stranger = ReportSample.line(0, variants: 2)
        stranger.dataset = "other"
        #expect(throws: ReportError.unknownDataset("other")) { try writer.append(stranger) }
    }

    @Test("A folder that does not exist is named")
    func missingFolder() throws {
        #expect(throws: ReportError.self) {
            let writer = try ReportWriter(
                to: folder.path + "/none/report.html", assets: ReportSample.plainAssets(),
                summary: ReportSample.summary(lines: 0, variants: 1))
            try writer.finish()
        }
    }
}
