import NIOCore
import NIOHTTP1

/// Status and fields of an answer to a client, names in lower case, without those of the connection.
struct AnswerHead {
    var status: Int
    var fields: [(name: String, value: String)] = []

    init(_ status: Int, _ fields: [(name: String, value: String)] = []) {
        self.status = status
        self.fields = fields
    }

    /// How the body's length is told over HTTP/1.
    enum Framing {
        case length(Int)
        case chunked
        /// By the connection's end: HTTP/1.0.
        case untilClose
    }

    /// Writes the head as HTTP/1 sends it.
    func write(into buffer: inout ByteBuffer, framing: Framing, keepsAlive: Bool, date: String) {
        buffer.writeStaticString("HTTP/1.1 ")
        let known = HTTPResponseStatus(statusCode: status)
        buffer.writeString(String(status))
        buffer.writeStaticString(" ")
        buffer.writeString(known.reasonPhrase)
        buffer.writeStaticString("\r\ndate: ")
        buffer.writeString(date)
        buffer.writeStaticString("\r\n")
        for field in fields {
            buffer.writeString(field.name)
            buffer.writeStaticString(": ")
            buffer.writeString(field.value)
            buffer.writeStaticString("\r\n")
        }
        switch framing {
        case .length(let length):
            buffer.writeStaticString("content-length: ")
            buffer.writeString(String(length))
            buffer.writeStaticString(keepsAlive ? "\r\n\r\n" : "\r\nconnection: close\r\n\r\n")
        case .chunked:
            buffer.writeStaticString("transfer-encoding: chunked\r\n")
            buffer.writeStaticString(keepsAlive ? "\r\n" : "connection: close\r\n\r\n")
        case .untilClose: buffer.writeStaticString("connection: close\r\n\r\n")
        }
    }

    /// The head as NIO's codec for HTTP/2 takes it.
    func message(length: Int?, date: String) -> HTTPResponseHead {
        var headers = HTTPHeaders()
        headers.reserveCapacity(fields.count + 2)
        headers.add(name: "date", value: date)
        for field in fields { headers.add(name: field.name, value: field.value) }
        if let length { headers.add(name: "content-length", value: String(length)) }
        return HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: headers)
    }
}

extension ByteBuffer {
    /// Appends a chunk of HTTP/1's chunked transfer coding; nothing for no bytes, which would end the body.
    mutating func writeChunk(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        writeString(String(bytes.count, radix: 16))
        writeStaticString("\r\n")
        writeBytes(bytes)
        writeStaticString("\r\n")
    }
}
