import Domain
import Gateway
import Testing

@Suite("Recorded translations")
struct RecordedTranslationTests {
    @Test("Requests become what is recorded, or are refused as recorded")
    func requests() throws {
        try TranslationCase.check("requests") { testCase in
            do {
                let request = try Translation.request(
                    testCase.body, from: try testCase.from, to: try #require(Dialect(rawValue: testCase.to)),
                    model: "upstream", defaultOutputLimit: 4096, isStream: testCase.line["stream"]?.bool ?? false)
                return [
                    "operation": .string(request.operation.rawValue), "out": try JSONValue(parsing: request.body),
                    "losses": .array(request.losses.map { .string($0) }),
                ]
            } catch let failure as GatewayFailure {
                return TranslationCase.outcome(of: failure)
            }
        }
    }

    @Test("Every operation that can be translated has its place at the other dialect")
    func operations() {
        #expect(Translation.operation(for: .chat, at: .anthropic) == .messages)
        #expect(Translation.operation(for: .responses, at: .anthropic) == .messages)
        #expect(Translation.operation(for: .messages, at: .openAI) == .chat)
        #expect(Translation.operation(for: .responses, at: .openAI) == .chat)
        #expect(Translation.operation(for: .chat, at: .openAI) == .chat)
        #expect(Translation.operation(for: .embeddings, at: .anthropic) == nil)
        #expect(Translation.operation(for: .countTokens, at: .openAI) == nil)
    }

    @Test("Whole answers become what is recorded")
    func answers() throws {
        try TranslationCase.check("answers") { testCase in
            do {
                let bytes = try Translation.answer(
                    testCase.body, from: try testCase.from, to: try #require(Operation(rawValue: testCase.to)),
                    publicModel: "public", created: 1_700_000_000)
                return ["out": try JSONValue(parsing: bytes)]
            } catch let failure as GatewayFailure {
                return TranslationCase.outcome(of: failure)
            }
        }
    }

    @Test("Streams become what is recorded")
    func streams() throws {
        try TranslationCase.check("streams") { testCase in
            let run = StreamRun(try #require(testCase.body.string), at: [], try testCase.stream())
            return run.outcome
        }
    }
}

extension TranslationCase {
    var from: Operation { get throws { try #require(Operation(rawValue: line["from"]?.string ?? "")) } }

    /// A fresh stream for this case.
    func stream() throws -> any AnswerStream {
        Translation.stream(
            from: try from, to: try #require(Operation(rawValue: to)), publicModel: "public",
            wantsStreamUsage: line["usage"]?.bool ?? false, created: 1_700_000_000)
    }
}

/// What a stream gives for a body that is cut at some places.
struct StreamRun: Equatable {
    var out: [UInt8] = []
    var progress: [String] = []
    var failure: GatewayFailure?

    init(_ body: String, at cuts: [Int], _ stream: any AnswerStream) {
        Array(body.utf8).withUnsafeBytes { bytes in
            var start = 0
            for cut in cuts + [bytes.count] {
                stream.take(UnsafeRawBufferPointer(rebasing: bytes[start..<cut]), into: &out)
                start = cut
            }
        }
        stream.end(into: &out)
        failure = stream.progress.failure
        let seen = stream.progress
        progress = [
            "content \(seen.hasContent)", "complete \(seen.isComplete)", "tokens \(seen.outputTokens)",
            "model \(seen.model ?? "-")", "finish \(seen.finishReason ?? "-")",
        ]
        if let usage = seen.usage {
            let tokens = usage.tokens
            progress.append(
                "usage \(tokens.input) \(tokens.output) \(tokens.cachedInput) \(tokens.cacheWrite) \(tokens.reasoning)")
        }
    }

    var outcome: JSONObject {
        var outcome: JSONObject = failure.map { TranslationCase.outcome(of: $0) } ?? [:]
        outcome["out"] = .string(String(decoding: out, as: UTF8.self))
        outcome["progress"] = .array(progress.map { .string($0) })
        return outcome
    }
}
