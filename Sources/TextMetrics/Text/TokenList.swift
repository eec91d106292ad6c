/// Tokens of one text, stored back to back in one array.
struct TokenList: Sendable {
    private(set) var scalars: [UInt32] = []
    private(set) var ends: [Int] = []

    var count: Int { ends.count }
    var isEmpty: Bool { ends.isEmpty }

    /// The token at a position.
    subscript(index: Int) -> ArraySlice<UInt32> { scalars[(index == 0 ? 0 : ends[index - 1])..<ends[index]] }

    /// Adds one token; an empty one is not added.
    mutating func append(_ token: some Collection<UInt32>) {
        guard !token.isEmpty else { return }
        scalars.append(contentsOf: token)
        ends.append(scalars.count)
    }

    /// Adds the parts of `text` between white space, as `str.split()` gives them.
    mutating func appendSplit(_ text: [UInt32]) {
        scalars.reserveCapacity(scalars.count + text.count)
        text.withUnsafeBufferPointer { source in
            var inside = false
            for scalar in source {
                if PythonCharacter.isSpace(scalar) {
                    if inside { ends.append(scalars.count) }
                    inside = false
                } else {
                    scalars.append(scalar)
                    inside = true
                }
            }
            if inside { ends.append(scalars.count) }
        }
    }

    /// The tokens as strings.
    var strings: [String] { (0..<count).map { ScalarText.string(self[$0]) } }
}
