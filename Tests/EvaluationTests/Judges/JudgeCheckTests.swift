import Domain
import Statistics
import Testing

@testable import Evaluation

@Suite("Measuring judges against people")
struct JudgeCheckTests {
    private func item(
        _ human: PairwiseChoice, _ forward: PairwiseChoice?, _ swapped: PairwiseChoice?, _ a: Int = 1, _ b: Int = 2
    ) -> PairwiseCheck.Item {
        .init(human: human, forward: forward, swapped: swapped, lengths: (a, b))
    }

    @Test("A judge that always agrees has agreement and κ of 1 and no bias of place")
    func perfect() throws {
        let check = try PairwiseCheck([
            item(.first, .first, .second), item(.second, .second, .first), item(.first, .first, .second),
            item(.second, .second, .first),
        ])
        #expect(check.agreement == 1)
        #expect(check.combinedAgreement == 1)
        #expect(check.kappa == 1)
        #expect(check.flipRate == 0)
        #expect(check.firstShare == 0.5)
        #expect(check.unreadableRate == 0)
    }

    @Test("A judge that always takes the first answer is found out")
    func firstPlace() throws {
        let check = try PairwiseCheck((0..<20).map { item($0.isMultiple(of: 2) ? .first : .second, .first, .first) })
        #expect(check.agreement == 0.5)
        #expect(check.flipRate == 1)
        #expect(check.tieRate == 1)
        #expect(check.firstShare == 1)
        #expect((check.firstShareInterval?.lower ?? 0) > 0.5)
        #expect(check.kappa == 0)
    }

    @Test("A judge that takes the longer answer is found out by its surplus over the people")
    func length() throws {
        // People prefer the longer one in half of the pairs, the judge always.
        let items = (0..<40).map { place in
            item(place.isMultiple(of: 2) ? .first : .second, .second, .first, 10, 500)
        }
        let check = try PairwiseCheck(items)
        #expect(check.longerShare?.judge == 1)
        #expect(check.longerShare?.human == 0.5)
    }

    @Test("Replies that cannot be read are counted, and their pairs judge nothing")
    func unreadable() throws {
        let check = try PairwiseCheck([
            item(.first, .first, .second), item(.first, nil, .first), item(.first, nil, nil),
            item(.second, .second, .first),
        ])
        #expect(check.count == 4)
        #expect(check.judged == 2)
        #expect(check.unreadableRate == 3.0 / 8)
        #expect(check.agreement == 1)
        let none = try PairwiseCheck([item(.first, nil, nil)])
        #expect(none.agreement == nil)
        #expect(none.kappa == nil)
        #expect(throws: (any Error).self) { try PairwiseCheck([]) }
    }

    @Test("A generous judge's mean is brought back by the labelled part")
    func corrected() throws {
        // The truth is 1…5 evenly; the judge gives one more, at most 5.
        let truth = (0..<500).map { Double($0 % 5 + 1) }
        let judge = truth.map { min(5, $0 + 1) }
        let pairs = zip(truth, judge).prefix(100).map { (human: $0.0, judge: Optional($0.1)) }
        let check = try ScoreCheck(pairs: Array(pairs), unlabelled: judge.dropFirst(100).map { $0 })
        #expect(check.bias == 0.8)
        #expect(check.judgeMean == 3.8)
        let corrected = try #require(check.corrected)
        #expect(abs(corrected.value - 3) < 0.02)
        #expect(corrected.interval.contains(3))
        let alone = try #require(check.humanMean.interval)
        #expect(corrected.interval.halfWidth < alone.halfWidth)
    }

    @Test("Scores that are missing are counted, not taken as 0")
    func missing() throws {
        let check = try ScoreCheck(pairs: [(4, 4), (2, nil), (3, 3), (5, 4)], unlabelled: [nil, 4, 3])
        #expect(check.labelled == 4)
        #expect(check.judged == 3)
        #expect(check.unreadableRate == 2.0 / 7)
        #expect(throws: (any Error).self) { try ScoreCheck(pairs: [(4, nil)], unlabelled: [1]) }
    }

    @Test("A jury's majority wins, equal weights tie, and a judge can be ignored but not turned around")
    func jury() throws {
        let three = try Jury(members: 3)
        #expect(three.choice([.first, .first, .second]) == .first)
        #expect(three.choice([.first, nil, .second]) == .tie)
        #expect(three.choice([nil, nil, nil]) == nil)
        #expect(three.choice([.tie, .tie, .second]) == .second)
        let weighted = try Jury(weights: [0.1, 0.2, 0.3])
        #expect(weighted.choice([.first, .first, .second]) == .tie)
        #expect(try Jury(weights: [1, 0]).choice([.second, .first]) == .second)
        #expect(try Jury(weights: [1, 0]).choice([nil, .first]) == nil)
        #expect(weighted.score([1, nil, 5]) == 4)
        #expect(throws: EvaluatorError.self) { try Jury(weights: [1, -0.5]) }
        #expect(throws: EvaluatorError.self) { try Jury(weights: [0, 0]) }
    }
}
