import Testing

@testable import Gateway

@Suite("Rates of keys")
struct RateBucketTests {
    @Test("A minute's worth passes at once, then one at a time as it comes back")
    func burstThenEvenly() {
        var bucket = RateBucket(limit: 60, now: 0)
        for _ in 0..<60 {
            #expect(bucket.wait(for: 1) == 0)
            bucket.take(1)
        }
        #expect(bucket.wait(for: 1) == 1)
        #expect(bucket.wait(for: 30) == 30)
        bucket.refill(now: 999_999_000)
        #expect(bucket.wait(for: 1) == 1)
        bucket.refill(now: 1_000_000_000)
        #expect(bucket.wait(for: 1) == 0)
        #expect(bucket.wait(for: 2) == 1)
    }

    @Test("Over any hour no more passes than a minute's worth and what the hour brings, however it is asked")
    func neverMoreThanTheRate() {
        var generator = LedgerRandom(seed: 11)
        for limit in [1, 7, 60, 1000] {
            var bucket = RateBucket(limit: limit, now: 0)
            var now = 0
            var passed = 0
            while now < LedgerFixture.hour {
                now += Int.random(in: 0..<5 * LedgerFixture.second, using: &generator)
                bucket.refill(now: now)
                let count = Int.random(in: 1...3, using: &generator)
                if bucket.wait(for: count) == 0 {
                    bucket.take(count)
                    passed += count
                }
            }
            #expect(passed <= limit + limit * now / LedgerFixture.minute)
        }
    }

    @Test("Debt is paid off before anything passes")
    func debt() {
        var bucket = RateBucket(limit: 100, now: 0)
        bucket.take(300)
        #expect(bucket.wait(for: 1) == 121)
        bucket.refill(now: 2 * LedgerFixture.minute)
        #expect(bucket.wait(for: 1) == 1)
        bucket.take(-50)
        #expect(bucket.wait(for: 50) == 0)
        bucket.take(-1_000_000)
        #expect(bucket.wait(for: 101) == nil, "more than the limit is never there")
    }

    @Test("A changed limit keeps what was used")
    func changedLimit() {
        var bucket = RateBucket(limit: 10, now: 0)
        bucket.take(8)
        bucket.change(limit: 20)
        #expect(bucket.wait(for: 12) == 0)
        #expect(bucket.wait(for: 13) != 0)
        bucket.change(limit: 5)
        #expect(bucket.wait(for: 1) != 0)
        bucket.change(limit: 0)
        #expect(bucket.wait(for: 1) == nil)
    }

    @Test("Hostile numbers do not overflow")
    func extremes() {
        var bucket = RateBucket(limit: .max, now: .min)
        bucket.take(.max)
        bucket.take(.max)
        bucket.refill(now: .max)
        bucket.take(.min)
        bucket.change(limit: -5)
        #expect(bucket.wait(for: .max) == nil)
    }
}

/// Random numbers that are the same in every run (SplitMix64).
struct LedgerRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
