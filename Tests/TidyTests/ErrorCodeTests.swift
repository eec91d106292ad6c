import Foundation
import Testing

@Suite("Error codes")
struct ErrorCodeTests {
    @Test("Every error code is explained in docs/reference/errors.md")
    func codesAreDocumented() throws {
        let page = try Repository.text("docs/reference/errors.md")
        let codes = try Repository.sources().flatMap(Self.codes)
        #expect(codes.count > 80, "the codes are no longer found: the forms below have changed")
        let missing = codes.filter { !page.contains("`\($0.code)`") }.map {
            Violation(
                place: $0.file, reason: "the error code `\($0.code)` is not in docs/reference/errors.md: say what to do"
            )
        }
        #expect(missing.isEmpty, "\(missing.list)")
    }

    @Test("Codes are found in every form in which they are written")
    func formsAreFound() {
        let text = """
            throw FlowFailure("FirstCode", "text")
            throw PlainFailure(
                "SecondCode", "text")
            case timeout = "ThirdCode"
            package var code: String { "FourthCode" }
            LineError(code: "FifthCode", message: "")
            case completed = "completed"
            """
        let file = SourceFile(path: "Sources/Flows/Fixture.swift", text: text)
        let wanted = ["FirstCode", "SecondCode", "ThirdCode", "FourthCode", "FifthCode"]
        #expect(Set(Self.codes(in: file).map(\.code)) == Set(wanted))
    }

    /// Where codes stand: as the first argument of a failure, as an enumeration's raw value, as the property itself.
    private static let openings = ["Failure(\"", "Error(\"", "code: String { \"", "code: \""]

    private static func codes(in file: SourceFile) -> [(code: String, file: String)] {
        let joined = file.text.split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: "\n")
        let text = joined.replacing("Failure(\n\"", with: "Failure(\"").replacing("Error(\n\"", with: "Error(\"")
        var found = openings.flatMap { text.components(between: $0, and: "\"").map(String.init) }
        for line in text.split(separator: "\n") where line.hasPrefix("case ") && line.contains(" = \"") {
            found += String(line).components(between: " = \"", and: "\"").map(String.init)
        }
        return Set(found).filter(isCode).sorted().map { ($0, file.path) }
    }

    /// Two words or more, each with a capital letter, and nothing else.
    private static func isCode(_ text: String) -> Bool {
        guard let first = text.first, first.isUppercase, text.allSatisfy({ $0.isLetter && $0.isASCII }) else {
            return false
        }
        return text.count(where: \.isUppercase) > 1 && text.contains(where: \.isLowercase)
    }
}
