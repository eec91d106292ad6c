/// Numbers in answers: finding the final one, and how near two numbers are.
package enum Numbers {
    /// 1 − |a − b| / (|a| + |b|), and 1 for two zeros: `NumericDiff` of autoevals.
    ///
    /// The result is not a number if an operand is not finite.
    package static func similarity(_ a: Double, _ b: Double) -> Double {
        a == 0 && b == 0 ? 1 : 1 - abs(b - a) / (abs(b) + abs(a))
    }

    /// The number an answer ends with, or `nil` if it has none.
    ///
    /// A number after the last `####` counts first, as in GSM8K, then one after the last line that starts with `A:`,
    /// then the last number of the text. Thousands separators and a currency sign are not part of the value.
    package static func final(in text: String) -> Double? {
        let scalars = ScalarText(text).scalars
        if let mark = lastMark("####", in: scalars), let number = first(in: scalars[mark...]) { return number }
        if let mark = lastMark("\nA:", in: [0x0A] + scalars), let number = first(in: scalars[(mark - 1)...]) {
            return number
        }
        return all(in: scalars[...]).last
    }

    /// All numbers of a text in order, with the same rules.
    package static func all(in text: String) -> [Double] { all(in: ScalarText(text).scalars[...]) }

    static func all(in text: ArraySlice<UInt32>) -> [Double] {
        var numbers: [Double] = []
        var index = text.startIndex
        while index < text.endIndex {
            if let (value, end) = number(in: text, at: index) {
                numbers.append(value)
                index = end
            } else {
                index += 1
            }
        }
        return numbers
    }

    private static func first(in text: ArraySlice<UInt32>) -> Double? {
        for index in text.indices { if let (value, _) = number(in: text, at: index) { return value } }
        return nil
    }

    /// Where the text after the last mark starts.
    private static func lastMark(_ mark: StaticString, in text: [UInt32]) -> Int? {
        let mark = mark.scalarValues
        guard text.count >= mark.count else { return nil }
        for start in stride(from: text.count - mark.count, through: 0, by: -1) where text.starts(with: mark, at: start)
        {
            return start + mark.count
        }
        return nil
    }

    /// An optional minus, digits with commas before three digits each, and an optional fraction.
    private static func number(in text: ArraySlice<UInt32>, at start: Int) -> (value: Double, end: Int)? {
        var index = start
        var digits = ""
        if isMinus(in: text, at: index) {
            digits = "-"
            index += 1
            if index < text.endIndex, text[index] == 0x24 { index += 1 }
        }
        if index < text.endIndex, text[index] == 0x2E, isDigit(in: text, at: index + 1) {
            digits += "0"
        } else {
            guard isDigit(in: text, at: index) else { return nil }
        }
        while true {
            if isDigit(in: text, at: index) {
                digits.unicodeScalars.append(Unicode.Scalar(UInt8(truncatingIfNeeded: text[index])))
                index += 1
            } else if index < text.endIndex, text[index] == 0x2C, isGroup(in: text, at: index + 1) {
                index += 1
            } else {
                break
            }
        }
        if index < text.endIndex, text[index] == 0x2E, isDigit(in: text, at: index + 1) {
            digits += "."
            index += 1
            while isDigit(in: text, at: index) {
                digits.unicodeScalars.append(Unicode.Scalar(UInt8(truncatingIfNeeded: text[index])))
                index += 1
            }
        }
        return Double(digits).map { ($0, index) }
    }

    private static func isDigit(in text: ArraySlice<UInt32>, at index: Int) -> Bool {
        index < text.endIndex && PythonCharacter.isASCIIDigit(text[index])
    }

    /// A dash between numbers or letters is no minus.
    private static func isMinus(in text: ArraySlice<UInt32>, at index: Int) -> Bool {
        guard text[index] == 0x2D || text[index] == 0x2212 else { return false }
        guard index > text.startIndex else { return true }
        return !PythonCharacter.isWord(text[index - 1]) && text[index - 1] != 0x29
    }

    private static func isGroup(in text: ArraySlice<UInt32>, at index: Int) -> Bool {
        (0..<3).allSatisfy { isDigit(in: text, at: index + $0) } && !isDigit(in: text, at: index + 3)
    }
}
