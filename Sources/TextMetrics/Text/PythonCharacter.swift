/// Character classes as Python's `str` and `re` define them, which every reference package is built on.
///
/// A code point is passed as its number; surrogates never occur, because the numbers come from a `String`.
enum PythonCharacter {
    /// `str.isspace`, `str.split()` and `\s`: white space, plus the separators U+001C–U+001F.
    @inline(__always)
    static func isSpace(_ scalar: UInt32) -> Bool {
        if scalar < 0x80 {
            return scalar == 0x20 || (scalar >= 0x09 && scalar <= 0x0D) || (scalar >= 0x1C && scalar <= 0x1F)
        }
        return isWideSpace(scalar)
    }

    private static func isWideSpace(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    /// `\w`: letters, everything with a numeric value, and the low line, but no combining marks.
    @inline(__always)
    static func isWord(_ scalar: UInt32) -> Bool {
        if scalar < 0x80 { return isASCIILetter(scalar) || isASCIIDigit(scalar) || scalar == 0x5F }
        return isWideWord(scalar)
    }

    private static func isWideWord(_ scalar: UInt32) -> Bool {
        guard let properties = Unicode.Scalar(scalar)?.properties else { return false }
        return isLetter(properties.generalCategory) || properties.numericType != nil
    }

    private static func isLetter(_ category: Unicode.GeneralCategory) -> Bool {
        switch category {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }

    /// `\d`: decimal digits of every script.
    @inline(__always)
    static func isDigit(_ scalar: UInt32) -> Bool {
        if scalar < 0x80 { return isASCIIDigit(scalar) }
        return Unicode.Scalar(scalar)?.properties.generalCategory == .decimalNumber
    }

    @inline(__always)
    static func isASCIIDigit(_ scalar: UInt32) -> Bool { scalar >= 0x30 && scalar <= 0x39 }

    @inline(__always)
    static func isASCIILetter(_ scalar: UInt32) -> Bool { (scalar | 0x20) >= 0x61 && (scalar | 0x20) <= 0x7A }

    /// `string.punctuation`: the 32 ASCII signs and nothing else.
    @inline(__always)
    static func isASCIIPunctuation(_ scalar: UInt32) -> Bool {
        scalar > 0x20 && scalar < 0x7F && !isASCIILetter(scalar) && !isASCIIDigit(scalar)
    }

    /// `str.isupper` of one character.
    static func isUpper(_ scalar: UInt32) -> Bool {
        if scalar < 0x80 { return scalar >= 0x41 && scalar <= 0x5A }
        return Unicode.Scalar(scalar)?.properties.isUppercase ?? false
    }

    /// `str.islower` of one character.
    static func isLower(_ scalar: UInt32) -> Bool {
        if scalar < 0x80 { return scalar >= 0x61 && scalar <= 0x7A }
        return Unicode.Scalar(scalar)?.properties.isLowercase ?? false
    }

    /// The letter a pattern under `re.IGNORECASE` compares, for ASCII patterns.
    ///
    /// Four characters outside ASCII are equal to an ASCII letter there: `İ` and `ı` to i, `ſ` to s, the
    /// Kelvin sign to k.
    @inline(__always)
    static func folded(_ scalar: UInt32) -> UInt32 {
        if scalar < 0x80 { return scalar >= 0x41 && scalar <= 0x5A ? scalar | 0x20 : scalar }
        switch scalar {
        case 0x130, 0x131: return 0x69
        case 0x17F: return 0x73
        case 0x212A: return 0x6B
        default: return scalar
        }
    }
}
