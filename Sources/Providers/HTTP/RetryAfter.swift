import Foundation

/// Reads how long a provider asks to wait.
enum RetryAfter {
    /// The wait by `retry-after-ms`, else `retry-after` in seconds or as an HTTP date; `nil` where neither makes sense.
    static func duration(seconds text: String?, milliseconds: String?, now: Date) -> Duration? {
        if let value = milliseconds.flatMap({ Double(trimmed($0)) }), value > 0, value < 1e9 {
            return .milliseconds(Int(value.rounded(.up)))
        }
        guard let text = text.map(trimmed) else { return nil }
        // Some servers send 0 or -1 for "no idea".
        if let value = Double(text) {
            return value > 0 && value < 1e6 ? .milliseconds(Int((value * 1000).rounded(.up))) : nil
        }
        guard let date = date(text) else { return nil }
        let wait = date.timeIntervalSince(now)
        return wait > 0 && wait < 1e6 ? .milliseconds(Int(wait * 1000)) : nil
    }

    /// The time of a date in the preferred form of HTTP: `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func date(_ text: String) -> Date? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let day = Int(parts[1]), let year = Int(parts[3]) else { return nil }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let clock = parts[4].split(separator: ":").compactMap { Int($0) }
        guard let month = months.firstIndex(of: String(parts[2])), clock.count == 3 else { return nil }
        let days = daysSinceEpoch(year: year, month: month + 1, day: day)
        return Date(timeIntervalSince1970: Double(days * 86400 + clock[0] * 3600 + clock[1] * 60 + clock[2]))
    }

    /// Days from 1970-01-01 to a date of the Gregorian calendar.
    static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
        // Years are counted from March, so that the leap day is the last of its year.
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func trimmed(_ text: String) -> String { text.trimmingCharacters(in: .whitespaces) }
}
