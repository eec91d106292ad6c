import NIOCore
import NIOPosix

/// An answer as a client sees it, byte for byte.
struct Reply: Sendable {
    var status: Int
    /// Names in lower case.
    var headers: [String: String]
    /// Without chunks.
    var body: String
    /// Whether the body came to its declared end.
    var isComplete: Bool

    /// Reads everything that came on a connection.
    init(_ text: String) {
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = (parts.first ?? "").split(separator: "\r\n")
        status = lines.first.flatMap { Int($0.split(separator: " ").dropFirst().first ?? "") } ?? 0
        headers = Dictionary(
            lines.dropFirst().map { line in
                let field = line.split(separator: ":", maxSplits: 1)
                return (field[0].lowercased(), String(field.last ?? "").trimmed)
            }, uniquingKeysWith: { $1 })
        let rest = parts.count > 1 ? String(parts[1]) : ""
        if headers["transfer-encoding"] == "chunked" {
            (body, isComplete) = Self.dechunked(rest)
        } else {
            body = rest
            isComplete = headers["content-length"].flatMap { Int($0) } == rest.utf8.count
        }
    }

    private static func dechunked(_ text: String) -> (String, Bool) {
        var rest = Array(text.utf8)[...]
        var body: [UInt8] = []
        while let end = rest.firstIndex(of: UInt8(ascii: "\r")) {
            guard let size = Int(String(decoding: rest[..<end], as: UTF8.self), radix: 16) else { break }
            if size == 0 { return (String(decoding: body, as: UTF8.self), true) }
            rest = rest[(end + 2)...]
            body += rest.prefix(size)
            rest = rest.dropFirst(size + 2)
        }
        return (String(decoding: body, as: UTF8.self), false)
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0 == " " }) }
}

/// A client that sends bytes and takes what comes until the connection ends, or until it has seen what it waits for.
enum RawClient {
    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private var bytes = ByteBuffer()
        private let until: @Sendable (String) -> Bool
        private let promise: EventLoopPromise<String>
        private var isDone = false

        init(until: @escaping @Sendable (String) -> Bool, promise: EventLoopPromise<String>) {
            self.until = until
            self.promise = promise
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            bytes.writeImmutableBuffer(unwrapInboundIn(data))
            if until(String(buffer: bytes)) { finish(context) }
        }

        func channelInactive(context: ChannelHandlerContext) { finish(context) }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { finish(context) }

        private func finish(_ context: ChannelHandlerContext) {
            guard !isDone else { return }
            isDone = true
            promise.succeed(String(buffer: bytes))
            context.close(promise: nil)
        }
    }

    /// Everything that came in answer to `pieces`.
    static func send(
        _ pieces: [String], port: Int, until: @escaping @Sendable (String) -> Bool = { _ in false }
    ) async throws -> String {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: String.self)
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: loop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Handler(until: until, promise: promise))
                    }
                }
                .connect(host: "127.0.0.1", port: port).get()
        } catch {
            promise.fail(error)
            return try await promise.futureResult.get()
        }
        for piece in pieces { try? await channel.writeAndFlush(ByteBuffer(string: piece)) }
        return try await promise.futureResult.get()
    }
}

extension RawClient {
    /// Sends `pieces` and closes the connection once a condition holds.
    static func sendAndLeave(_ pieces: [String], port: Int, when isTime: @Sendable () -> Bool) async throws {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port).get()
        for piece in pieces { try await channel.writeAndFlush(ByteBuffer(string: piece)) }
        while !isTime() { await Task.yield() }
        try await channel.close()
    }
}
