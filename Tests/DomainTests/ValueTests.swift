import Foundation
import Testing

@testable import Domain

@Suite("Digests")
struct DigestTests {
    @Test(
        "SHA-256 has the values that its standard prints",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                String(repeating: "a", count: 1_000_000),
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            ),
        ])
    func vectors(text: String, expected: String) {
        #expect(Digest(of: text).description == "sha256:" + expected)
        #expect(Digest(of: text).short == String(expected.prefix(12)))
    }

    @Test("The order of keys does not count at any depth, the order of elements does")
    func order() {
        let value: JSONValue = ["a": ["x": 1, "y": [1, 2]], "b": nil]
        #expect(Digest(of: value) == Digest(of: ["b": nil, "a": ["y": [1, 2], "x": 1]]))
        #expect(Digest(of: value) != Digest(of: ["b": nil, "a": ["y": [2, 1], "x": 1]]))
        #expect(Digest(of: ["a": 1] as JSONValue) != Digest(of: ["a": 1.0] as JSONValue))
    }

    @Test("Bytes in pieces have the digest of the whole")
    func pieces() {
        var stream = DigestStream()
        for piece in ["a", "", "bc"] { stream.update(Array(piece.utf8)) }
        #expect(stream.finish() == Digest(of: "abc"))
    }
}

@Suite("Identifiers")
struct IdentifierTests {
    private struct ConstantGenerator: RandomNumberGenerator {
        let value: UInt64
        func next() -> UInt64 { value }
    }

    @Test(
        "An identifier has 26 of Crockford's digits, whatever chance gives",
        arguments: [0, .max, 0x5555_5555_5555_5555])
    func form(random: UInt64) {
        var generator = ConstantGenerator(value: random)
        let id = Identifier.make(milliseconds: 1_795_378_449_000, using: &generator)
        #expect(id.utf8.count == 26)
        #expect(id.allSatisfy { "0123456789abcdefghjkmnpqrstvwxyz".contains($0) })
    }

    @Test("Identifiers sort by the millisecond they were made in, and differ within it")
    func sorted() {
        let ids = (0..<1000).map { Identifier.make(at: Date(timeIntervalSince1970: 1_700_000_000 + Double($0))) }
        #expect(ids == ids.sorted())
        let date = Date()
        #expect(Set((0..<1000).map { _ in Identifier.make(at: date) }).count == 1000)
    }

    @Test(
        "A clock that is off does not stop us",
        arguments: [-1e300, -1, 0, 281_474_976_710.655, 1e300, .infinity, -.infinity, .nan])
    func clocks(seconds: Double) {
        #expect(Identifier.make(at: Date(timeIntervalSince1970: seconds)).count == 26)
    }
}

@Suite("Secrets")
struct SecretTests {
    @Test("A secret shows itself to nobody but who asks for it")
    func neverPrinted() {
        let secret = Secret("hush-4711")
        struct Holder { let key: Secret }
        var dumped = ""
        dump(Holder(key: secret), to: &dumped)
        let connection = Connection(name: "c", type: .openAI, secrets: ["api_key": secret])
        for text in [
            "\(secret)", String(describing: secret), String(reflecting: secret), "\(Holder(key: secret))",
            "\([secret])", "\(connection)", String(reflecting: connection), dumped,
        ] {
            #expect(!text.contains("hush"))
        }
        #expect(secret.reveal() == "hush-4711")
        #expect(secret == Secret("hush-4711"))
    }
}

@Suite("Usage and cost")
struct CostTests {
    @Test("A sum of costs is unknown as soon as one part is, and nothing costs nothing")
    func sums() {
        #expect(Cost.none + .known(nanoUSD: 5) == .known(nanoUSD: 5))
        #expect(Cost.known(nanoUSD: 5) + .unknown == .unknown)
        #expect(Cost.unknown + .known(nanoUSD: 5) == .unknown)
        #expect(Cost.unknown.nanoUSD == nil)
        #expect(Cost.none.nanoUSD == 0)
    }

    @Test("Usage adds up field by field")
    func usage() {
        let sum =
            TokenUsage(input: 1, output: 2, cachedInput: 3, cacheWrite: 4, reasoning: 5)
            + TokenUsage(input: 10, output: 20, cachedInput: 30, cacheWrite: 40, reasoning: 50)
        #expect(sum == TokenUsage(input: 11, output: 22, cachedInput: 33, cacheWrite: 44, reasoning: 55))
    }

    @Test("Totals count every line once, and keep the gravest blame")
    func totals() {
        var totals = LineTotals()
        func line(_ status: RunStatus, _ blame: Blame?, cost: Cost = .known(nanoUSD: 7)) -> LineRecord {
            LineRecord(
                lineNumber: 0, status: status, inputs: [:],
                error: blame.map { LineError(code: "E", message: "", blame: $0) },
                usage: TokenUsage(input: 1, output: 2), cost: cost)
        }
        totals.add(line(.completed, nil))
        totals.add(line(.failed, .environment))
        totals.add(line(.failed, .request))
        totals.add(line(.canceled, nil))
        #expect((totals.completed, totals.failed, totals.canceled, totals.lines) == (1, 2, 1, 4))
        #expect(totals.blame == .environment)
        #expect(totals.cost == .known(nanoUSD: 28))
        totals.add(line(.completed, nil, cost: .unknown))
        #expect(totals.cost == .unknown)
        #expect(totals.usage == TokenUsage(input: 5, output: 10))
    }
}
