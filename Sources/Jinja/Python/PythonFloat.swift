#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Floats as Python writes, reads, rounds and raises them.
enum PythonFloat {
    /// The shortest digits that read back as the same float; an exponent outside 1e-4 ..< 1e16.
    static func repr(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        let text = value.description
        let magnitude = value.magnitude
        if value == 0 || (magnitude >= 1e-4 && magnitude < 1e15) { return text }
        return arranged(text)
    }

    /// Puts Swift's digits, which are the same, into Python's form.
    private static func arranged(_ text: String) -> String {
        var digits: [UInt8] = []
        var point = 0
        var exponent = 0
        var seenPoint = false
        var isNegative = false
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "."): seenPoint = true
            case UInt8(ascii: "e"):
                exponent = Int(String(Substring(rest))) ?? 0
                rest = rest[rest.endIndex...]
            default:
                if !seenPoint { point += 1 }
                digits.append(byte)
            }
        }
        while let first = digits.first, first == UInt8(ascii: "0"), digits.count > 1 {
            digits.removeFirst()
            point -= 1
        }
        while let last = digits.last, last == UInt8(ascii: "0"), digits.count > 1 { digits.removeLast() }
        point += exponent

        let all = String(decoding: digits, as: UTF8.self)
        let sign = isNegative ? "-" : ""
        guard point > -4, point <= 16 else {
            let fraction = digits.count > 1 ? "." + all.dropFirst() : ""
            let power = point - 1
            let width = power.magnitude < 10 ? "0" : ""
            return "\(sign)\(all.prefix(1))\(fraction)e\(power < 0 ? "-" : "+")\(width)\(power.magnitude)"
        }
        if point <= 0 { return "\(sign)0.\(String(repeating: "0", count: -point))\(all)" }
        if point >= digits.count { return "\(sign)\(all)\(String(repeating: "0", count: point - digits.count)).0" }
        return "\(sign)\(all.prefix(point)).\(all.dropFirst(point))"
    }

    /// What `float(text)` reads: no hexadecimal, underscores only between digits.
    static func read(_ text: String) -> Double? {
        let trimmed = PythonString.strip(text)
        let bytes = Array(trimmed.utf8)
        let unsigned =
            bytes.first == UInt8(ascii: "-") || bytes.first == UInt8(ascii: "+") ? bytes.dropFirst() : bytes[...]
        switch String(decoding: unsigned, as: UTF8.self).lowercased() {
        case "inf", "infinity": return bytes.first == UInt8(ascii: "-") ? -.infinity : .infinity
        case "nan": return .nan
        default: break
        }
        var plain: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "_"):
                guard index > 0, index + 1 < bytes.count, isDigit(bytes[index - 1]), isDigit(bytes[index + 1]) else {
                    return nil
                }
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "e"), UInt8(ascii: "E"):
                plain.append(byte)
            default: return nil
            }
        }
        return plain.contains(where: isDigit) ? Double(String(decoding: plain, as: UTF8.self)) : nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    /// `round(value, places)`: exact in the decimal digits of the binary value, ties to even.
    static func round(_ value: Double, places: Int) -> Double {
        guard value.isFinite, places < 330 else { return value }
        if places < 0 {
            guard places > -310 else { return value * 0 }
            let scale = power(10, Double(-places))
            return (value / scale).rounded(.toNearestOrEven) * scale
        }
        // 310 digits before the point, 330 after it, sign, point and the closing zero.
        var buffer = [CChar](repeating: 0, count: 700)
        let written = withVaList([Int32(places), value]) { vsnprintf(&buffer, buffer.count, "%.*f", $0) }
        guard written > 0, Int(written) < buffer.count else { return value }
        let text = String(decoding: buffer.prefix(Int(written)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return Double(text) ?? value
    }

    static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

    /// Python's `//` and `%` together: the remainder takes the divisor's sign.
    static func divide(_ left: Double, _ right: Double) -> (quotient: Double, remainder: Double) {
        var remainder = left.truncatingRemainder(dividingBy: right)
        var quotient = (left - remainder) / right
        if remainder != 0 {
            if (right < 0) != (remainder < 0) {
                remainder += right
                quotient -= 1
            }
        } else {
            remainder = Double(signOf: right, magnitudeOf: 0)
        }
        guard quotient != 0 else { return (Double(signOf: left / right, magnitudeOf: 0), remainder) }
        let floor = quotient.rounded(.down)
        return (quotient - floor > 0.5 ? floor + 1 : floor, remainder)
    }
}
