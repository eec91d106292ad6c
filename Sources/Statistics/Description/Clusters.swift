/// Which source each value came from: conversations, users, documents, templates.
///
/// Values of one cluster resemble each other, so they carry less information than as many independent ones.
package struct Clusters: Sendable, Equatable {
    /// For each value its cluster, counted from 0 in the order of first appearance.
    package let indices: [Int]
    /// How many different clusters there are.
    package let count: Int

    /// Numbers the identifiers; equal identifiers are one cluster.
    package init<Identifier: Hashable>(_ identifiers: [Identifier]) {
        var seen: [Identifier: Int] = [:]
        var indices: [Int] = []
        indices.reserveCapacity(identifiers.count)
        for identifier in identifiers {
            let index = seen[identifier] ?? seen.count
            seen[identifier] = index
            indices.append(index)
        }
        self.indices = indices
        count = seen.count
    }

    /// How many values each cluster has.
    package var sizes: [Int] {
        var sizes = [Int](repeating: 0, count: count)
        for index in indices { sizes[index] += 1 }
        return sizes
    }

    /// Whether some cluster has more than one value; otherwise clustering changes nothing.
    package var repeats: Bool { count < indices.count }

    /// The sum of the values of each cluster.
    func sums(of values: [Double]) -> [Double] {
        var sums = [Double](repeating: 0, count: count)
        for (value, index) in zip(values, indices) { sums[index] += value }
        return sums
    }
}
