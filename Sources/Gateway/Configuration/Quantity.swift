/// Reads and writes amounts with their units: times, sizes, money, shares.
///
/// Whole numbers throughout: money is read digit by digit into nano-dollars and never becomes a floating-point number.
package enum Quantity {
    private static let durations: [(unit: String, nanoseconds: Int)] = [
        ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000),
        ("ms", 1_000_000),
    ]
    private static let sizes: [(unit: String, bytes: Int)] = [
        ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1),
    ]

    /// A time such as `250ms`, `30s`, `10m`, `2h` or `1d`: a whole number and one unit.
    package static func duration(_ text: String) -> Duration? {
        guard let (number, unit) = split(text), let found = durations.first(where: { $0.unit == unit }) else {
            return nil
        }
        let (nanoseconds, overflow) = number.multipliedReportingOverflow(by: found.nanoseconds)
        return overflow ? nil : .nanoseconds(nanoseconds)
    }

    /// A size such as `512KiB`, `32MiB`, `1GiB` or `100B`.
    package static func bytes(_ text: String) -> Int? {
        guard let (number, unit) = split(text), let found = sizes.first(where: { $0.unit == unit }) else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: found.bytes)
        return overflow ? nil : bytes
    }

    /// Money such as `200 USD` or `0.05 USD`, in nano-dollars: at most nine decimals, no sign.
    package static func nanoUSD(_ text: String) -> Int? {
        let trimmed = text.drop { $0 == " " }
        guard trimmed.hasSuffix("USD") else { return nil }
        let number = trimmed.dropLast(3).reversed().drop { $0 == " " }.reversed()
        return nanoDollars(String(number))
    }

    /// A plain number of dollars such as `200` or `0.05`, in nano-dollars.
    package static func nanoDollars(_ text: String) -> Int? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = natural(parts[0]) else { return nil }
        var nano = 0
        if parts.count == 2 {
            guard (1...9).contains(parts[1].utf8.count), let fraction = natural(parts[1]) else { return nil }
            nano = fraction
            for _ in parts[1].utf8.count..<9 { nano *= 10 }
        }
        let (dollars, overflow) = whole.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = dollars.addingReportingOverflow(nano)
        return overflow || carry ? nil : sum
    }

    /// A share such as `20%` or `12.5%`, in parts of one; from 0 to 100 %.
    package static func share(_ text: String) -> Double? {
        guard text.hasSuffix("%"), let nano = nanoDollars(String(text.dropLast())), nano <= 100_000_000_000 else {
            return nil
        }
        return Double(nano) / 100_000_000_000
    }

    /// The shortest of ``duration(_:)``'s texts that says the same; what is below a millisecond is cut off.
    package static func text(of duration: Duration) -> String {
        let nanoseconds = duration.nanoseconds
        guard nanoseconds != 0 else { return "0s" }
        for (unit, size) in durations where nanoseconds % size == 0 { return "\(nanoseconds / size)\(unit)" }
        return "\(nanoseconds / 1_000_000)ms"
    }

    /// The shortest of ``bytes(_:)``'s texts that says the same.
    package static func text(ofBytes bytes: Int) -> String {
        guard bytes != 0 else { return "0B" }
        for (unit, size) in sizes where bytes % size == 0 { return "\(bytes / size)\(unit)" }
        return "\(bytes)B"
    }

    /// Exactly: `200 USD`, `0.05 USD`.
    package static func text(ofNanoUSD nano: Int) -> String {
        let amount = nano.magnitude
        var fraction = String(amount % 1_000_000_000)
        fraction = String(repeating: "0", count: 9 - fraction.count) + fraction
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(nano < 0 ? "-" : "")\(amount / 1_000_000_000)\(fraction.isEmpty ? "" : ".\(fraction)") USD"
    }

    /// `20%`, `12.5%`.
    package static func text(ofShare share: Double) -> String {
        let percent = share * 100
        let rounded = (percent * 1000).rounded() / 1000
        return rounded == rounded.rounded() ? "\(Int(rounded))%" : "\(rounded)%"
    }

    private static func split(_ text: String) -> (number: Int, unit: String)? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = natural(digits) else { return nil }
        let unit = text.dropFirst(digits.count).drop { $0 == " " }
        return (number, String(unit))
    }

    /// A number of plain digits; a sign or a separator is none.
    private static func natural(_ digits: some StringProtocol) -> Int? {
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return Int(digits)
    }
}
