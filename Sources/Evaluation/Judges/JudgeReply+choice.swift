import Domain
import Foundation

/// Which of two answers a judge prefers, by the place it was shown at.
package enum PairwiseChoice: String, Sendable, CaseIterable {
    case first
    case second
    case tie

    /// The same preference when both answers change places.
    package var swapped: PairwiseChoice {
        switch self {
        case .first: .second
        case .second: .first
        case .tie: .tie
        }
    }
}

extension JudgeReply {
    /// The preferred answer, or `nil` if the reply does not clearly name one.
    ///
    /// Understood are `{"winner": "A"}`, `[[B]]`, `Output (a) is better`, and a reply that names only one answer. Without
    /// `allowingTie` a reply that finds both equal names none: the judge was asked to choose.
    package func choice(allowingTie: Bool = true) -> PairwiseChoice? {
        guard let choice = statedChoice else { return nil }
        return choice == .tie && !allowingTie ? nil : choice
    }

    private var statedChoice: PairwiseChoice? {
        let keys = ["winner", "choice", "better", "preferred", "preference", "verdict"]
        for key in keys {
            guard let value = object(with: [key])?[key] else { continue }
            return Self.named(value.string ?? value.int.map(String.init) ?? "")
        }
        if let bracketed = Pattern.bracketedChoice.all(in: text).last { return Self.named(bracketed) }
        if let better = Pattern.better.all(in: text).last { return Self.named(better) }
        if let whole = Self.named(text) { return whole }
        return Self.onlyOne(in: lastSentence) ?? (text.utf8.count < 40 ? Self.onlyOne(in: text) : nil)
    }

    /// The answer a word stands for: `A`, `(b)`, `Output (a)`, `response 2`, `tie`, `C` as in `[[C]]`.
    private static func named(_ word: String) -> PairwiseChoice? {
        var bare = word.trimmed.lowercased()
        for noun in ["output", "response", "answer", "assistant", "model", "option"] where bare.hasPrefix(noun) {
            bare = String(bare.dropFirst(noun.count))
            break
        }
        switch bare.trimmingPunctuation {
        case "a", "1", "first": return .first
        case "b", "2", "second": return .second
        case "c", "tie", "equal", "both", "draw", "0": return .tie
        default: return nil
        }
    }

    /// The answer that is named, if only one is, and nothing in the text turns it around.
    private static func onlyOne(in sentence: String) -> PairwiseChoice? {
        let words = Set(sentence.lowercased().split { !$0.isLetter }.map(String.init))
        guard words.isDisjoint(with: ["not", "neither", "nor", "worse", "both", "cannot", "no", "less", "fails"]) else {
            return nil
        }
        let named = Set(Pattern.mention.all(in: sentence).compactMap(named))
        return named.count == 1 ? named.first : nil
    }

    private var lastSentence: String {
        let body = text.trimmed
        guard let cut = Pattern.sentenceStart.lastRange(in: body) else { return body }
        return String(body[cut.upperBound...])
    }
}

/// The expressions that replies are searched with.
///
/// All are linear: no part can match the same text in two ways.
struct Pattern: Sendable {
    private let expression: NSRegularExpression?

    private init(_ text: String) {
        expression = try? NSRegularExpression(pattern: text, options: [.caseInsensitive])
    }

    static let number = Pattern("(-?\\d+(?:\\.\\d+)?)")
    static let brackets = Pattern("\\[\\[\\s*(-?\\d+(?:\\.\\d+)?)\\s*\\]\\]")
    static let label = Pattern(
        "\\b(?:score|rating|grade|severity)\\b[*\"'`]*\\s*(?:is|of|:|=|-)?\\s*[*\"'`]*\\s*(-?\\d+(?:\\.\\d+)?(?:\\s*/\\s*\\d+)?)"
    )
    static let bracketedChoice = Pattern("\\[\\[\\s*(A|B|C|1|2|tie)\\s*\\]\\]")
    static let better = Pattern(
        "\\b(?:output|response|answer|assistant|option)\\s*(\\(?[ab12]\\)?)\\s+(?:is|was|does|as)\\s+"
            + "(?:the\\s+|a\\s+|clearly\\s+|slightly\\s+|much\\s+|significantly\\s+|overall\\s+)*(?:better|best|preferred|superior|winner)\\b"
    )
    static let mention = Pattern("\\b(?:output|response|answer|assistant|option)\\s*(\\([ab12]\\)|[ab12]\\b)")
    static let sentenceStart = Pattern("[.!?]\\s+|\\n+")

    /// The first group of every match, in order.
    func all(in text: String) -> [String] {
        guard let expression else { return [] }
        return expression.matches(in: text, range: NSRange(text.startIndex..., in: text)).compactMap { match in
            guard match.numberOfRanges > 1, let range = Range(match.range(at: 1), in: text) else { return nil }
            return String(text[range])
        }
    }

    func lastRange(in text: String) -> Range<String.Index>? {
        expression?.matches(in: text, range: NSRange(text.startIndex..., in: text)).last.flatMap {
            Range($0.range, in: text)
        }
    }
}
