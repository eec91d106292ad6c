import Domain
import Foundation
import Statistics
import Testing

@testable import Evaluation

/// Rows of the files in `Tests/EvaluationTests/Data`.
enum TestData {
    static func rows(_ name: String, at file: String = #filePath) throws -> [JSONObject] {
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
        var reader = try Dataset(path: folder.appendingPathComponent("Data/\(name)").path).rows()
        var rows: [JSONObject] = []
        while let row = try reader.next() { rows.append(row.values) }
        return rows
    }
}

@Suite("What people decided, as a yardstick")
struct RecordedPeopleTests {
    private func choice(_ vote: JSONValue?) -> PairwiseChoice { vote == 1 ? .first : vote == 2 ? .second : .tie }

    @Test("PandaLM's three people agree in 0.886, 0.906 and 0.900 of 500 pairs, as scikit-learn counts it, too")
    func pandaLM() throws {
        let rows = try TestData.rows("pandalm_votes.jsonl")
        #expect(rows.count == 500)
        let votes = rows.map { ($0["votes"]?.array ?? []).map { choice($0) } }
        let expected = [
            (0, 1, 0.886, 0.8187484100737725), (0, 2, 0.906, 0.8495017547454978), (1, 2, 0.9, 0.8428246300091791),
        ]
        for (a, b, agreement, kappa) in expected {
            let (left, right) = (votes.map { $0[a].rawValue }, votes.map { $0[b].rawValue })
            #expect(try Agreement.percent(left, right) == agreement)
            #expect(abs((try Agreement.cohensKappa(left, right) ?? 0) - kappa) < 1e-9)
        }
        // One person as the judge of another: a person, shown one order, has no place to be drawn to.
        let check = try PairwiseCheck(
            zip(rows, votes).map { row, votes in
                .init(
                    human: votes[0], forward: votes[1], swapped: votes[1].swapped,
                    lengths: (row["lengths"]?.array?[0].int ?? 0, row["lengths"]?.array?[1].int ?? 0))
            })
        #expect(check.flipRate == 0)
        #expect(check.firstShare == 0.5)
        let share = try #require(check.longerShare)
        #expect(abs(share.judge - share.human) < 0.03)
    }

    @Test("Lexical groundedness separates BEGIN's attributable answers from others with an area of at least 0.90")
    func begin() throws {
        let rows = try TestData.rows("begin_wow.jsonl")
        #expect(rows.count == 430)
        let set = try EvaluatorSet([
            EvaluatorUse(
                name: "grounded", evaluator: "lexical_groundedness",
                mappings: ["response": "${data.response}", "context": "${data.knowledge}"])
        ])
        let scores = rows.compactMap { set.score(row: $0).first?.value }
        let outcomes = rows.compactMap { $0["attributable"]?.bool }
        let area = try #require(try ProbabilityScores(outcomes: outcomes, scores: scores).areaUnderROC)
        #expect(area >= 0.90, "\(area)")
    }
}
