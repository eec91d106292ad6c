import Domain
import Testing

@testable import Gateway

@Suite("Keys")
struct KeyTableTests {
    /// The same numbers each time.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 33)
        }
    }

    private static let blank = KeyRecord(id: "", hash: "", team: "payments", created: 1)

    private func verify(_ key: String, in table: KeyTable, at time: Int = 100) -> Result<KeyRecord, GatewayFailure> {
        table.verify(Array(key.utf8), at: time)
    }

    @Test("A key is its id and 200 random bits, and the record holds only the hash of all of it")
    func mint() {
        let (key, record) = KeyMint.make(Self.blank)
        let text = key.reveal()
        #expect(text.utf8.count == 57)
        #expect(text.hasPrefix("pwg_\(record.id)_"))
        #expect(record.id.utf8.count == 12)
        #expect("sha256:\(record.hash)" == Digest(of: text).description)
        #expect(record.team == "payments")
        #expect("\(key)" == "•••")
        #expect(!"\(record)".contains(text.suffix(40)))
        #expect(text.dropFirst(4).allSatisfy { $0 == "_" || "0123456789abcdefghjkmnpqrstvwxyz".contains($0) })
    }

    @Test("Keys are never the same, and use all digits")
    func chance() {
        var generator = Generator(state: 7)
        let keys = (0..<500).map { _ in KeyMint.make(Self.blank, using: &generator) }
        #expect(Set(keys.map(\.record.id)).count == 500)
        #expect(Set(keys.map { $0.key.reveal() }).count == 500)
        #expect(Set(keys.flatMap { $0.key.reveal().dropFirst(17) }).count == 32)
        let live = (0..<50).map { _ in KeyMint.make(Self.blank).key.reveal() }
        #expect(Set(live).count == 50)
    }

    @Test("The right key gives its record; any other byte gives the one same refusal")
    func verifies() throws {
        let made = (0..<20).map { _ in KeyMint.make(Self.blank) }
        let table = KeyTable(made.map(\.record))
        #expect(table.count == 20)
        for (key, record) in made { #expect(try verify(key.reveal(), in: table).get() == record) }
        let key = made[0].key.reveal()
        for place in 0..<key.utf8.count {
            for replacement in [UInt8(ascii: "0"), UInt8(ascii: "1"), 0, 0xFF]
            where replacement != Array(key.utf8)[place] {
                var bytes = Array(key.utf8)
                bytes[place] = replacement
                #expect(table.verify(bytes, at: 100) == .failure(KeyTable.invalid))
            }
        }
        let other = made[1].key.reveal()
        for wrong in [
            "", "pwg_", "Bearer x", key + "x", String(key.dropLast()), key.uppercased(), " " + key,
            String(key.prefix(17)) + String(other.suffix(40)), "sk-" + key, String(repeating: "pwg_", count: 100_000),
            KeyMint.make(Self.blank).key.reveal(),
        ] {
            #expect(verify(wrong, in: table) == .failure(KeyTable.invalid), "\(wrong.prefix(70))")
        }
        #expect(KeyTable.invalid.status == 401)
        #expect(KeyTable.invalid.shouldRetry == false)
    }

    @Test("Bytes that do not lie side by side are read too")
    func pieces() throws {
        let (key, record) = KeyMint.make(Self.blank)
        let table = KeyTable([record])
        #expect(try table.verify(key.reveal().utf8.lazy.map { $0 }, at: 1).get() == record)
        #expect(table.verify(repeatElement(UInt8(ascii: "p"), count: 1 << 40), at: 1) == .failure(KeyTable.invalid))
    }

    @Test("A key counts until it expires or is revoked, to the nanosecond")
    func times() throws {
        var (key, record) = KeyMint.make(Self.blank)
        record.expires = 1000
        #expect(try verify(key.reveal(), in: KeyTable([record]), at: 999).get() == record)
        guard case .failure(let expired) = verify(key.reveal(), in: KeyTable([record]), at: 1000) else {
            Issue.record("an expired key was let in")
            return
        }
        #expect(expired.kind == .invalidKey && expired.message.contains("expired"))
        record.revoked = 500
        #expect(try verify(key.reveal(), in: KeyTable([record]), at: 499).get() == record)
        guard case .failure(let revoked) = verify(key.reveal(), in: KeyTable([record]), at: 500) else {
            Issue.record("a revoked key was let in")
            return
        }
        #expect(revoked.kind == .invalidKey && revoked.message.contains("revoked"))
        // Who has not the whole key does not learn that there was one.
        let wrong = String(key.reveal().dropLast(2)) + "zz"
        if wrong != key.reveal() { #expect(verify(wrong, in: KeyTable([record])) == .failure(KeyTable.invalid)) }
    }

    @Test("A record whose id or hash was tampered with lets nobody in and is named")
    func malformed() {
        let (key, record) = KeyMint.make(Self.blank)
        for change in [
            { (record: inout KeyRecord) in record.hash = "" }, { $0.hash = String(repeating: "A", count: 64) },
            { $0.hash += "0" }, { $0.id = "short" }, { $0.id = "iiiiiiiiiiii" },
        ] {
            var changed = record
            change(&changed)
            let table = KeyTable([changed])
            #expect(table.malformed == [changed.id])
            #expect(table.count == 0)
            #expect(verify(key.reveal(), in: table) == .failure(KeyTable.invalid))
        }
    }

    @Test(
        "Models are allowed by name or by what they begin with",
        arguments: [
            ([], "anything", true), (["small"], "small", true), (["small"], "smaller", false),
            (["gpt-*"], "gpt-4o", true),
            (["gpt-*"], "gpt", false), (["*"], "anything", true), (["a*b"], "a*b", true), (["a*b"], "axb", false),
            (["x", "flow/*"], "flow/help", true), (["é"], "e\u{301}", false), (["Small"], "small", false),
        ])
    func models(allowed: [String], model: String, isAllowed: Bool) {
        var record = Self.blank
        record.models = allowed
        #expect(record.allows(model: model) == isAllowed)
    }
}
