import Foundation

@testable import Statistics

/// How often a method claims a difference where there is none, counted over seeded repetitions.
struct NullSimulation: Sendable {
    /// The method and how it is used.
    let method: String
    /// The data it is used on.
    let data: String
    /// How many repetitions.
    let runs: Int
    /// The share of false claims that is acceptable, or is the known failing of a naive use.
    let bounds: ClosedRange<Double>
    /// Makes one data set without a true difference and says whether the method claims one at the 5 % level.
    let rejects: @Sendable (inout SeededRandom) throws -> Bool

    /// The share of false claims.
    func rate() throws -> Double {
        // The seed depends on the place in the table only through the names, so that rows can be added.
        let seed = (method + data).utf8.reduce(UInt64(14_695_981_039_346_656_037)) {
            ($0 ^ UInt64($1)) &* 1_099_511_628_211
        }
        var random = SeededRandom(seed: seed)
        var rejections = 0
        for _ in 0..<runs where try rejects(&random) { rejections += 1 }
        return Double(rejections) / Double(runs)
    }

    /// The row of the table in `docs/reference/statistics.md`.
    func row(rate: Double) -> String {
        "| \(method) | \(data) | \(runs) | \(String(format: "%.1f", rate * 100)) % |"
    }

    static let all = independent + clustered + families + peeking

    /// What a false claim rate of 5 % looks like in 1,000 repetitions, with three standard errors to spare.
    private static let nominal = 0.0...0.071

    private static let independent = [
        NullSimulation(
            method: "McNemar exact", data: "200 verdicts, pass rate 0.7, 30 % differ", runs: 1_000, bounds: nominal
        ) { random in
            var (first, second) = (0, 0)
            for _ in 0..<200 where random.unit() < 0.3 { if random.unit() < 0.5 { first += 1 } else { second += 1 } }
            return try McNemar(onlyFirst: first, onlySecond: second).exactPValue < 0.05
        },
        NullSimulation(
            method: "McNemar mid-p", data: "200 verdicts, pass rate 0.7, 30 % differ", runs: 1_000, bounds: nominal
        ) { random in
            var (first, second) = (0, 0)
            for _ in 0..<200 where random.unit() < 0.3 { if random.unit() < 0.5 { first += 1 } else { second += 1 } }
            return try McNemar(onlyFirst: first, onlySecond: second).midPValue < 0.05
        },
        NullSimulation(method: "paired t", data: "30 normal differences", runs: 1_000, bounds: nominal) { random in
            let differences = random.normals(30)
            return try (PairedTTest(differences: differences)?.pValue ?? 1) < 0.05
        },
        NullSimulation(
            method: "paired t", data: "50 skewed differences (log-normal)", runs: 1_000, bounds: 0...0.12
        ) { random in
            let differences = random.skewed(50)
            return try (PairedTTest(differences: differences)?.pValue ?? 1) < 0.05
        },
        NullSimulation(
            method: "bootstrap BCa, 299 resamples", data: "40 normal differences", runs: 1_000, bounds: 0...0.09
        ) { random in
            let differences = random.normals(40)
            let bootstrap = try Bootstrap.mean(of: differences, resamples: 299, seed: random.next())
            return try !bootstrap.interval().interval.contains(0)
        },
        NullSimulation(
            method: "bootstrap BCa, 299 resamples", data: "50 skewed differences (log-normal)", runs: 1_000,
            bounds: 0...0.12
        ) { random in
            let differences = random.skewed(50)
            let bootstrap = try Bootstrap.mean(of: differences, resamples: 299, seed: random.next())
            return try !bootstrap.interval().interval.contains(0)
        },
        NullSimulation(method: "Wilcoxon", data: "30 normal differences", runs: 1_000, bounds: nominal) { random in
            try Wilcoxon(differences: random.normals(30)).pValue < 0.05
        },
        NullSimulation(
            method: "Wilcoxon", data: "60 differences of five-level scores", runs: 1_000, bounds: nominal
        ) { random in
            let differences = (0..<60).map { _ in Double(random.index(below: 5) - random.index(below: 5)) / 4 }
            return try Wilcoxon(differences: differences).pValue < 0.05
        },
        NullSimulation(
            method: "sign-flip permutation, 199 samples", data: "20 normal differences", runs: 1_000, bounds: nominal
        ) { random in
            let differences = random.normals(20)
            return try SignFlip(differences: differences, samples: 199, seed: random.next()).pValue <= 0.05
        },
        NullSimulation(
            method: "Mann–Whitney", data: "20 against 30 unpaired normal scores", runs: 1_000, bounds: nominal
        ) { random in
            try MannWhitney(random.normals(20), random.normals(30)).pValue < 0.05
        },
    ]

    private static let clustered = [
        clusters(50, of: 10, "paired t, naive", 0.3...0.55) { differences, _ in
            try PairedTTest(differences: differences)?.pValue ?? 1
        },
        clusters(50, of: 10, "cluster-robust t", nominal) {
            try PairedTTest(differences: $0, clusters: $1)?.pValue ?? 1
        },
        clusters(50, of: 10, "cluster bootstrap, 199 resamples", 0...0.09) { differences, clusters in
            let bootstrap = try Bootstrap.mean(of: differences, clusters: clusters, resamples: 199, seed: 1)
            return try bootstrap.interval(method: .percentile).interval.contains(0) ? 1 : 0
        },
        clusters(10, of: 10, "paired t, naive", 0.3...0.55) { differences, _ in
            try PairedTTest(differences: differences)?.pValue ?? 1
        },
        clusters(10, of: 10, "cluster-robust t", 0...0.08) {
            try PairedTTest(differences: $0, clusters: $1)?.pValue ?? 1
        },
    ]

