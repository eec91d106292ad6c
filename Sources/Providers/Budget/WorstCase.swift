import Domain

/// The most a call can use, before it is sent.
///
/// Input: half the bytes of the request's body, which for text in any script is above what current tokenizers make of
/// it (English has about four bytes a token, CJK about three), and 4,096 for each image. Output: the request's limit,
/// else the connection's `max_output_tokens`, else ``unlimitedOutput``; times `n`.
enum WorstCase {
    /// What an answer without a limit is taken to have at most: no model with a published limit writes more in one
    /// answer.
    static let unlimitedOutput = 131_072
    static let tokensPerImage = 4096

    static func usage(of request: ModelRequest) -> TokenUsage {
        let body = request.body
        let images = (body["messages"]?.array ?? []).reduce(0) { count, message in
            count + (message["content"]?.array ?? []).count { $0["type"]?.string == "image_url" }
        }
        let bytes = JSONValue.object(body).bytes(sortedKeys: false).count
        let input = (bytes + 1) / 2 + images * tokensPerImage
        guard request.operation != .embedding else { return TokenUsage(input: input) }
        return TokenUsage(input: input, output: outputLimit(of: request) * choices(of: body))
    }

    private static func choices(of body: JSONObject) -> Int { max(body["n"]?.int ?? 1, body["best_of"]?.int ?? 1, 1) }

    private static func outputLimit(of request: ModelRequest) -> Int {
        let settings = request.connection.settings
        if let limit = request.body["max_completion_tokens"]?.int ?? request.body["max_tokens"]?.int {
            return max(limit, 0)
        }
        if request.connection.type == .anthropic {
            return settings["max_tokens"].flatMap { Int($0) } ?? AnthropicDialect.defaultMaxTokens
        }
        return settings["max_output_tokens"].flatMap { Int($0) } ?? unlimitedOutput
    }
}
