/// The character classes of the NIST tokenizer.
enum NISTCharacters {
    @inline(__always)
    static func isNotNumber(_ scalar: UInt32) -> Bool { has(scalar, .notNumber) }

    @inline(__always)
    static func isPunctuation(_ scalar: UInt32) -> Bool { has(scalar, .punctuation) }

    @inline(__always)
    static func isSymbol(_ scalar: UInt32) -> Bool { has(scalar, .symbol) }

    private struct Classes: OptionSet {
        let rawValue: UInt8
        static let notNumber = Classes(rawValue: 1)
        static let punctuation = Classes(rawValue: 2)
        static let symbol = Classes(rawValue: 4)
    }

    @inline(__always)
    private static func has(_ scalar: UInt32, _ wanted: Classes) -> Bool {
        scalar < 0x10000 && table[Int(scalar)] & wanted.rawValue != 0
    }

    /// One byte for each character of the basic plane: 64 KB, so that no search is needed.
    private static let table: [UInt8] = {
        var table = [UInt8](repeating: 0, count: 0x10000)
        let classes: [([UInt16], Classes)] = [
            (NISTRanges.notNumber, .notNumber), (NISTRanges.punctuation, .punctuation), (NISTRanges.symbol, .symbol),
        ]
        for (bounds, member) in classes {
            for index in stride(from: 0, to: bounds.count, by: 2) {
                for scalar in bounds[index]...bounds[index + 1] { table[Int(scalar)] |= member.rawValue }
            }
        }
        return table
    }()
}