    /// Differences with ICC 0.7: √0.7 of the cluster's own and √0.3 of each item.
    private static func clusters(
        _ count: Int, of size: Int, _ method: String, _ bounds: ClosedRange<Double>,
        _ pValue: @escaping @Sendable ([Double], Clusters) throws -> Double
    ) -> NullSimulation {
        let clusters = Clusters((0..<count * size).map { $0 / size })
        return NullSimulation(
            method: method, data: "\(count) clusters of \(size), ICC 0.7", runs: 400, bounds: bounds
        ) { random in
            let shared = random.normals(count)
            let own = random.normals(count * size)
            let differences = own.indices.map { 0.7.squareRoot() * shared[$0 / size] + 0.3.squareRoot() * own[$0] }
            return try pValue(differences, clusters) < 0.05
        }
    }

    private static let families = [
        NullSimulation(
            method: "paired t, any of 5 variants, unadjusted", data: "20 normal differences each", runs: 500,
            bounds: 0.15...0.3
        ) { random in
            try variants(&random).contains { $0 < 0.05 }
        },
        NullSimulation(
            method: "paired t, any of 5 variants, Holm", data: "20 normal differences each", runs: 500, bounds: 0...0.08
        ) { random in
            try Multiplicity.holm(variants(&random)).contains { $0 < 0.05 }
        },
    ]

    private static func variants(_ random: inout SeededRandom) throws -> [Double] {
        var pValues: [Double] = []
        for _ in 0..<5 { pValues.append(try PairedTTest(differences: random.normals(20))?.pValue ?? 1) }
        return pValues
    }

    private static let peeking = [
        peeking("fixed-sample z", 0.27...0.45) { count, difference, variance in
            2 * Normal.survival(abs(difference) / variance.squareRoot())
        },
        peeking("confidence sequence", 0...0.05) { count, difference, variance in
            try ConfidenceSequence().pValue(difference: difference, variance: variance, count: 2 * count)
        },
        peeking("mSPRT, τ² = 0.0025", 0...0.05) { count, difference, variance in
            let test = try MixtureSequentialTest(mixingVariance: 0.0025)
            return exp(
                -(try test.logLikelihoodRatio(
                    count: count, difference: difference, variance: variance * Double(count) / 2)))
        },
        NullSimulation(
            method: "betting e-process, after every value", data: "500 scores in [0, 1], mean 0.5", runs: 200,
            bounds: 0...0.1
        ) { random in
            var test = try BettingTest(mean: 0.5)
            for _ in 0..<500 {
                try test.add(random.unit())
                if test.rejects { return true }
            }
            return false
        },
        NullSimulation(
            method: "sample ratio χ², looked at once", data: "10,000 units, two equal arms", runs: 200, bounds: 0...0.1
        ) { random in
            let first = random.heads(10_000)
            return try SampleRatio(counts: [first, 10_000 - first], weights: [1, 1]).pValue < 0.05
        },
        NullSimulation(
            method: "sample ratio e-value, after every 64 units", data: "up to 10,048 units, two equal arms", runs: 200,
            bounds: 0...0.1
        ) { random in
            var first = 0
            for total in stride(from: 64, through: 10_048, by: 64) {
                first += random.heads(64)
                if try SampleRatio(counts: [first, total - first], weights: [1, 1]).logEvidence() >= log(20) {
                    return true
                }
            }
            return false
        },
    ]

    /// An A/B test of two pass rates of 0.3, looked at every 50 per arm from 100 to 5,000.
    private static func peeking(
        _ method: String, _ bounds: ClosedRange<Double>,
        _ pValue: @escaping @Sendable (Int, Double, Double) throws -> Double
    ) -> NullSimulation {
        NullSimulation(
            method: "\(method), at every look", data: "two arms, pass rate 0.3, 99 looks from 100 to 5,000 per arm",
            runs: 400, bounds: bounds
        ) { random in
            var (first, second) = (0, 0)
            for count in stride(from: 50, through: 5_000, by: 50) {
                for _ in 0..<50 {
                    if random.unit() < 0.3 { first += 1 }
                    if random.unit() < 0.3 { second += 1 }
                }
                guard count >= 100 else { continue }
                let (a, b) = (Double(first) / Double(count), Double(second) / Double(count))
                let variance = (a * (1 - a) + b * (1 - b)) / Double(count)
                if try pValue(count, b - a, variance) < 0.05 { return true }
            }
            return false
        }
    }
}

extension SeededRandom {
    /// Independent standard normal values, by Marsaglia's polar method.
    mutating func normals(_ count: Int) -> [Double] {
        var values: [Double] = []
        values.reserveCapacity(count + 1)
        while values.count < count {
            let (x, y) = (2 * unit() - 1, 2 * unit() - 1)
            let square = x * x + y * y
            guard square < 1, square > 0 else { continue }
            let scale = (-2 * log(square) / square).squareRoot()
            values.append(x * scale)
            values.append(y * scale)
        }
        return Array(values.prefix(count))
    }

    /// Independent log-normal values less their mean √e.
    mutating func skewed(_ count: Int) -> [Double] { normals(count).map { exp($0) - exp(0.5) } }

    /// How many of `count` fair coins show heads; `count` in multiples of 64 uses one draw for each 64.
    mutating func heads(_ count: Int) -> Int {
        var heads = 0
        for start in stride(from: 0, to: count, by: 64) {
            let width = UInt64(min(64, count - start))
            heads += (next() >> (64 - width)).nonzeroBitCount
        }
        return heads
    }
}
