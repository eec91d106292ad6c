import Domain

/// A rule of the price data about which names mean a model or provider.
///
/// Compared in lower case.
indirect enum MatchClause: Sendable, Equatable {
    case equals(String)
    case startsWith(String)
    case endsWith(String)
    case contains(String)
    case regex(String)
    case any([MatchClause])
    case all([MatchClause])

    /// Reads a rule; `nil` if it is of a kind we do not know, which then matches nothing.
    init?(_ value: JSONValue?) {
        guard let members = value?.object, let (key, value) = members.first(where: { _ in true }) else { return nil }
        switch (key, value) {
        case ("equals", .string(let text)): self = .equals(text.lowercased())
        case ("starts_with", .string(let text)): self = .startsWith(text.lowercased())
        case ("ends_with", .string(let text)): self = .endsWith(text.lowercased())
        case ("contains", .string(let text)): self = .contains(text.lowercased())
        case ("regex", .string(let text)): self = .regex(text)
        case ("or", .array(let clauses)): self = .any(clauses.compactMap(MatchClause.init))
        case ("and", .array(let clauses)):
            let parsed = clauses.compactMap(MatchClause.init)
            guard parsed.count == clauses.count else { return nil }
            self = .all(parsed)
        default: return nil
        }
    }

    /// Whether a name, already in lower case, is meant.
    func matches(_ name: String) -> Bool {
        switch self {
        case .equals(let text): name == text
        case .startsWith(let text): name.utf8.starts(with: text.utf8)
        case .endsWith(let text): name.utf8.reversed().starts(with: text.utf8.reversed())
        case .contains(let text): Self.contains(Array(name.utf8), Array(text.utf8))
        // Few rules have one and answers are kept, so it is compiled when it is wanted.
        case .regex(let pattern): (try? Regex(pattern).firstMatch(in: name)) != nil
        case .any(let clauses): clauses.contains { $0.matches(name) }
        case .all(let clauses): clauses.allSatisfy { $0.matches(name) }
        }
    }

    private static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
        guard part.count <= text.count else { return false }
        return (0...(text.count - part.count)).contains { text[$0...].starts(with: part) }
    }
}
