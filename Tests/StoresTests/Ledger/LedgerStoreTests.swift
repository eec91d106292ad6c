import Domain
import Gateway
import Testing

@testable import Stores

/// What every store of the ledger must do; run on each engine.
@Suite("Keeping the ledger")
struct LedgerStoreTests {
    typealias Kind = DatabasePlace.Kind

    static func entry(
        _ number: Int, attempt: Int = 1, cost: Int? = 1_000_000_007, basis: CallRecord.Basis = .exact
    ) -> CallRecord {
        let call = String(number, radix: 16)
        return CallRecord(
            call: String(repeating: "0", count: 32 - call.count) + call, attempt: attempt,
            trace: "trace\(number)", span: "span\(number)", parentSpan: number.isMultiple(of: 2) ? "parent" : nil,
            attribution: Attribution(
                key: "key\(number % 3)", team: number % 3 == 0 ? nil : "team\(number % 2)", service: "chat",
                useCase: "help", user: "né \"x\"", session: "s", release: "sha256:1"),
            operation: "chat", model: "small", target: "t/1", provider: "openai", upstreamModel: "gpt-x",
            responseModel: "gpt-x-1", start: 1_795_000_000_000_000_000 + number * 60_000_000_000, duration: 5,
            timeToFirstToken: 3, status: 200, failure: number % 5 == 0 ? "upstream_timeout" : nil,
            finishReason: "stop", isStream: true, isCacheHit: false,
            usage: TokenUsage(input: 100 + number, output: 7, cachedInput: 3, cacheWrite: 2, reasoning: 1),
            basis: basis, costNanoUSD: cost, reservedNanoUSD: 2_000_000_000, priceVersion: "2026-11-01",
            serviceTier: "default", rawUsage: "{\"prompt_tokens\":1}")
    }

    static func batch(_ entries: [CallRecord], at offset: Int, segment: Int = 1) -> LedgerBatch {
        LedgerBatch(
            entries: entries, increments: Balance.increments(of: entries),
            position: JournalPosition(ledger: "l", segment: segment, offset: offset))
    }

    @Test("Entries come back as they were put in, in order of call and attempt", arguments: Kind.allCases)
    func roundTrip(kind: Kind) throws {
        let place = try DatabasePlace(kind), store = SQLLedgerStore(place.database)
        var bare = CallRecord(
            call: "bare", attempt: 1, trace: "", span: "", attribution: Attribution(key: ""), operation: "", model: "",
            target: "", provider: "", upstreamModel: "", start: 0)
        bare.basis = .unpriced
        let entries = [Self.entry(9), Self.entry(2, attempt: 2, cost: nil, basis: .unpriced), Self.entry(2), bare]
        try store.apply(Self.batch(entries, at: 10))
        let ordered = [entries[2], entries[1], entries[0], bare]
        #expect(try store.entries(after: nil, limit: 10) == ordered)
        #expect(try store.entries(after: (ordered[0].call, 1), limit: 2) == Array(ordered[1...2]))
        #expect(try store.entries(of: ordered[0].call) == Array(ordered[0...1]))
        #expect(try store.latest(limit: 2) == [bare, entries[2]])
        #expect(try store.totals() == (4, 2_000_000_014))
        #expect(try store.differences(limit: 10) == [])
    }

    @Test("A batch that is applied again changes nothing, and the position never goes back", arguments: Kind.allCases)
    func again(kind: Kind) throws {
        let place = try DatabasePlace(kind), store = SQLLedgerStore(place.database)
        #expect(try store.position() == nil)
        let first = Self.batch((0..<20).map { Self.entry($0) }, at: 10)
        let second = Self.batch((20..<30).map { Self.entry($0) }, at: 20, segment: 2)
        for batch in [first, second, first, second] { try store.apply(batch) }
        #expect(try store.position() == second.position)
        #expect(try store.totals().entries == 30)
        #expect(try store.differences(limit: 10) == [])
        // Some there already, and one twice in the batch itself.
        try store.apply(Self.batch([Self.entry(3), Self.entry(40), Self.entry(40), Self.entry(4)], at: 30, segment: 2))
        #expect(try store.totals().entries == 31)
        #expect(try store.differences(limit: 10) == [])
        #expect(try store.balances(at: Self.entry(40).start).contains { $0.window == .total && $0.calls == 31 })
    }

    @Test("Balances are those of windows that have not ended, and all of total", arguments: Kind.allCases)
    func balances(kind: Kind) throws {
        let place = try DatabasePlace(kind), store = SQLLedgerStore(place.database)
        // 90 minutes of entries, one a minute.
        let entries = (0..<90).map { Self.entry($0) }
        try store.apply(Self.batch(Array(entries[..<45]), at: 10))
        try store.apply(Self.batch(Array(entries[45...]), at: 20))
        let now = try #require(entries.last).start
        let wanted = Balance.increments(of: entries).filter { $0.start >= $0.window.start(at: now) }
        #expect(Set(try store.balances(at: now)) == Set(wanted))
        #expect(wanted.contains { $0.scope.kind == .useCase && $0.window == .hour })
    }

