import Domain

/// How an assistant message of OpenAI's shape carries Anthropic's thinking blocks: a declared extension.
///
/// `reasoning_content` holds the text for people, as DeepSeek and vLLM have it; `pawang_thinking` holds the blocks with
/// their signatures, verbatim. A client that sends the message back with `pawang_thinking` continues the thinking;
/// without it the thinking is lost, which Anthropic allows except in the middle of a tool's use.
enum ThinkingExtension {
    static let key = "pawang_thinking"

    /// A thinking block.
    static func block(_ text: String, signature: String) -> JSONValue {
        ["type": "thinking", "thinking": .string(text), "signature": .string(signature)]
    }

    /// A block of thinking that only Anthropic can read.
    static func redacted(_ data: String) -> JSONValue { ["type": "redacted_thinking", "data": .string(data)] }

    /// The blocks a message carries, ready for Anthropic; those without a signature, which it refuses, are left out.
    static func blocks(in message: RequestNode) throws(GatewayFailure) -> [JSONValue] {
        guard let member = message.member(key) else { return [] }
        var blocks: [JSONValue] = []
        for block in try member.elements() {
            let type = try block.required("type")
            switch try type.string() {
            case "thinking":
                let signature = try block.required("signature").string()
                let text = try block.required("thinking").string()
                if !signature.isEmpty { blocks.append(Self.block(text, signature: signature)) }
            case "redacted_thinking": blocks.append(redacted(try block.required("data").string()))
            default: throw type.invalid("must be `thinking` or `redacted_thinking`.")
            }
        }
        return blocks
    }
}
