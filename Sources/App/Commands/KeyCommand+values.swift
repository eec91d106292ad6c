import Domain
import Foundation
import Gateway

/// What a key is told on the command line.
enum KeyValues {
    /// `10/day`: a limit in US dollars and its window.
    static func budget(_ text: String) throws -> KeyBudget {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let window = BudgetWindow(rawValue: String(parts[1])),
            let limit = Quantity.nanoDollars(String(parts[0])), limit > 0
        else {
            throw invalid(
                "--budget", "an amount in US dollars and a window such as 10/day, 0.50/hour, 200/month or 1000/total",
                text)
        }
        return KeyBudget(window: window, limitNanoUSD: limit)
    }

    /// Budgets, each window once.
    static func budgets(_ texts: [String]) throws -> [KeyBudget] {
        let budgets = try texts.flatMap { try list($0).map(budget) }
        guard Set(budgets.map(\.window)).count == budgets.count else {
            throw PlainFailure(
                "ArgumentInvalid", "--budget names a window twice; give each of hour, day, month and total once")
        }
        return budgets
    }

    /// `30d`, `12h`, a day (until its end, UTC) or a moment, in nanoseconds since 1970.
    static func expiry(_ text: String, now: Int) throws -> Int {
        let wanted = "a time such as 30d or 12h, a day such as 2027-01-31, or a moment such as 2027-01-31T12:00:00Z"
        var moment: Int?
        if let duration = Quantity.duration(text) {
            let (sum, overflow) = now.addingReportingOverflow(duration.nanoseconds)
            moment = overflow ? nil : sum
        } else if text.utf8.count == 10, let day = try? Date(text, strategy: .iso8601.year().month().day()) {
            // A longer text would be read by its first ten characters.
            moment = nanoseconds(day.addingTimeInterval(86_400))
        } else if let date = try? Date(text, strategy: .iso8601) {
            moment = nanoseconds(date)
        }
        guard let moment else { throw invalid("--expires", wanted, text) }
        guard moment > now else { throw PlainFailure("ArgumentInvalid", "--expires `\(text)` is over already") }
        return moment
    }

    static func delegates(_ texts: [String]) throws -> [BudgetScope.Kind] {
        try texts.flatMap(list).map { text in
            guard let kind = BudgetScope.Kind(rawValue: text.replacing("-", with: "_")),
                [.team, .service, .useCase].contains(kind)
            else { throw invalid("--delegate", "of team, service and use_case", text) }
            return kind
        }
    }

    /// The parts of `a,b`.
    static func list(_ text: String) throws -> [String] {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: .whitespaces) }
        guard parts.allSatisfy({ !$0.isEmpty }) else {
            throw PlainFailure("ArgumentInvalid", "the list `\(text)` has an empty part; write a,b")
        }
        return parts
    }

    /// A name or a note: no control characters, at most 200 bytes.
    static func name(_ text: String?, _ option: String) throws -> String? {
        guard let text else { return nil }
        guard (1...200).contains(text.utf8.count),
            !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { throw PlainFailure("ArgumentInvalid", "\(option) must have 1 to 200 bytes and no control characters") }
        return text
    }

    static func rate(_ number: Int?, _ option: String) throws -> Int? {
        guard let number, number < 1 else { return number }
        throw PlainFailure("ArgumentInvalid", "\(option) must be 1 or more")
    }

    /// An amount of US dollars, exact to the nano-dollar.
    static func money(_ text: String, _ option: String) throws -> Int {
        guard let amount = Quantity.nanoDollars(text) else {
            throw invalid(option, "an amount in US dollars such as 0.0125, with at most nine decimals", text)
        }
        return amount
    }

    private static func nanoseconds(_ date: Date) -> Int? {
        // To the year 2262, beyond which nanoseconds do not fit.
        Int(exactly: date.timeIntervalSince1970.rounded()).flatMap { seconds in
            let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
            return overflow ? nil : nanoseconds
        }
    }

    private static func invalid(_ option: String, _ wanted: String, _ text: String) -> PlainFailure {
        PlainFailure("ArgumentInvalid", "\(option) must be \(wanted), but is `\(text)`")
    }
}
