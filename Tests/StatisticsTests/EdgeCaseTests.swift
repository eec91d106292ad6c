import Testing

@testable import Statistics

@Suite("Published figures and degenerate data")
struct EdgeCaseTests {
    @Test("McNemar on GSM8K gives the published figures")
    func gsm8k() throws {
        let close = try McNemar(onlyFirst: 152, onlySecond: 209)
        #expect(abs(close.exactPValue - 0.003150656880360618) < 1e-15)
        #expect(abs(close.chiSquared - 8.686980609418283) < 1e-13)
        let clear = try McNemar(onlyFirst: 360, onlySecond: 76)
        #expect(abs(clear.exactPValue / 2.8913946350346335e-45 - 1) < 1e-11)
        #expect(try McNemar(onlyFirst: 0, onlySecond: 0).exactPValue == 1)
        #expect(try McNemar(onlyFirst: 0, onlySecond: 0).chiSquaredPValue == 1)
        #expect(throws: StatisticsError.self) { try McNemar(onlyFirst: -1, onlySecond: 0) }
    }

    @Test("The generator gives SplitMix64's published numbers")
    func splitMix() {
        var random = SeededRandom(seed: 1_234_567)
        #expect((0..<3).map { _ in random.next() } == [6457827717110365317, 3203168211198807973, 9817491932198370423])
    }

