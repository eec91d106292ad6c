import Testing

@testable import Statistics

@Suite("Comparing a candidate with a baseline")
struct PairedComparisonTests {
    @Test("Verdicts of independent items are decided by the exact McNemar test")
    func verdictsUseMcNemar() throws {
        // GSM8K: 152 items only the 6B verifier solves, 209 only the fine-tuned 175B model.
        let first = Self.verdicts(both: 300, onlyFirst: 152, onlySecond: 209, neither: 658)
        let comparison = try PairedComparison(PairedScores(baseline: first.0, candidate: first.1))
        #expect(comparison.test == .mcNemar)
        #expect(abs(comparison.pValue - 0.003150656880360618) < 1e-15)
        #expect(abs(comparison.difference - 57.0 / 1319) < 1e-15)
        #expect(comparison.intervalMethod == .newcombe)
        let interval = try #require(comparison.interval)
        #expect(interval.lower > 0 && interval.contains(comparison.difference))
        #expect(comparison.verdict == .higher)
        #expect(comparison.wilcoxonPValue == nil && comparison.bootstrapInterval == nil)
        #expect(comparison.warnings.isEmpty)
    }

    @Test("Measured scores are decided by the paired t test, with bootstrap and Wilcoxon beside it")
    func measurementsUseTTest() throws {
        var random = SeededRandom(seed: 3)
        let baseline = random.normals(80)
        let candidate = zip(baseline, random.normals(80)).map { $0 + 0.6 + 0.5 * $1 }
        let comparison = try PairedComparison(PairedScores(baseline: baseline, candidate: candidate))
        #expect(comparison.test == .pairedT && comparison.intervalMethod == .studentT)
        #expect(comparison.verdict == .higher)
        let bootstrap = try #require(comparison.bootstrapInterval)
        let interval = try #require(comparison.interval)
        #expect(abs(bootstrap.lower - interval.lower) < 0.03 && abs(bootstrap.upper - interval.upper) < 0.03)
        #expect(try #require(comparison.wilcoxonPValue) < 1e-6)
        #expect(comparison.clusterCount == nil)
        let reversed = try PairedComparison(PairedScores(baseline: candidate, candidate: baseline))
        #expect(reversed.verdict == .lower)
        #expect(abs(reversed.difference + comparison.difference) < 1e-12)
        #expect(abs(reversed.pValue - comparison.pValue) < 1e-12)
    }

