/// Answers as upstreams send them.
enum Answers {
    /// A whole answer of `text`, with 10 tokens in and 5 out.
    static func chat(_ text: String = "Hello", headers: String = "") -> String {
        json(
            #"{"id":"c1","object":"chat.completion","created":1,"model":"real-model","choices":[{"index":0,"message":{"role":"assistant","content":"\#(text)","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}"#,
            headers: headers)
    }

    static func json(_ body: String, status: String = "200 OK", headers: String = "") -> String {
        "HTTP/1.1 \(status)\r\ncontent-type: application/json\r\n\(headers)content-length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    static func error(_ status: String, _ code: String, headers: String = "") -> String {
        json(
            #"{"error":{"message":"No.","type":"\#(code)","param":null,"code":"\#(code)"}}"#, status: status,
            headers: headers)
    }

    static let streamHead = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"

    static func chunk(_ text: String) -> String { "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n" }

    static func event(_ text: String) -> String { chunk("data: \(text)\n\n") }

    static func delta(_ content: String) -> String {
        event(
            #"{"id":"c1","object":"chat.completion.chunk","created":1,"model":"real-model","choices":[{"index":0,"delta":{"content":"\#(content)"},"finish_reason":null}]}"#
        )
    }

    static let role = event(
        #"{"id":"c1","object":"chat.completion.chunk","created":1,"model":"real-model","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#
    )
    static let finish = event(
        #"{"id":"c1","object":"chat.completion.chunk","created":1,"model":"real-model","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#
    )
    static let usage = event(
        #"{"id":"c1","object":"chat.completion.chunk","created":1,"model":"real-model","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}"#
    )
    static let done = chunk("data: [DONE]\n\n")
    static let last = "0\r\n\r\n"

    /// A whole stream of words.
    static func stream(_ words: [String] = ["Hel", "lo"]) -> String {
        streamHead + role + words.map(delta).joined() + finish + usage + done + last
    }

    static let message =
        #"{"id":"m1","type":"message","role":"assistant","model":"claude","content":[{"type":"text","text":"Hello"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":5}}"#
}
