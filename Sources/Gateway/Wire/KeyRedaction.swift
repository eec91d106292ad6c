/// Takes what looks like a key out of a text that a provider wrote, and bounds it.
enum KeyRedaction {
    private static let prefixes = ["sk-", "sk_", "xai-", "gsk_", "AIza", "AKIA", "ghp_", "hf_", "pk-", "eyJ", "pwg_"]
    /// Runs of letters and digits of this length or more are no words; ids of requests and models are shorter.
    private static let longestRun = 32

    /// The first `limit` characters of the text on one line, without keys.
    static func excerpt(_ text: String, limit: Int = 1000) -> String {
        let line = text.prefix(limit * 4).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        var result = ""
        var word = ""
        for character in line {
            if isPartOfWord(character) {
                word.append(character)
            } else {
                result += shown(word)
                result.append(character)
                word = ""
            }
        }
        result += shown(word)
        return result.count > limit ? result.prefix(limit) + "…" : result
    }

    /// Providers quote keys with their middle starred out (`sk-ab***yz`); those say too much as well.
    private static func isPartOfWord(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "-_*".contains(character))
    }

    private static func shown(_ word: String) -> String { looksLikeKey(word) ? "•••" : word }

    private static func looksLikeKey(_ word: String) -> Bool {
        if word.utf8.count >= 8, prefixes.contains(where: { word.hasPrefix($0) }) { return true }
        if word.contains("**") { return true }
        return word.split(whereSeparator: { $0 == "-" || $0 == "_" }).contains { run in
            run.utf8.count >= longestRun && run.contains(where: \.isNumber) && run.contains(where: \.isLetter)
        }
    }
}
