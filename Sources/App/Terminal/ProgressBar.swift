import Domain
import Foundation
import Synchronization

/// A line on the terminal that says how far long work has come; silent where standard error is no terminal.
final class ProgressBar: Sendable {
    private let terminal: Terminal
    private let title: String
    private let total: Int?
    private let start = ContinuousClock.now
    private let state: Mutex<(totals: LineTotals, skipped: Int, drawn: ContinuousClock.Instant?)>

    init(_ title: String, total: Int?, skipped: Int = 0, terminal: Terminal = .standard) {
        self.terminal = terminal
        self.title = title
        self.total = total
        state = Mutex((LineTotals(), skipped, nil))
    }

    /// Counts a finished line and redraws, at most ten times a second.
    func add(_ line: LineRecord) {
        guard terminal.isInteractive else { return }
        let text: String? = state.withLock { state in
            state.totals.add(line)
            let now = ContinuousClock.now
            if let drawn = state.drawn, now - drawn < .milliseconds(100) { return nil }
            state.drawn = now
            return self.text(state.totals, skipped: state.skipped)
        }
        if let text { terminal.note(raw: "\r\u{1B}[K\(text)") }
    }

    /// Takes the line away.
    func finish() {
        guard terminal.isInteractive else { return }
        terminal.note(raw: "\r\u{1B}[K")
    }

    private func text(_ totals: LineTotals, skipped: Int) -> String {
        let elapsed = (ContinuousClock.now - start).seconds
        let rate = elapsed > 0 ? Double(totals.lines) / elapsed : 0
        let done = totals.lines + skipped
        var parts = [title]
        if let total, total > 0 {
            let width = 20
            let filled = min(width, done * width / total)
            parts.append(
                "[\(String(repeating: "█", count: filled))\(String(repeating: "·", count: width - filled))] \(done)/\(total)"
            )
        } else {
            parts.append("\(done) lines")
        }
        parts.append(String(format: rate < 10 ? "%.1f/s" : "%.0f/s", rate))
        if totals.usage.input > 0 { parts.append(CostText.describe(totals.cost)) }
        if totals.failed > 0 { parts.append("\(totals.failed) failed") }
        if let total, rate > 0, done < total {
            parts.append("\(DurationText.short(seconds: Double(total - done) / rate)) left")
        }
        return String(parts.joined(separator: "  ").prefix(max(20, terminal.width - 1)))
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}

/// Durations for people.
enum DurationText {
    static func short(seconds: Double) -> String {
        switch seconds {
        case ..<0.000_5: String(format: "%.2f ms", seconds * 1000)
        case ..<1: "\(Int((seconds * 1000).rounded())) ms"
        case ..<60: String(format: "%.1f s", seconds)
        case ..<3600: "\(Int(seconds) / 60) min \(Int(seconds) % 60) s"
        default: "\(Int(seconds) / 3600) h \(Int(seconds) % 3600 / 60) min"
        }
    }
}

/// Money for people.
enum CostText {
    static func describe(_ cost: Cost) -> String {
        guard let nano = cost.nanoUSD else { return "cost unknown" }
        let dollars = Double(nano) / 1e9
        if nano == 0 { return "$0" }
        return dollars < 0.01 ? String(format: "$%.6f", dollars) : String(format: "$%.4f", dollars)
    }
}
