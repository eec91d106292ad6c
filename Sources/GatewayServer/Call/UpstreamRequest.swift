import Domain
import Gateway
import NIOCore

/// A request as it goes to an upstream.
///
/// Of the client's headers only those that change the answer are sent on (``CallHead/forwarded``): all others are about
/// the connection, name the client's network, or hold its key.
struct UpstreamRequest {
    /// Bodies up to this size are copied behind the head.
    private static let copyLimit = 16 << 10

    let access: UpstreamAccess
    let operation: Operation
    let forwarded: [(name: String, value: String)]
    let trace: String
    let span: String
    let isStream: Bool

    /// The head, with the body behind it where it is small.
    func buffers(body: ByteBuffer, allocator: ByteBufferAllocator) -> (head: ByteBuffer, body: ByteBuffer?) {
        let copies = body.readableBytes <= Self.copyLimit
        var buffer = allocator.buffer(capacity: 768 + (copies ? body.readableBytes : 0))
        buffer.writeStaticString("POST ")
        buffer.writeString(access.basePath)
        buffer.writeStaticString(Self.path(of: operation))
        buffer.writeString(access.query)
        buffer.writeStaticString(" HTTP/1.1\r\nhost: ")
        writeHost(into: &buffer)
        if let secret = access.secretHeader { Self.write(secret.name, secret.value.reveal(), into: &buffer) }
        for header in access.headers { Self.write(header.name, header.value, into: &buffer) }
        for header in forwarded where !access.headers.contains(where: { $0.name == header.name }) {
            Self.write(header.name, header.value, into: &buffer)
        }
        buffer.writeStaticString("\r\ncontent-type: application/json\r\naccept: ")
        buffer.writeStaticString(isStream ? "text/event-stream" : "application/json")
        buffer.writeStaticString("\r\naccept-encoding: identity\r\nuser-agent: pawang\r\ntraceparent: 00-")
        buffer.writeString(trace)
        buffer.writeStaticString("-")
        buffer.writeString(span)
        buffer.writeStaticString("-01\r\ncontent-length: ")
        buffer.writeString(String(body.readableBytes))
        buffer.writeStaticString("\r\n\r\n")
        guard copies else { return (buffer, body) }
        buffer.writeImmutableBuffer(body)
        return (buffer, nil)
    }

    private func writeHost(into buffer: inout ByteBuffer) {
        let origin = access.origin
        let isAddress6 = origin.host.utf8.contains(UInt8(ascii: ":"))
        if isAddress6 { buffer.writeStaticString("[") }
        buffer.writeString(origin.host)
        if isAddress6 { buffer.writeStaticString("]") }
        if origin.port != (origin.isTLS ? 443 : 80) {
            buffer.writeStaticString(":")
            buffer.writeString(String(origin.port))
        }
    }

    private static func write(_ name: String, _ value: String, into buffer: inout ByteBuffer) {
        buffer.writeStaticString("\r\n")
        buffer.writeString(name)
        buffer.writeStaticString(": ")
        buffer.writeString(value)
    }

    private static func path(of operation: Operation) -> StaticString {
        switch operation {
        case .chat: "/chat/completions"
        case .responses: "/responses"
        case .embeddings: "/embeddings"
        case .messages: "/messages"
        case .countTokens: "/messages/count_tokens"
        }
    }
}
