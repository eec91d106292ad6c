import Domain
import Gateway

/// The span of an entry: what happened, in OpenTelemetry's words for generative AI.
enum LedgerSpans {
    static let columns = [
        "entry", "trace", "span", "parent", "name", "start_ns", "duration_ns", "error", "attributes",
    ]

    static func values(_ entry: CallRecord, number: Int, writer: inout JSONWriter) -> [SQLValue] {
        [
            .int(number), .foreign(entry.trace), .foreign(entry.span), .foreign(entry.parentSpan),
            .foreign("\(operation(entry)) \(entry.model)"), .int(entry.start), .int(entry.duration),
            .foreign(entry.failure), .text(attributes(entry, writer: &writer)),
        ]
    }

    /// OpenTelemetry's name of an operation: both ways of asking for a chat are `chat`.
    private static func operation(_ entry: CallRecord) -> String {
        switch entry.operation {
        case Operation.chat.rawValue, Operation.responses.rawValue, Operation.messages.rawValue: "chat"
        case "flow": "invoke_agent"
        default: entry.operation
        }
    }

    /// One JSON object, written without building values first: this is on the path of every call.
    static func attributes(_ entry: CallRecord, writer: inout JSONWriter) -> String {
        writer.removeAll()
        writer.append(raw: "{\"gen_ai.operation.name\":")
        writer.append(quoted: operation(entry))
        writer.append(raw: ",\"gen_ai.provider.name\":")
        writer.append(quoted: entry.provider)
        writer.append(raw: ",\"gen_ai.request.model\":")
        writer.append(quoted: entry.upstreamModel)
        if let model = entry.responseModel {
            writer.append(raw: ",\"gen_ai.response.model\":")
            writer.append(quoted: model)
        }
        if let reason = entry.finishReason {
            writer.append(raw: ",\"gen_ai.response.finish_reasons\":[")
            writer.append(quoted: reason)
            writer.append(raw: "]")
        }
        writer.append(raw: ",\"gen_ai.usage.input_tokens\":")
        writer.append(.int(entry.usage.input))
        writer.append(raw: ",\"gen_ai.usage.output_tokens\":")
        writer.append(.int(entry.usage.output))
        if entry.usage.cachedInput > 0 {
            writer.append(raw: ",\"gen_ai.usage.cache_read.input_tokens\":")
            writer.append(.int(entry.usage.cachedInput))
        }
        if let failure = entry.failure {
            writer.append(raw: ",\"error.type\":")
            writer.append(quoted: failure)
        }
        appendOurs(entry, to: &writer)
        writer.append(raw: "}")
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func appendOurs(_ entry: CallRecord, to writer: inout JSONWriter) {
        writer.append(raw: ",\"http.response.status_code\":")
        writer.append(.int(entry.status))
        if let first = entry.timeToFirstToken {
            writer.append(raw: ",\"pawang.time_to_first_token_ns\":")
            writer.append(.int(first))
        }
        if let session = entry.attribution.session {
            writer.append(raw: ",\"gen_ai.conversation.id\":")
            writer.append(quoted: session)
        }
        writer.append(raw: ",\"pawang.call\":")
        writer.append(quoted: entry.call)
        writer.append(raw: ",\"pawang.attempts\":")
        writer.append(.int(entry.attempt))
        writer.append(raw: ",\"pawang.cost_basis\":")
        writer.append(quoted: entry.basis.rawValue)
        if let cost = entry.costNanoUSD {
            writer.append(raw: ",\"pawang.cost_nano_usd\":")
            writer.append(.int(cost))
        }
    }
}
