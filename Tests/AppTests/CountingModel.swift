import Domain
import Foundation
import Synchronization

/// A model on loopback that answers in 1–3 ms, the same to the same question, and remembers every question.
///
/// It may do something at a chosen request, such as killing the one that asks.
final class CountingModel: Sendable {
    private struct State {
        var questions: [String] = []
        var trap: (count: Int, action: @Sendable () -> Void)?
    }

    let port: Int
    private let listener: Int32
    /// Every request of this number, counted from 1, gets status 500; 0 for none.
    private let failingEvery: Int
    private let state = Mutex(State())

    /// Starts listening on a free port.
    init(failingEvery: Int = 0) throws {
        self.failingEvery = failingEvery
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (bound, number) = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
                (bind(listener, plain, length) == 0 && listen(listener, 64) == 0, getsockname(listener, plain, &length))
            }
        }
        guard bound, number == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                Thread.detachNewThread { [weak self] in
                    while let body = Self.request(connection), let answer = self?.answer(body) {
                        guard Self.send(answer, connection) else { break }
                    }
                    close(connection)
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// All questions so far, in the order they came.
    var questions: [String] { state.withLock { $0.questions } }

    /// Does `action` once, when `count` further requests have come.
    func set(afterFurther count: Int, _ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.trap = ($0.questions.count + count, action) }
    }

    /// Takes back what ``set(afterFurther:_:)`` asked for.
    func clear() { state.withLock { $0.trap = nil } }

    private func answer(_ body: [UInt8]) -> [UInt8] {
        let question = (try? JSONValue(parsing: body))?["messages"]?.array?.last?["content"]?.string ?? "?"
        let (count, action) = state.withLock { state -> (Int, (@Sendable () -> Void)?) in
            state.questions.append(question)
            guard let trap = state.trap, state.questions.count >= trap.count else {
                return (state.questions.count, nil)
            }
            state.trap = nil
            return (state.questions.count, trap.action)
        }
        action?()
        usleep(1000 + UInt32(question.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF } % 2000))
        if failingEvery > 0, count % failingEvery == 0 {
            return Self.message(500, "Retry-After: 0\r\n", ["error": ["message": "overloaded"]])
        }
        let words = question.split(separator: " ")
        let number = words.last.flatMap { Int($0) } ?? 0
        let isRight = number % (words.first == "terse" ? 3 : 4) != 0
        return Self.message(
            200, "",
            [
                "id": "1", "object": "chat.completion", "model": "counting",
                "choices": [
                    [
                        "index": 0, "finish_reason": "stop",
                        "message": ["role": "assistant", "content": .string(isRight ? "\(number)" : "no idea")],
                    ]
                ],
                "usage": ["prompt_tokens": .int(10 + number % 7), "completion_tokens": 2, "total_tokens": 0],
            ])
    }

    private static func message(_ status: Int, _ headers: String, _ body: JSONValue) -> [UInt8] {
        let bytes = body.bytes()
        let head =
            "HTTP/1.1 \(status) X\r\nContent-Type: application/json\r\n\(headers)Content-Length: \(bytes.count)\r\n\r\n"
        return Array(head.utf8) + bytes
    }

    /// The body of the next request, or `nil` when the other end is gone.
    private static func request(_ connection: Int32) -> [UInt8]? {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = recv(connection, &piece, piece.count, 0)
            guard count > 0 else { return nil }
            bytes += piece[..<count]
            guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { continue }
            let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).lowercased()
            let field = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
            let length = field.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
            if bytes.count - end.upperBound >= length { return Array(bytes[end.upperBound...]) }
        }
    }

    private static func send(_ bytes: [UInt8], _ connection: Int32) -> Bool {
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            start += count
        }
        return true
    }
}
