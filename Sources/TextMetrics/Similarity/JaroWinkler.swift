/// Jaro's similarity of short texts such as names, raised for a common start (Winkler).
package enum JaroWinkler {
    /// The similarity between 0 and 1, with a prefix weight of 0.1 over at most four characters.
    package static func similarity(_ a: String, _ b: String) -> Double {
        let first = ScalarText(a).scalars
        let second = ScalarText(b).scalars
        let jaro = jaro(first, second)
        // Winkler's boost only applies above this similarity, as in rapidfuzz.
        guard jaro > 0.7 else { return jaro }
        let prefix = zip(first, second).prefix(4).prefix { $0.0 == $0.1 }.count
        return jaro + Double(prefix) * 0.1 * (1 - jaro)
    }

    private static func jaro(_ first: [UInt32], _ second: [UInt32]) -> Double {
        if first.isEmpty, second.isEmpty { return 1 }
        guard !first.isEmpty, !second.isEmpty else { return 0 }
        let reach = max(0, max(first.count, second.count) / 2 - 1)
        var isMatchedFirst = [Bool](repeating: false, count: first.count)
        var isMatchedSecond = [Bool](repeating: false, count: second.count)
        var matches = 0
        for index in first.indices {
            let start = max(0, index - reach)
            let end = min(second.count, index + reach + 1)
            guard start < end else { break }
            guard let partner = (start..<end).first(where: { !isMatchedSecond[$0] && second[$0] == first[index] })
            else {
                continue
            }
            isMatchedFirst[index] = true
            isMatchedSecond[partner] = true
            matches += 1
        }
        guard matches > 0 else { return 0 }
        let order = zip(first.indices.filter { isMatchedFirst[$0] }, second.indices.filter { isMatchedSecond[$0] })
        let transpositions = order.count { first[$0] != second[$1] } / 2
        let common = Double(matches)
        return
            (common / Double(first.count) + common / Double(second.count) + (common - Double(transpositions)) / common)
            / 3
    }
}
