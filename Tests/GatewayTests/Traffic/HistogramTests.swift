import Testing

@testable import Gateway

@Suite("Histograms")
struct HistogramTests {
    @Test("A value that is a boundary belongs to its bucket, one more to the next")
    func boundaries() {
        var histogram = Histogram(boundaries: [10, 20])
        for value in [0, 10, 11, 20, 21, 1000] { histogram.add(value) }
        #expect(histogram.counts == [2, 2, 2])
        #expect(histogram.sum == 1062)
        #expect(histogram.count == 6)
    }

    @Test("The fine boundaries hold every one that OpenTelemetry recommends")
    func fineBoundaries() {
        let fine = HistogramBoundaries.fineDuration
        #expect(fine == fine.sorted())
        #expect(Set(fine).isSuperset(of: HistogramBoundaries.duration))
        #expect(HistogramBoundaries.duration.first == 10_000_000)
        #expect(HistogramBoundaries.duration.last == 81_920_000_000)
        #expect(HistogramBoundaries.tokens.last == 67_108_864)
    }

    @Test("Coarser boundaries give the same counts as counting with them")
    func coarser() {
        var random = SeededRandom(1)
        var fine = Histogram(boundaries: HistogramBoundaries.fineDuration)
        var coarse = Histogram(boundaries: HistogramBoundaries.duration)
        for _ in 0..<2000 {
            let value = Int.random(in: 0..<120_000_000_000, using: &random)
            fine.add(value)
            coarse.add(value)
        }
        #expect(
            fine.cumulative(at: HistogramBoundaries.duration) == coarse.cumulative(at: HistogramBoundaries.duration))
    }

    @Test("A percentile is off by no more than its bucket is wide")
    func quantiles() throws {
        var histogram = Histogram(boundaries: HistogramBoundaries.fineDuration)
        for millisecond in 1...1000 { histogram.add(millisecond * 1_000_000) }
        let median = try #require(histogram.quantile(0.5)) / 1e6
        let high = try #require(histogram.quantile(0.95)) / 1e6
        #expect(abs(median - 500) < 60)
        #expect(abs(high - 950) < 110)
        #expect(Histogram(boundaries: [1]).quantile(0.5) == nil)
        histogram = Histogram(boundaries: [10])
        histogram.add(1000)
        #expect(histogram.quantile(0.5) == 10)
    }

    @Test("What was counted since is the difference, or everything if the counts began anew")
    func since() {
        var earlier = Histogram(boundaries: [10])
        earlier.add(5)
        var later = earlier
        later.add(50)
        #expect(later.since(earlier).counts == [0, 1])
        #expect(later.since(earlier).sum == 50)
        #expect(earlier.since(later) == earlier)
        #expect(later.since(nil) == later)
    }
}
