import Domain
import Foundation
import Gateway
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL
import Testing

@testable import GatewayServer

@Suite("TLS and HTTP/2")
struct SecureServerTests {
    /// A certificate for `localhost` and its key, made for the test.
    private struct Certificate {
        let folder: String
        var certificate: String { folder + "/certificate.pem" }
        var key: String { folder + "/key.pem" }

        init() throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("tls-\(UUID().uuidString)").path
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
            process.arguments = [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out",
                certificate,
            ]
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
        }

        func remove() { try? FileManager.default.removeItem(atPath: folder) }
    }

    /// Collects one answer, whichever protocol brings it.
    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = HTTPClientResponsePart

        private var status = 0
        private var body = ByteBuffer()
        private let promise: EventLoopPromise<(status: Int, body: String)>

        init(_ promise: EventLoopPromise<(status: Int, body: String)>) { self.promise = promise }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): status = Int(head.status.code)
            case .body(let bytes): body.writeImmutableBuffer(bytes)
            case .end: promise.succeed((status, String(buffer: body)))
            }
        }

        func channelInactive(context: ChannelHandlerContext) { promise.fail(ChannelError.eof) }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { promise.fail(error) }
    }

    /// Sends requests one after the other over one HTTP/2 connection.
    private func send(
        _ bodies: [(path: String, body: String)], to gateway: TestGateway, trusting certificate: String
    ) async throws -> [(status: Int, body: String)] {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(certificate)
        configuration.applicationProtocols = ["h2"]
        let tls = try NIOSSLContext(configuration: configuration)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let channel = try await ClientBootstrap(group: loop)
            .connect(host: "127.0.0.1", port: gateway.port).get()
        let multiplexer = try await loop.submit {
            try channel.pipeline.syncOperations.addHandler(
                NIOSSLClientHandler(context: tls, serverHostname: "localhost"))
            return try channel.pipeline.syncOperations.configureHTTP2Pipeline(
                mode: .client, connectionConfiguration: .init(), streamConfiguration: .init(), streamDelegate: nil
            ) { $0.eventLoop.makeSucceededVoidFuture() }
        }.get()
        var answers: [(status: Int, body: String)] = []
        for (path, body) in bodies {
            let promise = loop.makePromise(of: (status: Int, body: String).self)
            let opened = loop.makePromise(of: (any Channel).self)
            multiplexer.createStreamChannel(promise: opened) { stream in
                stream.eventLoop.makeCompletedFuture {
                    try stream.pipeline.syncOperations.addHandler(
                        HTTP2FramePayloadToHTTP1ClientCodec(httpProtocol: .https))
                    try stream.pipeline.syncOperations.addHandler(Collector(promise))
                }
            }
            let stream = try await opened.futureResult.get()
            let headers: HTTPHeaders = [
                "host": "localhost", "authorization": "Bearer \(gateway.key)", "content-length": "\(body.utf8.count)",
            ]
            let head = HTTPRequestHead(
                version: .http1_1, method: body.isEmpty ? .GET : .POST, uri: path, headers: headers)
            stream.write(HTTPClientRequestPart.head(head), promise: nil)
            stream.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(string: body))), promise: nil)
            try await stream.writeAndFlush(HTTPClientRequestPart.end(nil))
            answers.append(try await promise.futureResult.get())
        }
        try await channel.close()
        return answers
    }

    @Test("Calls, streams and the router's pages are served over HTTP/2")
    func http2() async throws {
        let files = try Certificate()
        defer { files.remove() }
        let upstream = try await ScriptedUpstream { _, request in
            [.send(request.contains(#""stream":true"#) ? Answers.stream() : Answers.chat())]
        }
        try await TestGateway.run {
            $0.add("target", port: upstream.port)
            $0.server.certificatePath = files.certificate
            $0.server.privateKeyPath = files.key
        } _: { gateway in
            let answers = try await send(
                [
                    ("/v1/chat/completions", TestGateway.chat()),
                    ("/v1/chat/completions", TestGateway.chat(stream: true)),
                    ("/health", ""), ("/v1/models", ""), ("/v1/chat/completions", "{"),
                ], to: gateway, trusting: files.certificate)
            #expect(answers.map(\.status) == [200, 200, 200, 200, 400])
            #expect(answers[0].body.contains("Hello"))
            #expect(answers[1].body.hasSuffix("data: [DONE]\n\n"))
            #expect(answers[2].body == #"{"status":"Healthy","version":""}"#)
            #expect(try gateway.entries().count == 2)
        }
        try await upstream.stop()
    }

    @Test("A certificate that cannot be used is named, and so is a key that is not its own")
    func wrongFiles() throws {
        let files = try Certificate()
        let other = try Certificate()
        defer {
            files.remove()
            other.remove()
        }
        #expect(throws: ServerFailure.certificate(path: "/nothing")) {
            try ServerTLS.context(certificate: "/nothing", key: files.key)
        }
        #expect(throws: ServerFailure.privateKey(path: files.certificate)) {
            try ServerTLS.context(certificate: files.certificate, key: files.certificate)
        }
        #expect(throws: ServerFailure.mismatch(certificate: files.certificate, key: other.key)) {
            try ServerTLS.context(certificate: files.certificate, key: other.key)
        }
        #expect(try ServerTLS.context(certificate: nil, key: nil) == nil)
    }
}
