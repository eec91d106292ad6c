import Testing

@testable import Gateway

@Suite("The exact cache")
struct AnswerCacheTests {
    static func key(_ text: String) throws -> AnswerKey {
        try #require(AnswerKeyTests.key(#"{"prompt":"\#(text)"}"#))
    }

    static func answer(_ text: String, status: Int = 200, isStream: Bool = false) -> StoredAnswer {
        StoredAnswer(
            status: status, headers: [("content-type", "application/json")], chunks: [Array(text.utf8)],
            isStream: isStream)
    }

    @Test("An answer is given until its time is over")
    func expiry() throws {
        let cache = AnswerCache()
        let key = try Self.key("a")
        cache.store(Self.answer("one"), for: key, until: 100)
        #expect(cache.answer(for: key, at: 99)?.chunks == [Array("one".utf8)])
        #expect(cache.answer(for: key, at: 100) == nil)
        #expect(cache.statistics.entries == 0)
        #expect(cache.statistics.bytes == 0)
        #expect(cache.statistics.hits == 1)
        #expect(cache.statistics.misses == 1)
    }

    @Test("Only answers with status 200 are kept", arguments: [201, 400, 429, 500])
    func onlySuccess(status: Int) throws {
        let cache = AnswerCache()
        cache.store(Self.answer("x", status: status), for: try Self.key("a"), until: 100)
        #expect(cache.statistics.entries == 0)
    }

    @Test("The answer that was longest not asked for makes room")
    func leastRecentlyUsed() throws {
        let body = String(repeating: "x", count: 1000)
        // Room for eight: one answer may take an eighth.
        let size = Self.answer(body).byteCount + 128
        let cache = AnswerCache(byteLimit: size * 8)
        for name in 0..<8 { cache.store(Self.answer(body), for: try Self.key("\(name)"), until: 100) }
        #expect(cache.answer(for: try Self.key("0"), at: 1) != nil)
        cache.store(Self.answer(body), for: try Self.key("8"), until: 100)
        #expect(cache.answer(for: try Self.key("0"), at: 1) != nil)
        #expect(cache.answer(for: try Self.key("1"), at: 1) == nil)
        #expect(cache.statistics.evictions == 1)
        #expect(cache.statistics.bytes == size * 8)
    }

    @Test("What takes more than an eighth of the cache is not kept")
    func tooLarge() throws {
        let cache = AnswerCache(byteLimit: 8000)
        cache.store(Self.answer(String(repeating: "x", count: 1001)), for: try Self.key("a"), until: 100)
        #expect(cache.statistics.entries == 0)
    }

    @Test("A new answer takes the place of the former one, and no more room")
    func replaced() throws {
        let cache = AnswerCache()
        let key = try Self.key("a")
        cache.store(Self.answer("one"), for: key, until: 100)
        let bytes = cache.statistics.bytes
        cache.store(Self.answer("two"), for: key, until: 200)
        #expect(cache.statistics.bytes == bytes)
        #expect(cache.answer(for: key, at: 150)?.chunks == [Array("two".utf8)])
    }

    @Test("Whatever is stored, removed and asked for, its bytes are those of its entries")
    func accounting() throws {
        var random = SeededRandom(7)
        let cache = AnswerCache(byteLimit: 40_000)
        for step in 0..<5000 {
            let key = try Self.key("\(Int.random(in: 0..<60, using: &random))")
            switch Int.random(in: 0..<3, using: &random) {
            case 0: _ = cache.answer(for: key, at: step)
            default:
                let text = String(repeating: "x", count: Int.random(in: 0..<6000, using: &random))
                cache.store(Self.answer(text), for: key, until: step + Int.random(in: 0..<200, using: &random))
            }
            #expect(cache.statistics.bytes <= 40_000)
            #expect((cache.statistics.bytes == 0) == (cache.statistics.entries == 0))
        }
        cache.removeAll()
        #expect(cache.statistics.bytes == 0)
        #expect(cache.answer(for: try Self.key("1"), at: 0) == nil)
    }

    @Test("An answer that grows beyond the bound is not collected")
    func collecting() {
        var collector = AnswerCollector(byteLimit: 1000)
        collector.append(Array(repeating: 1, count: 400))
        collector.append([])
        collector.append(Array(repeating: 2, count: 400))
        #expect(collector.answer(status: 200, headers: [], isStream: true)?.chunks.count == 2)
        collector.append(Array(repeating: 3, count: 400))
        #expect(collector.hasOverflowed)
        #expect(collector.answer(status: 200, headers: [], isStream: true) == nil)
    }
}

/// Random numbers that are the same in every run: splitmix64.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
