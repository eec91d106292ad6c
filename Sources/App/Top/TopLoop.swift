import Domain
import Foundation
import Gateway

/// Keeps a terminal screen of live traffic up to date until it is interrupted.
struct TopLoop {
    /// Figures are over this stretch of time, or less at the beginning.
    static let window = 10_000_000_000
    static let refresh = Duration.milliseconds(500)

    let source: TopSource
    let terminal: Terminal
    let isJSON: Bool

    /// Two reports a second apart, and what happened in between.
    func once() async throws {
        let first = try await source.report()
        try await Task.sleep(for: .seconds(1))
        let second = try await source.report()
        show(TopFigures(second, since: first), second, lines: nil)
    }

    /// Shows a new screen twice a second.
    ///
    /// A terminal gets its own screen, which is given back at the end; anything else gets one text after the other.
    func run() async throws {
        let hasScreen = isatty(STDOUT_FILENO) == 1 && !isJSON
        // The first report is asked for before the screen changes, so that an error is seen.
        var reports = [try await source.report()]
        if hasScreen { write("\u{1B}[?1049h\u{1B}[?25l") }
        defer { if hasScreen { write("\u{1B}[?25h\u{1B}[?1049l") } }
        while true {
            try await Task.sleep(for: Self.refresh)
            let report: TrafficReport
            do {
                report = try await source.report()
            } catch {
                try Task.checkCancellation()
                guard hasScreen else { throw error }
                write("\u{1B}[H\u{1B}[J\((error as? any Failure)?.message ?? "\(error)")\r\n")
                continue
            }
            reports.append(report)
            reports.removeAll { $0.snapshot.time < report.snapshot.time - Self.window }
            let figures = TopFigures(report, since: reports.count > 1 ? reports.first : nil)
            guard hasScreen else {
                show(figures, report, lines: nil)
                guard Self.isRead else { return }
                continue
            }
            let size = Self.size()
            let screen = TopScreen(terminal: terminal, columns: size.columns, lines: size.lines)
            let text = screen.text(figures, report: report, source: source.url)
            write("\u{1B}[H" + text.replacing("\n", with: "\u{1B}[K\r\n") + "\u{1B}[K\u{1B}[J")
        }
    }

    private func show(_ figures: TopFigures, _ report: TrafficReport, lines: Int?) {
        if isJSON {
            terminal.print(figures.json(report).text())
        } else {
            let screen = TopScreen(terminal: terminal, columns: 200, lines: lines)
            terminal.print(screen.text(figures, report: report, source: source.url))
        }
    }

    private func write(_ text: String) { terminal.print(bytes: Array(text.utf8)) }

    /// Whether somebody is left at the other end of standard output.
    private static var isRead: Bool {
        var state = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        return poll(&state, 1, 0) <= 0 || state.revents & Int16(POLLERR) == 0
    }

    private static func size() -> (columns: Int, lines: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }
}
