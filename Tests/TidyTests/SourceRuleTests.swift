import Foundation
import Testing

@Suite("Source rules")
struct SourceRuleTests {
    @Test("No forbidden word stands in the product's code")
    func forbiddenWords() throws {
        let violations = try Repository.sources().flatMap(ForbiddenWord.violations)
        #expect(violations.isEmpty, "\(violations.list)")
    }

    @Test(
        "Each forbidden word is refused",
        arguments: [
            "let value = try! load()", "let text = value as! String", "final class Box: @unchecked Sendable {}",
            "nonisolated(unsafe) var count = 0", "Task.detached { await run() }", "default: fatalError(\"no\")",
            "// TODO: later", "/// FIXME this", "public struct Open {}", "open class Base {}",
        ])
    func forbiddenWordsAreRefused(line: String) {
        #expect(
            ForbiddenWord.violations(in: SourceFile(path: "Fixture.swift", text: "\n\(line)\n")).map(\.place) == [
                "Fixture.swift:2"
            ])
    }

    @Test(
        "What only looks like a forbidden word is let through",
        arguments: [
            #"let message = "try! harder""#, "let alas = value as? String", "package struct Shown {}",
            "#expect(canvas != nil)",
        ])
    func lookAlikesPass(line: String) {
        #expect(ForbiddenWord.violations(in: SourceFile(path: "Fixture.swift", text: line)) == [])
    }

    @Test("No file of the product is longer than 500 lines without a reason")
    func fileLengths() throws {
        let files = try Repository.sources()
        let violations = files.compactMap(SizeRule.violation(ofLength:))
        #expect(violations.isEmpty, "\(violations.list)")
        #expect(
            SizeRule.longFiles.keys.allSatisfy { path in files.contains { $0.path == path } }, "a listed file is gone")
    }

    @Test("A file of 501 lines is refused and one of 500 is not")
    func longFileIsRefused() {
        let line = "let value = 1\n"
        let long = SourceFile(path: "Long.swift", text: String(repeating: line, count: 501))
        let short = SourceFile(path: "Short.swift", text: String(repeating: line, count: 500))
        #expect(SizeRule.violation(ofLength: long)?.reason.contains("501 lines") == true)
        #expect(SizeRule.violation(ofLength: short) == nil)
    }

    @Test("Every target has a README of at most 40 lines")
    func readmes() throws {
        let violations = try Repository.targets().compactMap { target in
            SizeRule.violation(ofReadme: try? Repository.text("Sources/\(target)/README.md"), target: target)
        }
        #expect(violations.isEmpty, "\(violations.list)")
    }

    @Test("A missing, an empty and a long README are refused")
    func badReadmes() {
        #expect(SizeRule.violation(ofReadme: nil, target: "Flows")?.reason.contains("missing") == true)
        #expect(SizeRule.violation(ofReadme: "# Flows\n", target: "Flows")?.reason.contains("nothing yet") == true)
        let long = String(repeating: "A line.\n", count: 41)
        #expect(SizeRule.violation(ofReadme: long, target: "Flows")?.reason.contains("41 lines") == true)
        #expect(SizeRule.violation(ofReadme: String(long.dropLast(8)), target: "Flows") == nil)
    }

    @Test("Domain stays small: at most 1,250 lines besides its JSON, JSON Schema and YAML parts")
    func domainStaysSmall() throws {
        let count = SizeRule.domainLines(try Repository.sources())
        #expect(count > 0)
        #expect(
            count <= SizeRule.largestDomain,
            "\(count) lines: a new type in Domain rebuilds two thirds of the house; can a slice own it?")
    }

    @Test("A large Domain would be noticed, and its JSON parts do not count")
    func domainCount() {
        let text = String(repeating: "\n", count: 1_501)
        #expect(SizeRule.domainLines([SourceFile(path: "Sources/Domain/Large.swift", text: text)]) == 1_501)
        #expect(SizeRule.domainLines([SourceFile(path: "Sources/Domain/JSON/Large.swift", text: text)]) == 0)
        #expect(SizeRule.domainLines([SourceFile(path: "Sources/Flows/Large.swift", text: text)]) == 0)
    }

    @Test("No placeholder test is left, and no test is switched off")
    func testsAreReal() throws {
        let files = try Repository.files(below: "Tests", extension: "swift").filter {
            !$0.path.hasPrefix("Tests/TidyTests/")
        }
        let placeholders = files.filter { $0.path.hasSuffix("/Placeholder.swift") }.map(\.path)
        #expect(placeholders == [])
        let switchedOff = files.filter { file in
            [".disabled(", "withKnownIssue", ".enabled(if"].contains { file.text.contains($0) }
        }
        #expect(switchedOff.map(\.path) == [])
    }
}
