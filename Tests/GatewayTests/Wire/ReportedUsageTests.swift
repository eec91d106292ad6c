import Domain
import Foundation
import Testing

@testable import Gateway

/// A usage object as a provider reported it, with what it must come to.
struct UsagePayload: Sendable {
    var place: String
    var row: JSONValue

    /// All rows of `Data/usage`.
    static func all() throws -> [UsagePayload] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Data/usage")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        return try names.flatMap { name in
            let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
            return try text.split(separator: "\n").enumerated().map { line, text in
                UsagePayload(place: "\(name):\(line + 1)", row: try JSONValue(parsing: String(text)))
            }
        }
    }

    var dialect: Dialect { row["dialect"]?.string == "anthropic" ? .anthropic : .openAI }

    /// The tokens it must be read as.
    var tokens: TokenUsage {
        func count(_ name: String) -> Int { row["tokens"]?[name]?.int ?? 0 }
        return TokenUsage(
            input: count("input"), output: count("output"), cachedInput: count("cachedInput"),
            cacheWrite: count("cacheWrite"), reasoning: count("reasoning"), cacheWriteLong: count("cacheWriteLong"),
            audioInput: count("audioInput"), cachedAudio: count("cachedAudio"), imageInput: count("imageInput"),
            audioOutput: count("audioOutput"), searches: count("searches"))
    }
}

@Suite("Usage as providers report it")
struct ReportedUsageTests {
    @Test("More than a hundred payloads are read as the tokens they mean")
    func payloads() throws {
        let payloads = try UsagePayload.all()
        #expect(payloads.count > 130)
        for payload in payloads {
            let usage = try #require(payload.row["usage"])
            let read = ReportedUsage.read(usage, payload.dialect)
            #expect(read?.tokens == payload.tokens, "\(payload.place)")
            #expect(read?.raw == usage.text(), "\(payload.place)")
        }
    }

    @Test(
        "What is no usage is none, and a count of zero is one",
        arguments: [
            ("null", false), ("{}", false), ("[]", false), (#"{"cost":1}"#, false),
            (#"{"prompt_tokens":-1,"completion_tokens":2}"#, false),
            (#"{"prompt_tokens":9223372036854775807,"completion_tokens":9223372036854775807,"total_tokens":1}"#, false),
            (#"{"prompt_tokens":1.5}"#, false), (#"{"prompt_tokens":0}"#, true), (#"{"completion_tokens":0}"#, true),
            (#"{"promptTokenCount":0}"#, true), (#"{"promptTokenCount":-5}"#, false),
        ])
    func presence(text: String, isUsage: Bool) throws {
        #expect((ReportedUsage.read(try JSONValue(parsing: text), .openAI) != nil) == isUsage)
    }

    @Test("Counts of Anthropic's that cannot be are no usage")
    func wrongAnthropic() throws {
        for text in [
            "{}", #"{"input_tokens":-1,"output_tokens":2}"#, #"{"input_tokens":1,"cache_read_input_tokens":-2}"#,
            #"{"input_tokens":9223372036854775807,"cache_creation_input_tokens":9223372036854775807}"#,
        ] {
            #expect(ReportedUsage.read(try JSONValue(parsing: text), .anthropic) == nil, "\(text)")
        }
    }

    @Test("Usage of many calls adds up in every member")
    func sum() {
        let one = TokenUsage(
            input: 1, output: 2, cachedInput: 3, cacheWrite: 4, reasoning: 5, cacheWriteLong: 6, audioInput: 7,
            cachedAudio: 8, imageInput: 9, audioOutput: 10, searches: 11)
        let two = TokenUsage(
            input: 2, output: 4, cachedInput: 6, cacheWrite: 8, reasoning: 10, cacheWriteLong: 12, audioInput: 14,
            cachedAudio: 16, imageInput: 18, audioOutput: 20, searches: 22)
        #expect(one + one == two)
    }
}