    @Test("Clusters that repeat widen the error, and ignoring them is warned about with the design effect")
    func respectsClusters() throws {
        var random = SeededRandom(seed: 8)
        let shared = random.normals(30)
        let own = random.normals(300)
        let candidate = own.indices.map { shared[$0 / 10] + 0.5 * own[$0] }
        let scores = try PairedScores(
            baseline: own.map { _ in 0.0 }, candidate: candidate, clusters: own.indices.map { "source \($0 / 10)" })
        let clustered = try PairedComparison(scores)
        let naive = try PairedComparison(scores, options: .init(ignoresClusters: true))
        #expect(clustered.test == .clusteredT && naive.test == .pairedT)
        #expect(clustered.clusterCount == 30 && naive.clusterCount == 30)
        #expect(try #require(clustered.standardError) > 2 * #require(naive.standardError))
        #expect(clustered.pValue > naive.pValue)
        #expect(clustered.warnings.isEmpty)
        guard case .clustersIgnored(30, let effect?) = naive.warnings.first else {
            Issue.record("the naive use must be warned about")
            return
        }
        #expect(effect > 5 && effect < 10)
        #expect(
            ComparisonWarning.clustersIgnored(clusters: 30, designEffect: 7.34).message
                == "The items share 30 clusters but were treated as independent: the result looks surer than it is "
                + "(the variance is about 7.3 times larger).")
    }

    @Test("Verdicts of clustered items are not given to McNemar, which would call them independent")
    func clusteredVerdicts() throws {
        let baseline = (0..<60).map { Double($0 / 20 % 2) }
        let candidate = (0..<60).map { $0.isMultiple(of: 7) ? 1.0 : 0 }
        let comparison = try PairedComparison(
            PairedScores(baseline: baseline, candidate: candidate, clusters: (0..<60).map { $0 / 4 }))
        #expect(comparison.test == .clusteredT)
        #expect(comparison.warnings.contains(.fewClusters(15)))
    }

    @Test("Clusters of one item each change nothing")
    func singletonClusters() throws {
        let (baseline, candidate) = ([0.1, 0.4, 0.2, 0.9, 0.3], [0.2, 0.7, 0.1, 1.3, 0.8])
        let plain = try PairedComparison(PairedScores(baseline: baseline, candidate: candidate))
        let clustered = try PairedComparison(
            PairedScores(baseline: baseline, candidate: candidate, clusters: [5, 4, 3, 2, 1]))
        #expect(plain.pValue == clustered.pValue && plain.interval == clustered.interval)
        #expect(clustered.test == .pairedT)
    }

    @Test("Missing scores are listed with the side that is missing, and counted in a warning")
    func listsMissing() throws {
        let scores = try PairedScores(baseline: [1, nil, 0.5, nil, 0.2], candidate: [0.5, 0.3, nil, nil, 0.9])
        let comparison = try PairedComparison(scores)
        #expect(comparison.count == 2)
        #expect(
            comparison.missing == [
                .init(index: 1, baselineIsMissing: true, candidateIsMissing: false),
                .init(index: 2, baselineIsMissing: false, candidateIsMissing: true),
                .init(index: 3, baselineIsMissing: true, candidateIsMissing: true),
            ])
        #expect(comparison.warnings.contains(.missingPairs(3)))
    }

    @Test("NaN and infinity are refused, with the position")
    func refusesNaN() {
        #expect(throws: StatisticsError.notFinite(index: 1)) {
            try PairedScores(baseline: [1, .nan], candidate: [0, 0])
        }
        #expect(throws: StatisticsError.notFinite(index: 0)) {
            try PairedScores(baseline: [1, 2], candidate: [.infinity, nil])
        }
        #expect(throws: StatisticsError.lengthMismatch(2, 1)) { try PairedScores(baseline: [1, 2], candidate: [1]) }
        #expect(throws: StatisticsError.notFinite(index: 0)) {
            try PairedComparison(PairedScores(baseline: [-1e308, 0], candidate: [1.7e308, 0]))
        }
    }

    @Test("Nothing to compare is an error")
    func nothing() throws {
        let empty = try PairedScores(baseline: [], candidate: [])
        #expect(throws: StatisticsError.tooFewValues(needed: 1, got: 0)) { try PairedComparison(empty) }
        let missing = try PairedScores(baseline: [nil, 1], candidate: [1, nil])
        #expect(throws: StatisticsError.self) { try PairedComparison(missing) }
    }

    @Test("One item has a difference but no test")
    func oneItem() throws {
        let comparison = try PairedComparison(PairedScores(baseline: [0.25], candidate: [0.75]))
        #expect(comparison.difference == 0.5 && comparison.test == .none && comparison.pValue == 1)
        #expect(comparison.interval == nil && comparison.minimumDetectableEffect == nil)
        #expect(comparison.warnings == [.nothingToTest] && comparison.verdict == .undecided)
    }

    @Test("One cluster has a difference but no test, however many items it has")
    func oneCluster() throws {
        let comparison = try PairedComparison(
            PairedScores(baseline: [0, 0, 0], candidate: [0.5, 0.6, 0.7], clusters: ["a", "a", "a"]))
        #expect(comparison.test == .none && comparison.pValue == 1 && comparison.interval == nil)
        #expect(comparison.warnings == [.nothingToTest])
    }

    @Test("Equal scores everywhere are no difference", arguments: [0.25, 1])
    func allEqual(_ score: Double) throws {
        let scores = [Double](repeating: score, count: 12)
        let comparison = try PairedComparison(PairedScores(baseline: scores, candidate: scores))
        #expect(comparison.difference == 0 && comparison.pValue == 1 && comparison.verdict == .undecided)
        #expect(comparison.minimumDetectableEffect == nil && comparison.requiredCount == nil)
        #expect(comparison.warnings == [.noVariation])
    }

    @Test("The same gain on every item is judged by counting signs, not by a spread of zero or of rounding")
    func constantDifference() throws {
        let baseline = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
        let comparison = try PairedComparison(PairedScores(baseline: baseline, candidate: baseline.map { $0 + 0.1 }))
        #expect(comparison.test == .signFlip)
        #expect(comparison.pValue == 1 / 128.0)
        #expect(comparison.warnings.contains(.noVariation))
        let two = try PairedComparison(PairedScores(baseline: [0.1, 0.2], candidate: [0.3, 0.4]))
        #expect(two.pValue == 0.5 && two.verdict == .undecided)
    }

    @Test("Holm's adjustment decides the verdict of a family")
    func adjustsFamilies() throws {
        let candidates = [(40, 62), (40, 45), (40, 60)].map {
            Self.verdicts(both: 50, onlyFirst: $0, onlySecond: $1, neither: 50)
        }
        let single = try candidates.map { try PairedComparison(PairedScores(baseline: $0.0, candidate: $0.1)) }
        let family = try PairedComparison.adjustedByHolm(single)
        #expect(single.map(\.verdict) == [.higher, .undecided, .undecided])
        #expect(family.map(\.adjustedPValue) == (try Multiplicity.holm(single.map(\.pValue))))
        #expect(family.map(\.verdict) == [.undecided, .undecided, .undecided])
    }

    @Test("The detectable effect and the required count agree with each other")
    func power() throws {
        var random = SeededRandom(seed: 5)
        let comparison = try PairedComparison(
            PairedScores(baseline: random.normals(100), candidate: random.normals(100)))
        let error = try #require(comparison.standardError)
        let effect = try #require(comparison.minimumDetectableEffect)
        #expect(abs(effect - (1.959963984540054 + 0.8416212335729143) * error) < 1e-12)
        let needed = Double(try #require(comparison.requiredCount))
        let exact = 100 * (effect / comparison.difference) * (effect / comparison.difference)
        #expect(needed >= exact && needed < exact + 1)
    }

    @Test("The same seed gives the same result, and options out of range are refused")
    func options() throws {
        var random = SeededRandom(seed: 6)
        let scores = try PairedScores(baseline: random.normals(40), candidate: random.normals(40))
        #expect(try PairedComparison(scores) == PairedComparison(scores))
        #expect(try PairedComparison(scores, options: .init(resamples: 0)).bootstrapInterval == nil)
        #expect(throws: StatisticsError.self) { try PairedComparison(scores, options: .init(confidence: 1)) }
        #expect(throws: StatisticsError.self) { try PairedComparison(scores, options: .init(resamples: -1)) }
    }

    private static func verdicts(
        both: Int, onlyFirst: Int, onlySecond: Int, neither: Int
    ) -> ([Double], [Double]) {
        func column(_ values: [Double]) -> [Double] {
            zip(values, [both, onlyFirst, onlySecond, neither]).flatMap { Array(repeating: $0, count: $1) }
        }
        return (column([1, 1, 0, 0]), column([1, 0, 1, 0]))
    }
}
