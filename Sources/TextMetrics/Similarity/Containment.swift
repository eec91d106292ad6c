/// Whether a text has certain parts, and how long it is.
package enum Containment {
    /// Whether every part occurs in the text; case counts unless told otherwise.
    package static func all(_ parts: [String], in text: String, ignoringCase: Bool = false) -> Bool {
        let text = prepared(text, ignoringCase)
        return parts.allSatisfy { contains(prepared($0, ignoringCase), in: text) }
    }

    /// Whether at least one part occurs in the text; case counts unless told otherwise.
    package static func any(_ parts: [String], in text: String, ignoringCase: Bool = false) -> Bool {
        let text = prepared(text, ignoringCase)
        return parts.contains { contains(prepared($0, ignoringCase), in: text) }
    }

    /// Whether the text starts with the part.
    package static func starts(_ text: String, with part: String, ignoringCase: Bool = false) -> Bool {
        prepared(text, ignoringCase).starts(with: prepared(part, ignoringCase))
    }

    /// Whether the text ends with the part.
    package static func ends(_ text: String, with part: String, ignoringCase: Bool = false) -> Bool {
        prepared(text, ignoringCase).reversed().starts(with: prepared(part, ignoringCase).reversed())
    }

    /// The number of parts between white space.
    package static func wordCount(_ text: String) -> Int {
        var tokens = TokenList()
        tokens.appendSplit(ScalarText(text).scalars)
        return tokens.count
    }

    /// The number of Unicode scalars, which is what Python calls the length.
    package static func length(_ text: String) -> Int { text.unicodeScalars.count }

    private static func prepared(_ text: String, _ ignoringCase: Bool) -> [UInt32] {
        let scalars = ScalarText(text).scalars
        return ignoringCase ? PythonLowercase.lowercased(scalars) : scalars
    }

    /// Whether `part` occurs in `text`, in time proportional to the sum of both (Knuth, Morris and Pratt).
    static func contains(_ part: [UInt32], in text: [UInt32]) -> Bool {
        guard !part.isEmpty else { return true }
        guard part.count <= text.count else { return false }
        var border = [Int](repeating: 0, count: part.count)
        var length = 0
        for index in part.indices.dropFirst() {
            while length > 0, part[index] != part[length] { length = border[length - 1] }
            if part[index] == part[length] { length += 1 }
            border[index] = length
        }
        length = 0
        for scalar in text {
            while length > 0, scalar != part[length] { length = border[length - 1] }
            if scalar == part[length] { length += 1 }
            if length == part.count { return true }
        }
        return false
    }
}
