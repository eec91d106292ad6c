import Dispatch
import Domain
import Glibc
import Synchronization

/// The sending half of a worker's socket.
///
/// Writes where the caller is while the socket has room; what does not fit is written from a queue, so that a worker
/// which does not read never holds up a caller. Owns the descriptor.
final class RequestWriter: Sendable {
    /// How many bytes may wait for a worker that does not read.
    static let backlogLimit = 256 * 1024 * 1024

    private struct State {
        var backlog: [UInt8] = []
        var written = 0
        var isFlushing = false
        var isClosed = false
    }

    private let descriptor: Int32
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "pawang.python.requests")

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Sends bytes after all bytes sent before.
    ///
    /// Returns why not, if the worker is gone or has too much to read already.
    func send(_ bytes: [UInt8]) -> PythonFailure? {
        state.withLock { state in
            guard !state.isClosed else { return PythonFailure(.worker, "The Python worker has ended.") }
            guard state.backlog.count - state.written + bytes.count <= Self.backlogLimit else {
                return PythonFailure(
                    .worker, "A Python call's arguments are larger than \(Self.backlogLimit) bytes; pass a file's path."
                )
            }
            let sent = state.backlog.isEmpty ? Self.send(bytes[...], to: descriptor) : 0
            guard let sent else { return PythonFailure(.worker, "The Python worker has ended.") }
            if sent < bytes.count {
                state.backlog.append(contentsOf: bytes[sent...])
                if !state.isFlushing {
                    state.isFlushing = true
                    queue.async { self.flush() }
                }
            }
            return nil
        }
    }

    /// Tells the worker that nothing more will come; it ends then.
    func finish() {
        state.withLock { state in
            if !state.isClosed { shutdown(descriptor, Int32(SHUT_WR)) }
        }
    }

    /// Closes the socket.
    ///
    /// The receiving half must not be used any more.
    func close() {
        state.withLock { state in
            guard !state.isClosed else { return }
            state.isClosed = true
            if !state.isFlushing { Glibc.close(descriptor) }
        }
    }

    private func flush() {
        var isDone = false
        while !isDone {
            var interest = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            poll(&interest, 1, 1000)
            isDone = state.withLock { state in
                let sent = state.isClosed ? nil : Self.send(state.backlog[state.written...], to: descriptor)
                state.written += sent ?? 0
                guard sent != nil, state.written < state.backlog.count else {
                    state.backlog = []
                    state.written = 0
                    state.isFlushing = false
                    if state.isClosed { Glibc.close(descriptor) }
                    return true
                }
                return false
            }
        }
    }

    /// Writes as much as fits and returns how much that was; `nil` if nobody reads any more.
    private static func send(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Int? {
        bytes.withUnsafeBytes { buffer in
            var count = 0
            while count < buffer.count, let start = buffer.baseAddress {
                // No SIGPIPE, whatever the process has decided about it.
                let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
                let written = Glibc.send(descriptor, start + count, buffer.count - count, flags)
                if written > 0 {
                    count += written
                } else if errno == EAGAIN {
                    return count
                } else if errno != EINTR {
                    return nil
                }
            }
            return count
        }
    }
}
