/// The number of positions at which two texts differ; what one text is longer than the other differs too.
package enum Hamming {
    /// The distance in Unicode scalars.
    package static func distance(_ a: String, _ b: String) -> Int {
        let first = ScalarText(a).scalars
        let second = ScalarText(b).scalars
        return zip(first, second).count { $0 != $1 } + abs(first.count - second.count)
    }

    /// 1 − distance / length of the longer text; 1 for two empty texts.
    package static func similarity(_ a: String, _ b: String) -> Double {
        let longest = max(a.unicodeScalars.count, b.unicodeScalars.count)
        return longest == 0 ? 1 : 1 - Double(distance(a, b)) / Double(longest)
    }
}
