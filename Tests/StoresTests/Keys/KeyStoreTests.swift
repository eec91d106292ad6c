import Gateway
import Testing

@testable import Stores

/// What every store of keys must do; run on each engine.
@Suite("Keeping keys")
struct KeyStoreTests {
    typealias Kind = DatabasePlace.Kind

    static func key(_ id: String, created: Int) -> KeyRecord {
        KeyRecord(
            id: id, hash: String(repeating: "a", count: 64), team: "payments é", service: "chat", useCase: "support",
            models: ["gpt-*", "small"],
            budgets: [
                KeyBudget(window: .day, limitNanoUSD: 10_000_000_000), KeyBudget(window: .total, limitNanoUSD: .max),
            ], requestsPerMinute: 60, tokensPerMinute: 100_000, delegates: [.team, .useCase], created: created,
            expires: 99, note: "for \"tests\"")
    }

    @Test("Keys come back as they were put in, oldest first", arguments: Kind.allCases)
    func roundTrip(kind: Kind) throws {
        let place = try DatabasePlace(kind), store = SQLKeyStore(place.database)
        let bare = KeyRecord(id: "bare00000000", hash: "", created: 1)
        for key in [Self.key("b00000000000", created: 2), bare, Self.key("a00000000000", created: 2)] {
            try store.insert(key)
        }
        #expect(
            try store.keys() == [bare, Self.key("a00000000000", created: 2), Self.key("b00000000000", created: 2)])
    }

    @Test("An id can be taken once only", arguments: Kind.allCases)
    func taken(kind: Kind) throws {
        let place = try DatabasePlace(kind), store = SQLKeyStore(place.database)
        try store.insert(Self.key("a00000000000", created: 1))
        let revision = try store.revision()
        #expect(throws: StoreFailure.self) { try store.insert(Self.key("a00000000000", created: 2)) }
        #expect(try store.revision() == revision)
        #expect(try store.keys().map(\.created) == [1])
    }

    @Test("A key is revoked once, and the revision grows with every change and no other", arguments: Kind.allCases)
    func revoked(kind: Kind) throws {
        let place = try DatabasePlace(kind), store = SQLKeyStore(place.database)
        #expect(try store.revision() == 0)
        try store.insert(Self.key("a00000000000", created: 1))
        #expect(try store.revision() == 1)
        #expect(try store.revoke(id: "a00000000000", at: 5))
        #expect(try store.revision() == 2)
        #expect(try !store.revoke(id: "a00000000000", at: 6))
        #expect(try !store.revoke(id: "nobody", at: 6))
        #expect(try !store.revoke(id: "no\u{0}body", at: 6))
        #expect(try store.revision() == 2)
        #expect(try store.keys().map(\.revoked) == [5])
    }

    @Test("A key whose limits cannot be read is an error, not a key without limits", arguments: Kind.allCases)
    func unreadable(kind: Kind) throws {
        let place = try DatabasePlace(kind), store = SQLKeyStore(place.database)
        try store.insert(Self.key("a00000000000", created: 1))
        for settings in [
            "{\"budgets\": [{\"window\": \"week\", \"limit_nano_usd\": 1}]}", "{\"quota\": 1}", "{\"models\": [1]}",
            "{\"delegates\": [\"everybody\"]}", "{\"requests_per_minute\": \"many\"}",
        ] {
            try place.database.write { _ = try $0.execute("UPDATE keys SET settings = ?", [.text(settings)]) }
            #expect(throws: StoreFailure.self, "\(settings)") { try store.keys() }
        }
    }
}
