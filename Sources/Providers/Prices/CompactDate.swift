/// Compact dates in model names: `gpt-5.2-20251211` means `gpt-5.2-2025-12-11`.
enum CompactDate {
    static func writtenOut(_ name: String) -> String {
        var bytes = Array(name.utf8)
        var place = 0
        while place + 9 <= bytes.count {
            defer { place += 1 }
            guard bytes[place] == UInt8(ascii: "-") else { continue }
            let digits = bytes[(place + 1)..<(place + 9)].map { Int($0) - 48 }
            guard digits.allSatisfy({ (0...9).contains($0) }) else { continue }
            if place + 9 < bytes.count, bytes[place + 9] != UInt8(ascii: "-"), bytes[place + 9] != UInt8(ascii: ":") {
                continue
            }
            let year = digits[0...3].reduce(0) { $0 * 10 + $1 }
            let (month, day) = (digits[4] * 10 + digits[5], digits[6] * 10 + digits[7])
            guard year / 100 == 20, (1...12).contains(month), (1...days(of: month, year)).contains(day) else {
                continue
            }
            bytes.insert(UInt8(ascii: "-"), at: place + 7)
            bytes.insert(UInt8(ascii: "-"), at: place + 5)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func days(of month: Int, _ year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }
}
