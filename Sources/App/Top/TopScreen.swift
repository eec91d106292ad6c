import Foundation
import Gateway

/// The text of `pawang top`: lines that fit a terminal.
struct TopScreen {
    let terminal: Terminal
    let columns: Int
    /// Lines that may be used, or `nil` for as many as there are.
    let lines: Int?

    /// The whole screen.
    func text(_ figures: TopFigures, report: TrafficReport, source: String) -> String {
        var text = head(figures, report, source)
        let budgets = budgets(report)
        // Half of the screen at most goes to budgets; what is left is shared by the tables.
        let shownBudgets = lines.map { Array(budgets.prefix(max(1, $0 / 3))) } ?? budgets
        let space = lines.map { max(3, ($0 - text.count - shownBudgets.count - 8) / 3) }
        for grouping in TopFigures.Grouping.allCases {
            let rows = figures.rows[grouping] ?? []
            guard !rows.isEmpty else { continue }
            text.append("")
            text += table(rows, grouping, figures, limit: space)
        }
        if !shownBudgets.isEmpty { text += [""] + shownBudgets }
        return text.prefix(lines ?? .max).map(fitted).joined(separator: "\n")
    }

    private func head(_ figures: TopFigures, _ report: TrafficReport, _ source: String) -> [String] {
        let total = figures.total
        let up = DurationText.short(seconds: Double(report.snapshot.time - report.gauges.started) / 1e9)
        var first = "\(terminal.bold("pawang top"))  \(source)  up \(up)"
        if let process = report.gauges.process { first += "  \(process.residentBytes >> 20) MiB" }
        if !report.gauges.isLedgerHealthy { first += "  " + terminal.bad("ledger cannot write: calls are refused") }
        let rates = [
            "\(Self.rate(figures.rate(total.requests))) requests/s", "\(total.inFlight ?? 0) in flight",
            "p50 \(Self.duration(total.duration, 0.5))", "p95 \(Self.duration(total.duration, 0.95))",
            "first token \(Self.duration(total.firstToken, 0.5))", "\(Self.rate(figures.rate(total.tokens))) tokens/s",
            "\(Self.money(figures.dollarsPerHour(total)))/h",
        ]
        var head = [first, rates.joined(separator: "  ")]
        if total.errors > 0 {
            head[1] += "  " + terminal.bad("\(total.errors) errors (\(Self.share(total.errors, of: total.requests)))")
        }
        let cooling = report.gauges.targets.filter(\.isCooling).map { "\($0.model) → \($0.target)" }
        if !cooling.isEmpty { head.append(terminal.bad("cooling down: \(cooling.joined(separator: ", "))")) }
        return head
    }

    private func table(
        _ rows: [TopFigures.Row], _ grouping: TopFigures.Grouping, _ figures: TopFigures, limit: Int?
    ) -> [String] {
        var table = TextTable([
            grouping.rawValue, "req/s", "in flight", "p50", "p95", "first token", "tokens/s", "$/h", "errors",
        ])
        let shown = limit.map { Array(rows.prefix($0)) } ?? rows
        for row in shown {
            table.add([
                Self.name(row.name), Self.rate(figures.rate(row.requests)), row.inFlight.map(String.init) ?? "",
                Self.duration(row.duration, 0.5), Self.duration(row.duration, 0.95),
                Self.duration(row.firstToken, 0.5), Self.rate(figures.rate(row.tokens)),
                Self.money(figures.dollarsPerHour(row)),
                row.errors == 0 ? "0" : terminal.bad("\(row.errors) (\(Self.share(row.errors, of: row.requests)))"),
            ])
        }
        var lines = table.text.split(separator: "\n").map(String.init)
        if let first = lines.first { lines[0] = terminal.faint(first) }
        if shown.count < rows.count { lines.append(terminal.faint("… \(rows.count - shown.count) more")) }
        return lines
    }

    private func budgets(_ report: TrafficReport) -> [String] {
        guard !report.gauges.budgets.isEmpty else { return [] }
        var table = TextTable(["budget", "", "spent", "of", "held", "resets"])
        let fullest = report.gauges.budgets.sorted { Self.fill($0) > Self.fill($1) }
        for budget in fullest {
            let fill = Self.fill(budget)
            let bar = Self.bar(fill)
            table.add([
                Self.name(budget.name), fill >= 1 ? terminal.bad(bar) : bar,
                Self.money(Double(budget.spentNanoUSD) / 1e9), Self.money(Double(budget.limitNanoUSD) / 1e9),
                Self.money(Double(budget.reservedNanoUSD) / 1e9),
                budget.resets.map {
                    "in " + Self.rest(max(0, $0 - report.snapshot.time) / 1_000_000_000)
                } ?? "never",
            ])
        }
        var lines = table.text.split(separator: "\n").map(String.init)
        if let first = lines.first { lines[0] = terminal.faint(first) }
        return lines
    }

    /// The share of a budget that is spent or held.
    private static func fill(_ budget: TrafficGauges.Budget) -> Double {
        budget.limitNanoUSD > 0
            ? Double(budget.spentNanoUSD + budget.reservedNanoUSD) / Double(budget.limitNanoUSD) : 1
    }

    private static func bar(_ fill: Double) -> String {
        let width = 10
        let filled = min(width, max(0, Int(fill * Double(width))))
        return "[\(String(repeating: "█", count: filled))\(String(repeating: "·", count: width - filled))]"
            + String(format: " %3.0f %%", min(fill, 99.99) * 100)
    }

    private static func rate(_ value: Double) -> String {
        value == 0 ? "0" : String(format: value < 10 ? "%.1f" : "%.0f", value)
    }

    private static func money(_ dollars: Double) -> String {
        dollars == 0 ? "$0" : String(format: abs(dollars) < 0.01 ? "$%.5f" : "$%.2f", dollars)
    }

    private static func share(_ part: Int, of whole: Int) -> String {
        whole > 0 ? String(format: "%.1f %%", Double(part) / Double(whole) * 100) : "–"
    }

    private static func duration(_ histogram: Histogram, _ quantile: Double) -> String {
        guard let nanoseconds = histogram.quantile(quantile) else { return "–" }
        return nanoseconds < 1e7
            ? String(format: "%.1f ms", nanoseconds / 1e6) : DurationText.short(seconds: nanoseconds / 1e9)
    }

    /// How long until a budget begins anew.
    private static func rest(_ seconds: Int) -> String {
        seconds >= 172_800
            ? "\(seconds / 86_400) d \(seconds % 86_400 / 3600) h" : DurationText.short(seconds: Double(seconds))
    }

    /// A name without what would change the terminal's state, at most 32 characters.
    private static func name(_ name: String) -> String {
        let safe = String(
            String.UnicodeScalarView(
                name.unicodeScalars.filter { $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) }))
        return safe.count <= 32 ? safe : safe.prefix(31) + "…"
    }

    /// A line cut to the terminal's width; escape sequences take none of it.
    private func fitted(_ line: String) -> String {
        var width = 0
        var isEscape = false
        var result = ""
        for character in line {
            if character == "\u{1B}" { isEscape = true }
            if isEscape {
                result.append(character)
                if character == "m" { isEscape = false }
                continue
            }
            guard width < columns else { continue }
            width += 1
            result.append(character)
        }
        return result
    }
}
