import Testing

@testable import TextMetrics

@Suite("Characters mean what they mean to Python")
struct UnicodeParityTests {
    private struct Answers: Decodable {
        let space, word, digit, upper, lower, assigned, regexSpace, regexWord: [UInt32]
        let lowered: [Lowered]

        struct Lowered: Decodable {
            let character: UInt32
            let mapped: [UInt32]

            init(from decoder: any Decoder) throws {
                var container = try decoder.unkeyedContainer()
                character = try container.decode(UInt32.self)
                mapped = try container.decode([UInt32].self)
            }
        }
    }

    /// Letters that newer versions of Unicode than Python 3.11's count as lower case, or no longer do.
    private static let changedSinceUnicode14: Set<UInt32> = [0x295, 0x10FC, 0xA7F2, 0xA7F3, 0xA7F4, 0xAB69]

    @Test("Every assigned character of the basic plane has Python's classes and lower case")
    func basicPlane() throws {
        let answers = try #require(try ReferenceProcess.output("characters", as: Answers.self).first)
        let classes: [(String, [UInt32], (UInt32) -> Bool)] = [
            ("space", answers.space, PythonCharacter.isSpace), ("word", answers.word, PythonCharacter.isWord),
            ("digit", answers.digit, PythonCharacter.isDigit), ("upper", answers.upper, PythonCharacter.isUpper),
            ("lower", answers.lower, PythonCharacter.isLower),
            ("space of regex", answers.regexSpace, RegexCharacter.isSpace),
            ("word of regex", answers.regexWord, RegexCharacter.isWord),
        ]
        for (name, expected, holds) in classes {
            let ours = Set(answers.assigned.filter(holds))
            let wrong = ours.symmetricDifference(expected).subtracting(Self.changedSinceUnicode14).sorted()
                .map { String($0, radix: 16) }
            #expect(wrong.isEmpty, "\(name): \(wrong.count) differ: \(wrong.prefix(20))")
        }
        let lowered = Dictionary(uniqueKeysWithValues: answers.lowered.map { ($0.character, $0.mapped) })
        let wrong = answers.assigned.filter { PythonLowercase.lowercased([$0]) != lowered[$0] ?? [$0] }
        #expect(wrong.isEmpty, "lower: \(wrong.map { String($0, radix: 16) })")
        #expect(answers.assigned.count > 55_000)
    }

    @Test("A sigma at the end of a word is a final one, with marks and signs after it ignored")
    func finalSigma() {
        func lowered(_ text: String) -> String {
            ScalarText.string(PythonLowercase.lowercased(ScalarText(text).scalars))
        }
        #expect(lowered("ΟΔΟΣ") == "οδος")
        #expect(lowered("ΣΑΣ ΣΑ.Σ'") == "σας σα.ς'")
        #expect(lowered("Σ") == "σ")
        #expect(lowered("İ").unicodeScalars.map(\.value) == [0x69, 0x307])
    }

    @Test("Scalars beyond the basic plane survive decoding")
    func decoding() {
        #expect(ScalarText("a😀é世").scalars == [0x61, 0x1F600, 0xE9, 0x4E16])
        #expect(ScalarText("abc").isASCII)
        #expect(!ScalarText("abç").isASCII)
    }
}
