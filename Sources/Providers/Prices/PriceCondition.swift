import Domain

/// When a price holds.
enum PriceCondition: Sendable, Equatable {
    case always
    /// From midnight UTC of a day on, in days since 1970.
    case from(day: Int)
    /// Daily, in seconds after midnight UTC; may run over midnight.
    case daily(start: Int, end: Int)

    init?(_ value: JSONValue?) {
        guard let value, !value.isNull else {
            self = .always
            return
        }
        if let date = value["start_date"]?.string {
            let parts = date.split(separator: "-").compactMap { Int($0) }
            guard parts.count == 3 else { return nil }
            self = .from(day: RetryAfter.daysSinceEpoch(year: parts[0], month: parts[1], day: parts[2]))
        } else if let start = value["start_time"]?.string.flatMap(Self.seconds),
            let end = value["end_time"]?.string.flatMap(Self.seconds)
        {
            self = .daily(start: start, end: end)
        } else {
            return nil
        }
    }

    func holds(at seconds: Double) -> Bool {
        let whole = Int(seconds.rounded(.down))
        let day = whole >= 0 ? whole / 86400 : (whole - 86399) / 86400
        switch self {
        case .always: return true
        case .from(let first): return day >= first
        case .daily(let start, let end):
            let time = whole - day * 86400
            return end < start ? time >= start || time < end : time >= start && time < end
        }
    }

    /// Seconds after midnight UTC of `16:30:00Z` or `18:30:00+02:00`.
    private static func seconds(_ text: String) -> Int? {
        let parts = text.prefix(8).split(separator: ":").compactMap { Int($0) }
        guard parts.count == 3 else { return nil }
        var seconds = parts[0] * 3600 + parts[1] * 60 + parts[2]
        let zone = text.dropFirst(8)
        if let sign = zone.first, sign == "+" || sign == "-" {
            let offset = zone.dropFirst().split(separator: ":").compactMap { Int($0) }
            guard let hours = offset.first else { return nil }
            let shift = hours * 3600 + (offset.count > 1 ? offset[1] * 60 : 0)
            seconds += sign == "+" ? -shift : shift
        }
        return (seconds % 86400 + 86400) % 86400
    }
}
