/// Whether two texts are the same, after what the mode leaves aside.
package enum ExactMatch {
    /// What does not count as a difference.
    package enum Mode: Sendable, Equatable {
        /// Everything counts.
        case raw
        /// White space at both ends does not count.
        case trimmed
        /// Compared as SQuAD does: case, ASCII punctuation, articles and white space do not count.
        case squad
        /// Compared as the `exact_match` metric of the package `evaluate` does, with its three switches.
        case ignoring(Ignored)
    }

    /// Differences that do not count.
    package struct Ignored: OptionSet, Sendable {
        package let rawValue: Int
        package init(rawValue: Int) { self.rawValue = rawValue }
        package static let letterCase = Ignored(rawValue: 1)
        /// The 32 ASCII signs.
        package static let punctuation = Ignored(rawValue: 2)
        /// The ten ASCII digits.
        package static let digits = Ignored(rawValue: 4)
    }

    /// Whether the texts are the same.
    package static func matches(_ prediction: String, _ reference: String, mode: Mode = .trimmed) -> Bool {
        normalized(prediction, mode) == normalized(reference, mode)
    }

    /// Whether the prediction is the same as one of the references.
    package static func matches(_ prediction: String, anyOf references: [String], mode: Mode = .trimmed) -> Bool {
        let prediction = normalized(prediction, mode)
        return references.contains { normalized($0, mode) == prediction }
    }

    private static func normalized(_ text: String, _ mode: Mode) -> [UInt32] {
        let scalars = ScalarText(text)
        switch mode {
        case .raw: return scalars.scalars
        case .trimmed: return Array(scalars.scalars.withoutOuterSpace)
        case .squad:
            let tokens = SquadNormalizer.tokens(of: scalars)
            return Array((0..<tokens.count).map { tokens[$0] }.joined(separator: [0x20]))
        case .ignoring(let ignored):
            let cased = ignored.contains(.letterCase) ? PythonLowercase.lowercased(scalars.scalars) : scalars.scalars
            return cased.filter {
                !(ignored.contains(.punctuation) && PythonCharacter.isASCIIPunctuation($0))
                    && !(ignored.contains(.digits) && PythonCharacter.isASCIIDigit($0))
            }
        }
    }
}