    @Test("Lists that are empty or not finite are refused by name")
    func refusals() {
        #expect(throws: StatisticsError.tooFewValues(needed: 1, got: 0)) { try Description([]) }
        #expect(throws: StatisticsError.notFinite(index: 1)) { try Quantile.median([1, .nan]) }
        #expect(throws: StatisticsError.tooFewValues(needed: 1, got: 0)) { try Wilcoxon(differences: []) }
        #expect(throws: StatisticsError.notFinite(index: 0)) { try MannWhitney([.infinity], [1]) }
        #expect(throws: StatisticsError.lengthMismatch(2, 1)) { try Correlation.pearson([1, 2], [1]) }
        #expect(throws: StatisticsError.self) { try Multiplicity.holm([0.1, .nan]) }
        #expect(throws: StatisticsError.self) { try Bootstrap.mean(of: [1], resamples: 0) }
        #expect(throws: StatisticsError.self) { try Bootstrap.mean(of: [1, 2], indices: [[0, 2]]) }
        #expect(throws: StatisticsError.self) { try Proportion(successes: 2, trials: 1) }
        #expect(throws: StatisticsError.self) { try Proportion(successes: 0, trials: 0) }
        #expect(throws: StatisticsError.self) { try ClassificationReport(truth: [Int](), predicted: []) }
        #expect(throws: StatisticsError.self) { try Description([1, 2]).interval(confidence: 0) }
        #expect(throws: StatisticsError.self) { try Retrieval.ndcg(relevances: [-1], scores: [1]) }
        #expect(throws: StatisticsError.self) {
            try Retrieval.ndcg(relevances: [2_000], scores: [1], gain: .exponential)
        }
        #expect(throws: StatisticsError.self) { try Bootstrap.indices(count: 3, resamples: -1, seed: 0) }
        #expect(throws: StatisticsError.self) { try Retrieval.precision(ranked: [1], relevant: [1], at: 0) }
    }

    @Test("One value, or values without spread, have defined results")
    func degenerate() throws {
        #expect(try Description([0.1]).variance == nil)
        #expect(try Description([0.1, 0.1, 0.1]).variance == 0)
        #expect(try Wilcoxon(differences: [0, 0, 0]).pValue == 1)
        #expect(try Wilcoxon(differences: [Double](repeating: 0, count: 60)).pValue == 1)
        #expect(try MannWhitney([1, 1], [1, 1, 1]).pValue == 1)
        #expect(try SignFlip(differences: [0, 0]).pValue == 1)
        #expect(try SignFlip(differences: [0.1, 0.2, -0.3]).pValue == 1)
        #expect(try PairedTTest(differences: [1]) == nil)
        #expect(try PairedTTest(differences: [0, 0])?.pValue == 1)
        #expect(try Correlation.pearson([1, 1], [1, 2]) == nil)
        #expect(try Correlation.kendall([1], [1]) == nil)
        #expect(try Agreement.cohensKappa([1, 1], [1, 1]) == nil)
        #expect(Agreement.krippendorffAlpha(units: [[1, nil], [nil, 2]]) == nil)
        #expect(try IntraclassCorrelation([1, 2], clusters: Clusters([1, 2])) == nil)
        #expect(try EffectSize.cohensD(differences: [2, 2]) == nil)
        #expect(try Multiplicity.holm([]).isEmpty)
        let bootstrap = try Bootstrap.mean(of: [0.3, 0.3, 0.3], resamples: 50).interval()
        #expect(bootstrap.method == .percentile && abs(bootstrap.interval.lower - 0.3) < 1e-15)
    }

    @Test("Distributions answer nonsense with NaN and ends with ends")
    func distributionEnds() {
        #expect(Normal.quantile(1.5).isNaN && Normal.quantile(.nan).isNaN)
        #expect(StudentT(degreesOfFreedom: 0).quantile(0.9).isNaN)
        #expect(StudentT(degreesOfFreedom: 3).survival(.infinity) == 0)
        #expect(StudentT(degreesOfFreedom: 3).survival(-.infinity) == 1)
        #expect(StudentT(degreesOfFreedom: .infinity).quantile(0.975) == Normal.quantile(0.975))
        #expect(ChiSquared(degreesOfFreedom: 2).survival(.infinity) == 0)
        #expect(Binomial(trials: 0, probability: 0.5).mass(0) == 1)
        #expect(IncompleteBeta.lower(-1, 1, 0.5).isNaN && IncompleteGamma.lower(1, -1).isNaN)
    }

    @Test("Random sign assignments come close to counting all of them, and clusters flip together")
    func signFlips() throws {
        var random = SeededRandom(seed: 12)
        let differences = random.normals(17).map { $0 + 0.4 }
        let sampled = try SignFlip(differences: differences, samples: 4_000, seed: 1)
        let exact = try SignFlip(differences: Array(differences.prefix(16)))
        #expect(!sampled.isExact && exact.isExact)
        #expect(abs(sampled.pValue - exact.pValue) < 0.1)
        let together = try SignFlip(differences: [1, 1, 1, 1], clusters: Clusters([1, 1, 2, 2]))
        #expect(together.pValue == 0.5)
    }

    @Test("Retrieval figures of a worked example")
    func retrieval() throws {
        let ranked = ["a", "b", "c", "d"]
        #expect(try Retrieval.recall(ranked: ranked, relevant: ["b", "d", "x"], at: 3) == 1.0 / 3)
        #expect(try Retrieval.recall(ranked: ranked, relevant: [], at: 3) == nil)
        #expect(try Retrieval.precision(ranked: ranked, relevant: ["b", "d"], at: 5) == 0.4)
        #expect(try Retrieval.precision(ranked: ["b", "b"], relevant: ["b"], at: 2) == 0.5)
        #expect(Retrieval.reciprocalRank(ranked: ranked, relevant: ["c"]) == 1.0 / 3)
        #expect(Retrieval.reciprocalRank(ranked: ranked, relevant: ["x"]) == 0)
        #expect(try Retrieval.ndcg(relevances: [0, 0], scores: [1, 2]) == 0)
    }

    @Test("Agreement of repeated runs")
    func agreement() throws {
        #expect(try Agreement.percent(["a", "b"], ["a", "c"]) == 0.5)
        #expect(try Agreement.flipRate([1, 2, 3, 4], [1, 2, 4, 3]) == 0.5)
        #expect(try Agreement.flakyShare(runs: [[true, true], [true, false], [false]]) == 1.0 / 3)
        #expect(throws: StatisticsError.self) { try Agreement.flakyShare(runs: [[true], []]) }
    }

    @Test("A larger share of labels than classes could have is refused, not tabulated")
    func tooManyLabels() {
        let labels = Array(0...1_000)
        #expect(throws: StatisticsError.self) { try ClassificationReport(truth: labels, predicted: labels) }
    }

    @Test("Non-inferiority and equivalence follow from the interval")
    func equivalence() throws {
        let interval = ConfidenceInterval(lower: -0.01, upper: 0.03)
        #expect(try Equivalence.isNonInferior(interval, margin: 0.02))
        #expect(try !Equivalence.isNonInferior(interval, margin: 0.01))
        #expect(try !Equivalence.isEquivalent(interval, margin: 0.02))
        #expect(try Equivalence.isEquivalent(interval, margin: 0.04))
        #expect(throws: StatisticsError.self) { try Equivalence.isNonInferior(interval, margin: -1) }
    }

    @Test("Newcombe's paired interval gives the figures of his paper")
    func newcombe() throws {
        let table = try PairedProportions(both: 36, onlyFirst: 2, onlySecond: 12, neither: 0)
        let interval = try table.newcombe()
        #expect(abs(table.difference - 0.2) < 1e-15)
        #expect(abs(interval.lower - 0.0569) < 5e-5 && abs(interval.upper - 0.3404) < 5e-5)
    }
}