    @Test("What nobody could keep in a text does not stop a batch", arguments: Kind.allCases)
    func foreign(kind: Kind) throws {
        let place = try DatabasePlace(kind), store = SQLLedgerStore(place.database)
        var entry = Self.entry(1)
        entry.attribution.user = "a\u{0}b"
        entry.attribution.team = "t\u{0}"
        entry.responseModel = "\u{0}"
        try store.apply(Self.batch([entry], at: 1))
        #expect(try store.entries(after: nil, limit: 1).first?.attribution.user == "a\u{FFFD}b")
        #expect(try store.differences(limit: 10) == [])
    }

    @Test("An unreconciled entry is replaced once with its span and balances", arguments: Kind.allCases)
    func reconcile(kind: Kind) throws {
        let place = try DatabasePlace(kind), store = SQLLedgerStore(place.database)
        let entry = Self.entry(1, cost: 2_000_000_000, basis: .unreconciled)
        try store.apply(Self.batch([entry, Self.entry(2)], at: 1))
        #expect(try store.latest(limit: 9, onlyUnreconciled: true) == [entry])
        var settled = entry
        settled.basis = .estimated
        settled.costNanoUSD = 500
        let increments = Balance.increments(of: [settled]) + Balance.increments(of: [entry]).map(\.negated)
        try store.reconcile(settled, increments: increments)
        #expect(try store.entries(of: entry.call) == [settled])
        #expect(try store.latest(limit: 9, onlyUnreconciled: true) == [])
        #expect(try store.totals() == (2, 1_000_000_507))
        #expect(try store.differences(limit: 10) == [])
        #expect(throws: StoreFailure.self) { try store.reconcile(settled, increments: increments) }
        #expect(try store.differences(limit: 10) == [])
    }

    @Test("Each difference between entries, spans and balances is said in a sentence", arguments: Kind.allCases)
    func differences(kind: Kind) throws {
        for (change, words) in [
            (
                "UPDATE balances SET spent_nano_usd = spent_nano_usd + 1 WHERE scope_kind = 'team' AND window_kind = 'total'",
                "the balance of the team `team1` in total is 1000000008 nano-dollars"
            ),
            (
                "DELETE FROM balances WHERE scope_kind = 'global' AND window_kind = 'month'",
                "the balance of everybody per month from 2026-11-01T00:00:00Z is 0 nano-dollars"
            ),
            ("DELETE FROM call_spans", "attempt 1, has no span"),
            ("DELETE FROM ledger_entries", "the span `span1` of the trace `trace1` has no entry"),
            (
                "UPDATE ledger_entries SET cost_nano_usd = NULL",
                "has nothing as pawang.cost_nano_usd, but its span 1000000007"
            ),
            ("UPDATE call_spans SET trace = 'other'", "names another span"),
            ("UPDATE call_spans SET attributes = '{'", "whose attributes cannot be read"),
            (
                "INSERT INTO balances VALUES ('key', 'ghost', 'day', 0, 1, 0, 0, 0)",
                "the balance of the key `ghost` per day from 1970-01-01T00:00:00Z is 1 nano-dollars"
            ),
        ] {
            let place = try DatabasePlace(kind), store = SQLLedgerStore(place.database)
            try store.apply(Self.batch([Self.entry(1)], at: 1))
            #expect(try store.differences(limit: 50) == [])
            try place.database.write { _ = try $0.execute(change) }
            let sentences = try store.differences(limit: 50)
            #expect(sentences.contains { $0.contains(words) }, "\(change): \(sentences)")
            #expect(try store.differences(limit: 1).count == 1)
        }
    }

    @Test("A span says in OpenTelemetry's words what its entry says")
    func attributes() throws {
        var writer = JSONWriter()
        let span = try JSONValue(parsing: LedgerSpans.attributes(Self.entry(5), writer: &writer))
        #expect(span[Vocabulary.operation] == "chat")
        #expect(span[Vocabulary.provider] == "openai")
        #expect(span[Vocabulary.requestModel] == "gpt-x")
        #expect(span[Vocabulary.responseModel] == "gpt-x-1")
        #expect(span[Vocabulary.finishReasons] == ["stop"])
        #expect(span[Vocabulary.inputTokens] == 105)
        #expect(span[Vocabulary.outputTokens] == 7)
        #expect(span[Vocabulary.cachedTokens] == 3)
        #expect(span[Vocabulary.errorType] == "upstream_timeout")
        #expect(span[Vocabulary.cost] == 1_000_000_007)
        #expect(span[Vocabulary.attempts] == 1)
    }

    @Test("Two ledgers that write at the same time lose nothing", arguments: Kind.allCases)
    func concurrent(kind: Kind) async throws {
        let place = try DatabasePlace(kind)
        let databases = [place.database] + (try place.reopen.map { [try $0()] } ?? [])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (writer, database) in databases.enumerated() {
                group.addTask {
                    let store = SQLLedgerStore(database)
                    for number in 0..<10 {
                        let entries = (0..<30).map { Self.entry(1000 * writer + 30 * number + $0) }
                        try store.apply(Self.batch(entries, at: number, segment: writer))
                    }
                }
            }
            try await group.waitForAll()
        }
        let store = SQLLedgerStore(place.database)
        #expect(try store.totals().entries == 300 * databases.count)
        #expect(try store.differences(limit: 10) == [])
    }
}
