package import Domain
import Foundation

/// What a judge's reply says, however it was written.
///
/// What cannot be read with certainty is `nil`, never a guess.
package struct JudgeReply: Sendable {
    /// Replies are read up to here.
    static let maximumBytes = 200_000

    package let text: String
    private let objects: [JSONObject]

    package init(_ text: String) {
        self.text = Self.withoutThinking(
            String(text.utf8.prefix(Self.maximumBytes)) ?? String(text.prefix(Self.maximumBytes / 4)))
        objects = LenientJSON.objects(in: self.text)
    }

    /// The last object that has one of these members: what comes before may be quoted from the judged text.
    package func object(with keys: [String]) -> JSONObject? {
        objects.last { object in keys.contains { object.contains($0) } }
    }

    /// The reason that the reply gives, or `nil`.
    package var reason: String? {
        for key in ["reason", "reasoning", "explanation", "justification", "rationale"] {
            if let reason = object(with: [key])?[key]?.string { return reason }
        }
        return Tag.last("S1", in: text)
    }

    private static let scoreKeys = ["score", "rating", "grade", "verdict", "severity"]

    /// The score on a scale, or `nil` if there is none, it is off the scale, or two different ones are equally good.
    ///
    /// Understood are `{"score": 4}`, `<S2>4</S2>`, `[[4]]`, `Score: 4`, `Rating: 4/5`, and a reply that is just a number.
    package func score(on scale: ClosedRange<Double>) -> Double? {
        func within(_ number: Double?) -> Double? { number.flatMap { scale.contains($0) ? $0 : nil } }
        for key in Self.scoreKeys {
            if let value = object(with: [key])?[key] {
                let score = within(value.double ?? value.string.flatMap { Self.number(in: $0, scale) })
                // An object that is quoted from the judged text, before another verdict, must not pass for the judge's own.
                guard let later = labelledAfterObjects(scale), later != score else { return score }
                return nil
            }
        }
        if let tagged = Tag.last("S2", in: text) { return within(Self.firstNumber(in: tagged)) }
        // An object without a known member, or cut off, is a failed answer, not a text to search.
        if text.contains("{"), text.contains("\"") { return within(labelledAfterObjects(scale)) }
        return within(bracketed(scale) ?? labelled(text, scale) ?? Self.number(in: text, scale))
    }

    private func labelledAfterObjects(_ scale: ClosedRange<Double>) -> Double? {
        text.lastIndex(of: "}").flatMap { labelled(String(text[$0...]), scale) }
    }

    private func bracketed(_ scale: ClosedRange<Double>) -> Double? {
        Pattern.brackets.all(in: text).last.flatMap { Double($0) }
    }

    private func labelled(_ text: String, _ scale: ClosedRange<Double>) -> Double? {
        let labels = Pattern.label.all(in: text)
        guard let last = labels.last else { return nil }
        return Self.number(in: last, scale)
    }

    /// A text that is one number, perhaps with its scale: `4`, `4.5`, `4/5`, `**4**`.
    private static func number(in text: String, _ scale: ClosedRange<Double>) -> Double? {
        let bare = text.trimmed.filter { !"*`\"'".contains($0) }
        var parts = bare.split(separator: "/", omittingEmptySubsequences: false).map { String($0).trimmed }
        if parts.count == 2, Double(parts[1]) == scale.upperBound { parts.removeLast() }
        guard parts.count == 1 else { return nil }
        let digits = parts[0].hasSuffix(".") ? String(parts[0].dropLast()) : parts[0]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E || $0 == 0x2D }) else {
            return nil
        }
        return Double(digits)
    }

    private static func firstNumber(in text: String) -> Double? {
        Pattern.number.all(in: text).first.flatMap { Double($0) }
    }

    /// The value of a yes-or-no verdict, or `nil`.
    package var flag: Bool? {
        let keys = ["verdict", "passed", "pass", "result", "answer", "score"]
        guard let object = object(with: keys) else { return Self.flag(text) }
        for key in keys {
            switch object[key] {
            case .bool(let flag)?: return flag
            case .string(let word)?: if let flag = Self.flag(word) { return flag }
            case .int(1)?: return true
            case .int(0)?: return false
            default: continue
            }
        }
        return nil
    }

    private static func flag(_ word: String) -> Bool? {
        switch word.trimmed.lowercased().trimmingPunctuation {
        case "yes", "true", "pass", "passed": true
        case "no", "false", "fail", "failed": false
        default: nil
        }
    }

    /// What stands behind a reasoning model's thoughts.
    ///
    /// Thoughts that do not end have no answer behind them.
    private static func withoutThinking(_ text: String) -> String {
        for tag in ["think", "thinking"] where text.trimmed.hasPrefix("<\(tag)>") {
            guard let end = text.range(of: "</\(tag)>") else { return "" }
            return String(text[end.upperBound...])
        }
        return text
    }
}

/// Text between `<NAME>` and `</NAME>`.
enum Tag {
    /// The content of the last such pair.
    static func last(_ name: String, in text: String) -> String? {
        guard let start = text.range(of: "<\(name)>", options: .backwards) else { return nil }
        guard let end = text.range(of: "</\(name)>", range: start.upperBound..<text.endIndex) else { return nil }
        return String(text[start.upperBound..<end.lowerBound]).trimmed
    }
}

extension String {
    /// Without punctuation and marks of emphasis at both ends.
    var trimmingPunctuation: String { trimmingCharacters(in: .punctuationCharacters.union(.whitespacesAndNewlines)) }
}
