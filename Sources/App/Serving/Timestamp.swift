import Foundation

/// Times as people and other programs read them: `2026-11-22T14:03:00.123Z`.
enum Timestamp {
    static func text(of nanoseconds: Int) -> String {
        let date = Date(timeIntervalSince1970: Double(nanoseconds) / 1e9)
        return date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
