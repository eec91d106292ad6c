import Domain

/// How a reasoning item of OpenAI's Responses carries Anthropic's thinking blocks in its `encrypted_content`.
///
/// It is nothing secret: a mark and the blocks as JSON. Anthropic checks the signature inside.
enum SealedThinking {
    private static let mark = "pawang_thinking:"

    static func text(of blocks: [JSONValue]) -> String { mark + JSONValue.array(blocks).text() }

    /// The blocks in a text of ours; `nil` for any other, such as OpenAI's own.
    static func blocks(in text: String) -> [JSONValue]? {
        guard text.hasPrefix(mark), let value = try? JSONValue(parsing: String(text.dropFirst(mark.count))) else {
            return nil
        }
        return value.array
    }
}
