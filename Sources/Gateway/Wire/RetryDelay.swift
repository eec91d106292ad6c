/// Reads how long an upstream asks to be left alone.
enum RetryDelay {
    private static let longest = 86_400.0

    /// `retry-after-ms`, else `retry-after` in seconds or as a date; bounded to a day.
    static func read(now: Int, header: (String) -> String?) -> Duration? {
        if let text = header("retry-after-ms"), let milliseconds = Double(text), milliseconds.isFinite {
            return duration(milliseconds / 1000)
        }
        guard let text = header("retry-after") else { return nil }
        if let seconds = Double(text), seconds.isFinite { return duration(seconds) }
        return date(text).map { duration(Double($0 - now)) }
    }

    private static func duration(_ seconds: Double) -> Duration {
        .milliseconds(Int((min(max(seconds, 0), longest) * 1000).rounded(.up)))
    }

    /// Seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func date(_ text: String) -> Int? {
        let parts = text.split { $0 == " " || $0 == ":" || $0 == "," }
        guard parts.count == 8 || parts.count == 7, let month = months.firstIndex(of: parts[2].lowercased()) else {
            return nil
        }
        let numbers = [parts[1], parts[3], parts[4], parts[5], parts[6]].compactMap { Int($0) }
        guard numbers.count == 5, (1...31).contains(numbers[0]), (1970...9999).contains(numbers[1]) else { return nil }
        let days = daysSinceEpoch(year: numbers[1], month: month + 1, day: numbers[0])
        return days * 86_400 + numbers[2] * 3600 + numbers[3] * 60 + numbers[4]
    }

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// Counted in years that begin in March, so that the leap day is the last.
    private static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let days = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + days - 719_468
    }
}
