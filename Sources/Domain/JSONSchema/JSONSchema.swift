import Foundation

/// A JSON Schema that values can be checked against: draft 2020-12, and draft 7 where `$schema` says so.
///
/// References stay within the document. A keyword that would change the verdict but is not supported is an error when the
/// schema is read, never ignored; `format` and the annotations (`title`, `default`…) never change the verdict.
package struct JSONSchema: Sendable {
    /// What is wrong with a schema, and where in it, as a JSON Pointer.
    package struct Problem: Failure, Equatable {
        package let path: String
        package let problem: String

        package var code: String { "JSONSchemaInvalid" }
        package var blame: Blame { .request }
        package var message: String { "The JSON Schema is wrong at `\(path.isEmpty ? "/" : path)`: \(problem)." }
    }

    /// One way in which a value breaks the schema.
    package struct Violation: Sendable, Hashable, CustomStringConvertible {
        /// The JSON Pointer of the offending part of the value; empty for the whole value.
        package let path: String
        /// The keyword that is broken; `false` where the schema allows nothing.
        package let keyword: String
        package let message: String

        package var description: String { "\(path.isEmpty ? "/" : path): \(message)" }
    }

    /// The dialects that differ in what keywords mean.
    package enum Draft: Sendable {
        case draft7
        case draft2020
    }

    /// The schema as it was given.
    package let document: JSONValue
    package let draft: Draft
    /// The compiled `pattern` and `patternProperties`.
    let patterns: [String: BoundedPattern]
    /// What a `$ref` leads to.
    let targets: [String: JSONValue]

    /// Reads a schema.
    ///
    /// Throws if a keyword is malformed or unsupported, a pattern is wrong, or a reference leads nowhere.
    package init(_ document: JSONValue) throws(Problem) {
        draft = try Self.draft(of: document)
        var reader = JSONSchemaReader(document: document, draft: draft)
        try reader.read()
        self.document = document
        patterns = reader.patterns
        targets = reader.targets
    }

    /// The dialect that `$schema` names; a vocabulary of one's own could mean anything.
    private static func draft(of document: JSONValue) throws(Problem) -> Draft {
        guard let name = document["$schema"] else { return .draft2020 }
        switch name.string.map({ $0.hasSuffix("#") ? String($0.dropLast()) : $0 }) {
        case "https://json-schema.org/draft/2020-12/schema": return .draft2020
        case "http://json-schema.org/draft-07/schema", "https://json-schema.org/draft-07/schema": return .draft7
        default:
            throw Problem(path: "/$schema", problem: "only drafts 7 and 2020-12 are supported, not \(name.excerpt)")
        }
    }

    /// Every way in which `value` breaks the schema, in order of the schema's keywords, at most `limit`.
    package func violations(of value: JSONValue, limit: Int = 100) -> [Violation] {
        var checker = JSONSchemaChecker(schema: self, limit: limit)
        checker.check(value, against: document, path: "", depth: 0)
        return checker.violations
    }

    /// Whether `value` satisfies the schema.
    package func accepts(_ value: JSONValue) -> Bool { violations(of: value, limit: 1).isEmpty }
}

/// A regular expression whose search stops after a bounded amount of work.
///
/// ICU's engine backtracks; it calls back every 10,000 steps, and a few hundred of these calls end the search. A search
/// that is stopped counts as not matching, and says so.
package struct BoundedPattern: Sendable {
    /// What a search found.
    package enum Outcome: Sendable, Equatable {
        /// A match, and its text.
        case match(String)
        case noMatch
        /// Too much work, or the text is too long.
        case gaveUp
    }

    /// Texts longer than this, in UTF-16 units, are not searched.
    package static let maximumLength = 10_000_000
    private static let maximumTicks = 400
    private static let maximumPatternLength = 20_000

    private let expression: NSRegularExpression

    /// Compiles a pattern, or returns `nil` if it is malformed or longer than 20,000 characters.
    package init?(_ pattern: String, ignoresCase: Bool = false) {
        guard pattern.utf8.count <= Self.maximumPatternLength,
            let expression = try? NSRegularExpression(pattern: pattern, options: ignoresCase ? [.caseInsensitive] : [])
        else { return nil }
        self.expression = expression
    }

    /// Looks for the first match anywhere in `text`; with `whole`, for one that covers all of it.
    package func search(_ text: String, whole: Bool = false) -> Outcome { find(in: text, whole: whole, group: 0) }

    /// Looks for the first match and gives its first group, or all of it where the pattern has no group that took part.
    package func firstGroup(in text: String) -> Outcome { find(in: text, whole: false, group: 1) }

    private func find(in text: String, whole: Bool, group: Int) -> Outcome {
        let length = text.utf16.count
        guard length <= Self.maximumLength else { return .gaveUp }
        var outcome = Outcome.noMatch
        var ticks = 0
        expression.enumerateMatches(
            in: text, options: [.reportProgress], range: NSRange(location: 0, length: length)
        ) { match, _, stop in
            if let match {
                if whole, match.range.length != length { return }
                let isGroup = group < match.numberOfRanges && match.range(at: group).location != NSNotFound
                let range = isGroup ? match.range(at: group) : match.range
                outcome = .match(Range(range, in: text).map { String(text[$0]) } ?? "")
                stop.pointee = true
            } else {
                ticks += 1
                guard ticks > Self.maximumTicks else { return }
                outcome = .gaveUp
                stop.pointee = true
            }
        }
        return outcome
    }
}
