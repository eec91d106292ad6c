import Domain
import Foundation
import Synchronization

/// Where a command writes: results to standard output, everything else to standard error.
struct Terminal: Sendable {
    /// Whether standard error is a terminal: then progress and colours are shown.
    let isInteractive: Bool
    /// Whether standard output is a terminal.
    let hasColouredOutput: Bool
    /// Columns of the terminal.
    let width: Int

    static let standard: Terminal = {
        let environment = ProcessInfo.processInfo.environment
        let plain = environment["NO_COLOR"].map { !$0.isEmpty } ?? false || environment["TERM"] == "dumb"
        var size = winsize()
        let width = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
        return Terminal(
            isInteractive: isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb",
            hasColouredOutput: isatty(STDOUT_FILENO) == 1 && !plain, width: width)
    }()

    /// Writes a line to standard output.
    func print(_ line: String) { Self.write(line + "\n", to: STDOUT_FILENO) }

    /// Writes bytes to standard output.
    func print(bytes: [UInt8]) { Self.write(bytes, to: STDOUT_FILENO) }

    /// Writes a line to standard error.
    func note(_ line: String) { Self.write(line + "\n", to: STDERR_FILENO) }

    /// Writes text to standard error as it is.
    func note(raw text: String) { Self.write(text, to: STDERR_FILENO) }

    /// Text in bold on a terminal.
    func bold(_ text: String) -> String { hasColouredOutput ? "\u{1B}[1m\(text)\u{1B}[0m" : text }
    /// Text in green on a terminal.
    func good(_ text: String) -> String { hasColouredOutput ? "\u{1B}[32m\(text)\u{1B}[0m" : text }
    /// Text in red on a terminal.
    func bad(_ text: String) -> String { hasColouredOutput ? "\u{1B}[31m\(text)\u{1B}[0m" : text }
    /// Text that matters less, on a terminal.
    func faint(_ text: String) -> String { hasColouredOutput ? "\u{1B}[2m\(text)\u{1B}[0m" : text }

    private static func write(_ text: String, to descriptor: Int32) { write(Array(text.utf8), to: descriptor) }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count, let base = buffer.baseAddress {
                let count = Glibc.write(descriptor, base + written, buffer.count - written)
                if count < 0 {
                    if errno == EINTR { continue }
                    // Whoever read our output is gone; there is nobody left to tell.
                    return
                }
                written += count
            }
        }
    }
}
