import Domain
import Testing

@testable import Gateway

@Suite("Records of the journal")
struct JournalRecordTests {
    @Test("The checksum is the Castagnoli one of RFC 3720")
    func checksum() {
        #expect(Array("123456789".utf8).withUnsafeBytes(CRC32C.checksum) == 0xE306_9283)
        #expect([UInt8](repeating: 0, count: 32).withUnsafeBytes(CRC32C.checksum) == 0x8A91_36AA)
        #expect([UInt8](repeating: 0xFF, count: 32).withUnsafeBytes(CRC32C.checksum) == 0x62A8_AB43)
        #expect((0..<32).map { UInt8($0) }.withUnsafeBytes(CRC32C.checksum) == 0x46DD_794E)
    }

    @Test("Every record is read as it was written")
    func roundTrip() throws {
        var generator = LedgerRandom(seed: 3)
        for _ in 0..<2000 {
            let record = Self.random(&generator)
            var writer = RecordWriter()
            record.write(to: &writer)
            #expect(try writer.bytes.withUnsafeBytes(JournalRecord.init) == record)
        }
    }

    @Test("A record that is cut off anywhere is malformed, not something else")
    func cutAnywhere() {
        var generator = LedgerRandom(seed: 4)
        let record = JournalRecord.entry(serial: 1, Self.entry(&generator))
        var writer = RecordWriter()
        record.write(to: &writer)
        for count in 0..<writer.bytes.count {
            #expect(throws: RecordReader.Malformed.self) {
                try Array(writer.bytes.prefix(count)).withUnsafeBytes(JournalRecord.init)
            }
        }
    }

    @Test("Long texts are cut at a character, NUL becomes a blank, and raw usage that is too long is left out")
    func textsAreBounded() throws {
        var record = LedgerFixture.record("c", cost: 1)
        record.responseModel = String(repeating: "é", count: 5000)
        record.finishReason = "a\0b"
        record.rawUsage = String(repeating: "x", count: JournalRecord.rawUsageLimit + 1)
        var writer = RecordWriter()
        JournalRecord.entry(serial: 1, record).write(to: &writer)
        guard case .entry(1, let read) = try writer.bytes.withUnsafeBytes(JournalRecord.init) else {
            Issue.record("the record is no entry")
            return
        }
        #expect(read.responseModel == String(repeating: "é", count: 2048))
        #expect(read.finishReason == "a b")
        #expect(read.rawUsage == nil)
        #expect(read.costNanoUSD == 1)
    }

    // MARK: Random records

    private static func random(_ generator: inout LedgerRandom) -> JournalRecord {
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: .entry(serial: int(&generator), entry(&generator))
        case 1:
            .dispatch(
                ReservedCall(
                    serial: int(&generator), call: text(&generator), attempt: int(&generator), time: int(&generator),
                    attribution: attribution(&generator), model: text(&generator),
                    amountNanoUSD: optional(int, &generator), inputTokens: int(&generator),
                    outputTokens: int(&generator)),
                DispatchFacts(
                    operation: text(&generator), target: text(&generator), provider: text(&generator),
                    upstreamModel: text(&generator), trace: text(&generator), span: text(&generator),
                    parentSpan: optional(text, &generator), isStream: .random(using: &generator),
                    priceVersion: text(&generator)))
        case 2: .void(serial: int(&generator))
        default: .enlargement(serial: int(&generator), amountNanoUSD: int(&generator), outputTokens: int(&generator))
        }
    }

    private static func entry(_ generator: inout LedgerRandom) -> CallRecord {
        let bases: [CallRecord.Basis] = [.exact, .estimated, .unreconciled, .unpriced]
        return CallRecord(
            call: text(&generator), attempt: int(&generator), trace: text(&generator), span: text(&generator),
            parentSpan: optional(text, &generator), attribution: attribution(&generator), operation: text(&generator),
            model: text(&generator), target: text(&generator), provider: text(&generator),
            upstreamModel: text(&generator), responseModel: optional(text, &generator), start: int(&generator),
            duration: int(&generator), timeToFirstToken: optional(int, &generator), status: int(&generator),
            failure: optional(text, &generator), finishReason: optional(text, &generator),
            isStream: .random(using: &generator), isCacheHit: .random(using: &generator),
            usage: TokenUsage(
                input: int(&generator), output: int(&generator), cachedInput: int(&generator),
                cacheWrite: int(&generator), reasoning: int(&generator), cacheWriteLong: int(&generator),
                audioInput: int(&generator), cachedAudio: int(&generator), imageInput: int(&generator),
                audioOutput: int(&generator), searches: int(&generator)),
            basis: bases.randomElement(using: &generator) ?? .exact, costNanoUSD: optional(int, &generator),
            reservedNanoUSD: int(&generator), priceVersion: text(&generator), serviceTier: optional(text, &generator),
            rawUsage: optional(text, &generator))
    }

    private static func attribution(_ generator: inout LedgerRandom) -> Attribution {
        Attribution(
            key: text(&generator), team: optional(text, &generator), service: optional(text, &generator),
            useCase: optional(text, &generator), user: optional(text, &generator), session: optional(text, &generator),
            release: optional(text, &generator))
    }

    private static func int(_ generator: inout LedgerRandom) -> Int {
        let number = Int(truncatingIfNeeded: generator.next())
        return number >> Int.random(in: 0..<64, using: &generator)
    }

    private static func text(_ generator: inout LedgerRandom) -> String {
        let characters = Array("abc019-_/.{}\"é漢🐯 ")
        let count = Int.random(in: 0..<20, using: &generator)
        return String((0..<count).compactMap { _ in characters.randomElement(using: &generator) })
    }

    private static func optional<Value>(
        _ make: (inout LedgerRandom) -> Value, _ generator: inout LedgerRandom
    ) -> Value? {
        Bool.random(using: &generator) ? make(&generator) : nil
    }
}
