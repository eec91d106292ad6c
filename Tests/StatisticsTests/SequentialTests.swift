import Testing

@testable import Statistics

@Suite("Statistics that may be looked at any time")
struct SequentialTests {
    /// α, N*, count, difference, its variance, and what gbstats 0.8.0 `SequentialTwoSidedTTest` returned for them.
    ///
    /// Recorded, because gbstats pins a pandas that the other reference packages cannot use.
    private static let growthBook: [[Double]] = [
        [0.05, 5000, 20122, 0, 0.0003425495338231486, -0.05788955724505885, 0.05788955724505885, 1],
        [
            0.01, 5000, 6842, -0.04342227289325473, 0.0007364245250175108, -0.14048436643386109, 0.05363982064735162, 1,
        ],
        [0.1, 500, 8603, -0.013974118300555505, 0.005671810484510198, -0.24475339707854568, 0.21680516047743467, 1],
        [
            0.1, 500, 26433, 0.07756030146989956, 0.00022114885806203172, 0.02948236473972842, 0.1256382382000707,
            2.364560973423811e-05,
        ],
        [
            0.1, 500, 7444, 0.09967268145367036, 0.0002240645288686514, 0.05412565959492699, 0.14521970331241374,
            2.9009423726824567e-09,
        ],
        [
            0.1, 500, 23306, -0.04338994672092755, 0.00028329357295176866, -0.09748749838891532, 0.010707604947060224,
            0.627225569032995,
        ],
        [
            0.1, 500, 18310, 0.06496921493012398, 0.0002058064126556051, 0.019380272310371344, 0.1105581575498766,
            0.0005610430073638082,
        ],
    ]

    @Test("The confidence sequence equals GrowthBook's", arguments: growthBook)
    func equalsGrowthBook(_ row: [Double]) throws {
        let sequence = try ConfidenceSequence(alpha: row[0], tuning: row[1])
        let interval = try sequence.interval(difference: row[3], variance: row[4], count: Int(row[2]))
        #expect(abs(interval.lower - row[5]) < 1e-12 && abs(interval.upper - row[6]) < 1e-12)
        let pValue = try sequence.pValue(difference: row[3], variance: row[4], count: Int(row[2]))
        #expect(abs(pValue - row[7]) < 1e-9 * row[7])
    }

    /// Counts, weights, and what gbstats 0.8.0 `check_srm` returned for them.
    private static let growthBookRatios: [([Int], [Double], Double)] = [
        ([991, 1035, 985, 1009], [1, 2, 2, 2], 2.1747442005090913e-76),
        ([996, 992, 1016, 968, 1017], [1, 1, 1, 1, 1], 0.8036821203204199),
        ([2947, 2747], [2, 1], 6.680152879145083e-126), ([1003, 1009], [1, 1], 0.8935896786083808),
        ([926, 678, 221, 546, 453], [1, 1, 1, 1, 2], 6.246665540758228e-200), ([0, 0], [1, 1], 1),
    ]

    @Test("The sample ratio check equals GrowthBook's", arguments: growthBookRatios)
    func equalsGrowthBook(_ counts: [Int], _ weights: [Double], _ expected: Double) throws {
        let pValue = try SampleRatio(counts: counts, weights: weights).pValue
        #expect(abs(pValue - expected) <= 1e-9 * expected)
    }

    @Test("The interval excludes 0 exactly when the p-value is below the level")
    func intervalAndPValueAgree() throws {
        let sequence = try ConfidenceSequence()
        for step in 0..<200 {
            let difference = Double(step) / 1_000
            let interval = try sequence.interval(difference: difference, variance: 0.0004, count: 3_000)
            let pValue = try sequence.pValue(difference: difference, variance: 0.0004, count: 3_000)
            #expect(interval.contains(0) == (pValue >= 0.05))
        }
    }

    @Test("Without variance the p-value is 1 for no difference and 0 for one")
    func noVariance() throws {
        let sequence = try ConfidenceSequence()
        #expect(try sequence.pValue(difference: 0, variance: 0, count: 10) == 1)
        #expect(try sequence.pValue(difference: 0.1, variance: 0, count: 10) == 0)
        #expect(throws: StatisticsError.self) { try sequence.pValue(difference: .nan, variance: 1, count: 10) }
        #expect(throws: StatisticsError.self) { try sequence.pValue(difference: 0, variance: 1, count: 0) }
        #expect(throws: StatisticsError.self) { try ConfidenceSequence(alpha: 0) }
    }

    @Test("The mSPRT p-value never rises again")
    func monotone() throws {
        var test = try MixtureSequentialTest(mixingVariance: 0.01)
        try test.look(count: 1_000, difference: 0.2, variance: 0.25)
        let small = test.pValue
        #expect(small < 0.001)
        try test.look(count: 2_000, difference: 0, variance: 0.25)
        #expect(test.pValue == small)
    }

    @Test("A bettor grows rich against a wrong mean, and a value outside [0, 1] is refused")
    func betting() throws {
        var test = try BettingTest(mean: 0.5)
        for _ in 0..<60 { try test.add(0.9) }
        #expect(test.rejects && test.pValue < 0.05)
        #expect(throws: StatisticsError.outOfRange(parameter: "value", value: 1.5)) { try test.add(1.5) }
        #expect(throws: StatisticsError.self) { try test.add(.nan) }
        #expect(test.count == 60)
    }

    @Test("Broken assignment is found, and arms without weight are refused")
    func sampleRatio() throws {
        #expect(try SampleRatio(counts: [5_300, 4_700], weights: [1, 1]).logEvidence() > 6.9)
        #expect(try SampleRatio(counts: [5_020, 4_980], weights: [1, 1]).logEvidence() < 0)
        #expect(throws: StatisticsError.self) { try SampleRatio(counts: [1, 2], weights: [1, 0]) }
        #expect(throws: StatisticsError.self) { try SampleRatio(counts: [-1, 2], weights: [1, 1]) }
        #expect(throws: StatisticsError.self) { try SampleRatio(counts: [1], weights: [1]) }
    }
}
