extension BudgetWindow {
    private static let hourNanoseconds = 3_600_000_000_000
    private static let dayNanoseconds = 86_400_000_000_000

    /// The first nanosecond of the window that holds `time`, both since 1970 in UTC; 0 for `total`.
    package func start(at time: Int) -> Int {
        switch self {
        case .hour: time.flooredToMultiple(of: Self.hourNanoseconds)
        case .day: time.flooredToMultiple(of: Self.dayNanoseconds)
        case .month:
            CalendarDay(containing: time).firstOfMonth.nanoseconds
        case .total: 0
        }
    }

    /// The first nanosecond after the window that holds `time`; `nil` for `total`, which never ends.
    package func end(at time: Int) -> Int? {
        switch self {
        case .hour: time.flooredToMultiple(of: Self.hourNanoseconds) + Self.hourNanoseconds
        case .day: time.flooredToMultiple(of: Self.dayNanoseconds) + Self.dayNanoseconds
        case .month: CalendarDay(containing: time).firstOfNextMonth.nanoseconds
        case .total: nil
        }
    }
}

/// A day of the Gregorian calendar in UTC.
///
/// Unix time has no leap seconds, so every day has 86,400 seconds.
struct CalendarDay: Equatable {
    var year: Int
    var month: Int
    var day: Int

    init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// The day in which a time lies, in nanoseconds since 1970.
    init(containing time: Int) {
        // Counted in eras of 400 years that begin on a first of March, so that the leap day is a year's last.
        let days = time.flooredToMultiple(of: 86_400_000_000_000) / 86_400_000_000_000 + 719_468
        let era = days.flooredToMultiple(of: 146_097) / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    var firstOfMonth: Self { Self(year: year, month: month, day: 1) }

    var firstOfNextMonth: Self {
        month == 12 ? Self(year: year + 1, month: 1, day: 1) : Self(year: year, month: month + 1, day: 1)
    }

    /// The day's first nanosecond since 1970.
    var nanoseconds: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear.flooredToMultiple(of: 400) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return (era * 146_097 + dayOfEra - 719_468) * 86_400_000_000_000
    }
}

extension Int {
    /// The greatest multiple that is not above.
    func flooredToMultiple(of step: Int) -> Int {
        let rest = self % step
        return rest < 0 ? self - rest - step : self - rest
    }
}

/// Times and amounts as texts for messages.
enum LedgerText {
    /// `2026-12-01T00:00:00Z`, cut to the second.
    static func time(_ nanoseconds: Int) -> String {
        let day = CalendarDay(containing: nanoseconds)
        let seconds = (nanoseconds - day.nanoseconds) / 1_000_000_000
        let date = "\(padded(day.year, 4))-\(padded(day.month, 2))-\(padded(day.day, 2))"
        return "\(date)T\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))Z"
    }

    /// `1.25 USD`, exact.
    static func money(_ nanoUSD: Int) -> String {
        let magnitude = nanoUSD.magnitude
        var fraction = padded(Int(magnitude % 1_000_000_000), 9)[...]
        while fraction.count > 2, fraction.last == "0" { fraction.removeLast() }
        return "\(nanoUSD < 0 ? "-" : "")\(magnitude / 1_000_000_000).\(fraction) USD"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
