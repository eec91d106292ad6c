import NIOCore
import Testing

@testable import GatewayServer

@Suite("Reading upstream answers")
struct ResponseParserTests {
    /// What a parser says about bytes that come in pieces of a size.
    private func read(_ text: String, pieces: Int = .max, closes: Bool = false) -> (events: [String], keepsAlive: Bool)
    {
        var parser = ResponseParser()
        var events: [String] = []
        var buffer = ByteBuffer()
        var rest = Array(text.utf8)[...]
        var body = ""
        do throws(ResponseParser.Problem) {
            while !rest.isEmpty {
                buffer.writeBytes(rest.prefix(pieces))
                rest = rest.dropFirst(pieces)
                while let event = try parser.next(&buffer) {
                    switch event {
                    case .head(let head): events.append("head \(head.status)")
                    case .body(let bytes): body += String(buffer: bytes)
                    case .end: events += ["body \(body)", "end"]
                    }
                }
            }
        } catch {
            events.append("\(error)")
        }
        if closes { events += parser.close() ? ["body \(body)", "end"] : ["cut off"] }
        return (events, parser.keepsAlive)
    }

    static let answers: [(text: String, events: [String], keepsAlive: Bool)] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", ["head 200", "body hello", "end"], true),
        ("HTTP/1.1 200\r\ncontent-length:5\r\n\r\nhello", ["head 200", "body hello", "end"], true),
        ("HTTP/1.1 200 OK\ncontent-length: 2\n\nhi", ["head 200", "body hi", "end"], true),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n!\r\n0\r\nx: y\r\n\r\n",
            ["head 200", "body hello!", "end"], true
        ),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            ["head 200", "body ", "end"], false
        ),
        ("HTTP/1.1 204 No Content\r\n\r\n", ["head 204", "body ", "end"], true),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            ["head 200", "body ", "end"], false
        ),
        ("HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nhi", ["head 200", "body hi", "end"], false),
    ]

    @Test("Answers are read whole, wherever their bytes are cut", arguments: answers)
    func wholeAnswers(text: String, events: [String], keepsAlive: Bool) {
        for pieces in [1, 2, 3, 5, 7, 11, 13, 17, 40, 1000] {
            let result = read(text, pieces: pieces)
            #expect(result.events == events, "in pieces of \(pieces)")
            #expect(result.keepsAlive == keepsAlive)
        }
    }

    @Test("Without a length, the connection's end is the answer's")
    func untilClose() {
        let text = "HTTP/1.0 200 OK\r\n\r\nhello"
        #expect(read(text, closes: true).events == ["head 200", "body hello", "end"])
    }

    @Test(
        "An answer that ends early is not taken for whole",
        arguments: [
            "HTTP/1.1 200 OK\r\ncontent-le", "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel",
        ])
    func cutOff(text: String) {
        #expect(read(text, closes: true).events.last == "cut off")
    }

    @Test(
        "What is no HTTP is refused",
        arguments: [
            "SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n",
            "HTTP/1.1 999 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n", "HTTP/1.1 200 OK\r\n folded: x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nname : x\r\n\r\n", "HTTP/1.1 200 OK\r\nnocolon\r\n\r\n",
            "HTTP/1.1 101 Switching\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhello\r\n",
        ])
    func malformed(text: String) {
        #expect(read(text).events.last?.hasPrefix("malformed") == true, "\(read(text).events)")
    }

    @Test("A head without end is given up")
    func endlessHead() {
        let text = "HTTP/1.1 200 OK\r\n" + String(repeating: "x: 0123456789\r\n", count: 6000)
        #expect(read(text).events == ["headTooLarge"])
        #expect(read(text, pieces: 1000).events == ["headTooLarge"])
    }

    @Test("Fields are found whatever their case, and the body's kind is known from them")
    func fields() throws {
        var parser = ResponseParser()
        var buffer = ByteBuffer(
            string:
                "HTTP/1.1 429 Slow\r\nRetry-After:  7 \r\nContent-Type: Text/Event-Stream; charset=utf-8\r\nCONTENT-ENCODING: gzip\r\nX-RateLimit-Limit-Requests: 9\r\nx-ratelimit-reset-tokens: -1\r\n\r\n"
        )
        guard case .head(let head) = try parser.next(&buffer) else { return #expect(Bool(false), "no head") }
        #expect(head.first("retry-after") == "7")
        #expect(head.first(named: "retry-after") == "7")
        #expect(head.first("nothing") == nil)
        #expect(head.content == .eventStream)
        #expect(head.encoding == .gzip)
        var limits: [(name: String, value: String)] = []
        head.appendRateLimits(to: &limits)
        #expect(limits.map { "\($0.name)=\($0.value)" } == ["x-ratelimit-limit-requests=9"])
    }
}
