import Domain

/// Takes keys out of texts that a provider wrote, and bounds them.
struct Redactor: Sendable {
    private let secrets: [String]

    /// Knows the secrets of a connection.
    ///
    /// Values shorter than four characters are too common to look for.
    init(_ connection: Connection) {
        secrets = connection.secrets.values.map { $0.reveal() }.filter { $0.utf8.count >= 4 }.sorted {
            $0.count > $1.count
        }
    }

    /// The first `limit` characters of the text on one line, without keys.
    func excerpt(_ text: String, limit: Int = 300) -> String {
        var text = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for secret in secrets { text = text.replacingOccurrencesOf(secret, with: "•••") }
        text = text.split(separator: " ").map { Self.looksLikeKey($0) ? "•••" : String($0) }.joined(separator: " ")
        return text.count > limit ? text.prefix(limit) + "…" : text
    }

    /// Providers quote keys with their middle starred out (`sk-ab***yz`); those say too much as well.
    private static func looksLikeKey(_ word: Substring) -> Bool {
        let core = word.drop { !$0.isLetter }
        return core.hasPrefix("sk-") || core.hasPrefix("xai-") || core.hasPrefix("gsk_")
    }
}

extension String {
    /// This text with every occurrence of `part` replaced; compares scalars and needs no Foundation.
    func replacingOccurrencesOf(_ part: String, with replacement: String) -> String {
        guard !part.isEmpty, let first = part.utf8.first else { return self }
        let bytes = Array(utf8)
        let wanted = Array(part.utf8)
        var result: [UInt8] = []
        var place = 0
        while place < bytes.count {
            if bytes[place] == first, bytes[place...].starts(with: wanted) {
                result.append(contentsOf: replacement.utf8)
                place += wanted.count
            } else {
                result.append(bytes[place])
                place += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
