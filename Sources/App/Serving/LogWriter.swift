import Dispatch
import Glibc
import Synchronization

/// Writes log lines to standard error without holding up who has something to say.
///
/// Lines wait in memory while nobody reads; beyond the limit new ones are left out, and the next line that fits says how
/// many.
final class LogWriter: Sendable {
    private static let limit = 8 << 20

    private struct Waiting {
        var bytes: [UInt8] = []
        var lost = 0
        var isWriting = false
    }

    private let waiting = Mutex(Waiting())
    private let queue = DispatchQueue(label: "pawang.log")

    /// Takes whole lines, each with its newline.
    func write(_ lines: [UInt8]) {
        let begins = waiting.withLock { waiting in
            guard waiting.bytes.count + lines.count <= Self.limit else {
                waiting.lost += lines.reduce(0) { $0 + ($1 == 0x0A ? 1 : 0) }
                return false
            }
            if waiting.lost > 0 {
                waiting.bytes += Array(
                    "{\"level\":\"warning\",\"message\":\"log lines lost\",\"count\":\(waiting.lost)}\n".utf8)
                waiting.lost = 0
            }
            waiting.bytes += lines
            defer { waiting.isWriting = true }
            return !waiting.isWriting
        }
        if begins { queue.async { self.drain() } }
    }

    /// Returns when everything so far is written, or cannot be.
    func flush() { queue.sync {} }

    private func drain() {
        while true {
            let bytes = waiting.withLock { waiting in
                let bytes = waiting.bytes
                waiting.bytes = []
                waiting.isWriting = !bytes.isEmpty
                return bytes
            }
            guard !bytes.isEmpty else { return }
            Self.write(bytes)
        }
    }

    private static func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let count = Glibc.write(STDERR_FILENO, buffer.baseAddress?.advanced(by: done), buffer.count - done)
                if count > 0 {
                    done += count
                } else if errno != EINTR && errno != EAGAIN {
                    // Nobody can be told that nobody can be told.
                    return
                }
            }
        }
    }
}
