extension PythonString {
    static func upper(_ text: String) -> String {
        mapped(text) {
            $0.properties.uppercaseMapping
        } ascii: {
            $0 &- 0x61 < 26 ? $0 ^ 0x20 : $0
        }
    }

    static func lower(_ text: String) -> String {
        guard text.unicodeScalars.contains("Σ") else {
            return mapped(text) {
                $0.properties.lowercaseMapping
            } ascii: {
                $0 &- 0x41 < 26 ? $0 ^ 0x20 : $0
            }
        }
        let scalars = Array(text.unicodeScalars)
        return scalars.indices.map { lower(scalars, at: $0) }.joined()
    }

    /// First character in title case, all others lower, as `str.capitalize`.
    static func capitalize(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        guard let first = scalars.first else { return "" }
        return first.properties.titlecaseMapping + scalars.indices.dropFirst().map { lower(scalars, at: $0) }.joined()
    }

    /// Each run of letters in title case, as `str.title`; the filter `title` has other rules.
    static func title(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var result = ""
        var afterCased = false
        for index in scalars.indices {
            result += afterCased ? lower(scalars, at: index) : scalars[index].properties.titlecaseMapping
            afterCased = scalars[index].properties.isCased
        }
        return result
    }

    /// The filter `title`: a word begins after whitespace or one of `-({[<`; its first character is made upper.
    static func titleWords(_ text: String) -> String {
        var result = ""
        var word: [Unicode.Scalar] = []
        func finishWord() {
            guard let first = word.first else { return }
            result += first.properties.uppercaseMapping + lower(string(word.dropFirst()))
            word = []
        }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "-", "(", "{", "[", "<":
                finishWord()
                result.unicodeScalars.append(scalar)
            case _ where PythonCharacter.isSpace(scalar):
                finishWord()
                result.unicodeScalars.append(scalar)
            default: word.append(scalar)
            }
        }
        finishWord()
        return result
    }

    /// Whether all letters with a case are lower (or upper), and there is one.
    static func isLower(_ text: String) -> Bool { isCased(text) { $0.isLowercase } }

    static func isUpper(_ text: String) -> Bool { isCased(text) { $0.isUppercase } }

    private static func isCased(_ text: String, _ matches: (Unicode.Scalar.Properties) -> Bool) -> Bool {
        var hasMatch = false
        for scalar in text.unicodeScalars {
            let properties = scalar.properties
            if matches(properties) {
                hasMatch = true
            } else if properties.isLowercase || properties.isUppercase || properties.generalCategory == .titlecaseLetter
            {
                return false
            }
        }
        return hasMatch
    }

    private static func mapped(
        _ text: String, _ map: (Unicode.Scalar) -> String, ascii: (UInt8) -> UInt8
    ) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return String(decoding: text.utf8.map(ascii), as: UTF8.self) }
        var result = ""
        for scalar in text.unicodeScalars { result += map(scalar) }
        return result
    }

    /// A capital sigma that ends a word has a small form of its own.
    private static func lower(_ scalars: [Unicode.Scalar], at index: Int) -> String {
        guard scalars[index] == "Σ" else { return scalars[index].properties.lowercaseMapping }
        let before = scalars[..<index].last { !$0.properties.isCaseIgnorable }
        let after = scalars[(index + 1)...].first { !$0.properties.isCaseIgnorable }
        let isFinal = (before?.properties.isCased ?? false) && !(after?.properties.isCased ?? false)
        return isFinal ? "ς" : "σ"
    }
}
