/// Character classes as the Python package `regex` defines them, through which NLTK runs most of its patterns.
///
/// They differ from ``PythonCharacter``: marks and circled letters belong to words here, fractions and superscripts do
/// not, and U+001C–U+001F are no white space.
enum RegexCharacter {
    /// `\s`: the property White_Space.
    @inline(__always)
    static func isSpace(_ scalar: UInt32) -> Bool {
        PythonCharacter.isSpace(scalar) && !(scalar >= 0x1C && scalar <= 0x1F)
    }

    /// `\w`: letters, marks, decimal digits, connecting signs and joiners.
    @inline(__always)
    static func isWord(_ scalar: UInt32) -> Bool {
        if scalar < 0x80 { return PythonCharacter.isWord(scalar) }
        return isWideWord(scalar)
    }

    private static func isWideWord(_ scalar: UInt32) -> Bool {
        guard let properties = Unicode.Scalar(scalar)?.properties else { return false }
        if properties.isAlphabetic || properties.isJoinControl { return true }
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: return true
        default: return false
        }
    }
}
