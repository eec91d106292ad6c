/// One timed piece of work of a line, in OpenTelemetry's terms.
package struct Span: Sendable, Equatable {
    /// What kind of work it was; the raw value is stored.
    package enum Kind: String, Sendable {
        case flow
        case node
        case model
        case retrieval
        case tool
    }

    /// 16 hexadecimal digits.
    package var id: String
    /// The span this one is part of, or `nil` for the line itself.
    package var parentID: String?
    /// 32 hexadecimal digits.
    package var traceID: String
    package var name: String
    package var kind: Kind
    /// Nanoseconds since 1970.
    package var start: Int
    /// Nanoseconds.
    package var duration: Int
    /// Why it failed, or `nil`.
    package var error: LineError?
    /// Attributes by OpenTelemetry's GenAI names, see ``Vocabulary``.
    package var attributes: JSONObject

    package init(
        id: String, parentID: String?, traceID: String, name: String, kind: Kind, start: Int, duration: Int = 0,
        error: LineError? = nil, attributes: JSONObject = [:]
    ) {
        self.id = id
        self.parentID = parentID
        self.traceID = traceID
        self.name = name
        self.kind = kind
        self.start = start
        self.duration = duration
        self.error = error
        self.attributes = attributes
    }
}

/// Random identifiers for traces and spans.
package enum TraceIdentifier {
    private static let digits = Array("0123456789abcdef".utf8)

    /// 32 hexadecimal digits.
    package static func trace() -> String { hexadecimal(words: 2) }

    /// 16 hexadecimal digits.
    package static func span() -> String { hexadecimal(words: 1) }

    private static func hexadecimal(words: Int) -> String {
        String(unsafeUninitializedCapacity: words * 16) { buffer in
            for word in 0..<words {
                var bits = UInt64.random(in: 1...UInt64.max)
                for place in 0..<16 {
                    buffer[word * 16 + place] = digits[Int(bits & 15)]
                    bits >>= 4
                }
            }
            return words * 16
        }
    }
}

/// The attribute names of spans: OpenTelemetry's where they exist, ours under `pawang.`.
package enum Vocabulary {
    package static let operation = "gen_ai.operation.name"
    package static let provider = "gen_ai.provider.name"
    package static let requestModel = "gen_ai.request.model"
    package static let responseModel = "gen_ai.response.model"
    package static let inputTokens = "gen_ai.usage.input_tokens"
    package static let outputTokens = "gen_ai.usage.output_tokens"
    package static let cachedTokens = "gen_ai.usage.cache_read.input_tokens"
    package static let finishReasons = "gen_ai.response.finish_reasons"
    package static let inputMessages = "gen_ai.input.messages"
    package static let outputMessages = "gen_ai.output.messages"
    package static let errorType = "error.type"
    package static let cost = "pawang.cost_nano_usd"
    package static let connection = "pawang.connection"
    package static let attempts = "pawang.attempts"
    package static let isReplayed = "pawang.replayed"
    package static let nodeKind = "pawang.node.kind"
    package static let inputs = "pawang.inputs"
    package static let output = "pawang.output"
    package static let requestDigest = "pawang.request_digest"
}
