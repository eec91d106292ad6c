/// How many n-grams of a prediction occur in its references, for every order up to a maximum.
struct NGramOverlap: Sendable {
    /// Clipped matches per order: an n-gram counts at most as often as in the reference that has it most often.
    var matches: [Int]
    /// n-grams of the prediction per order.
    var predictionTotals: [Int]
    /// n-grams of each reference per order.
    var referenceTotals: [[Int]]

    /// Counts the overlap of token numbers.
    init(prediction: [Int32], references: [[Int32]], maxOrder: Int) {
        predictionTotals = Self.totals(count: prediction.count, maxOrder: maxOrder)
        referenceTotals = references.map { Self.totals(count: $0.count, maxOrder: maxOrder) }
        matches = []
        // An n-gram is named by its first n − 1 tokens, which have a number from the round before, and its last token.
        var names = prediction.map { _ in Int32(0) }
        var referenceNames = references.map { $0.map { _ in Int32(0) } }
        var table = GramTable(capacity: references.map(\.count).max() ?? 0)
        for order in 1...maxOrder {
            table.removeAll()
            for (index, reference) in references.enumerated() {
                table.add(reference, names: &referenceNames[index], order: order, round: Int32(index))
            }
            matches.append(table.takeMatches(of: prediction, names: &names, order: order))
        }
    }

    private static func totals(count: Int, maxOrder: Int) -> [Int] { (1...maxOrder).map { max(0, count - $0 + 1) } }
}

/// Counts n-grams of one order in an open hash table without building them.
private struct GramTable {
    private var keys: [UInt64]
    private var ids: [Int32]
    private var mask: Int
    /// By n-gram: the largest count in one reference so far, the count in the current one, and which one that is.
    private var counts: [(largest: Int32, current: Int32, round: Int32)] = []

    init(capacity: Int) {
        var size = 64
        while size < capacity * 2 { size *= 2 }
        keys = [UInt64](repeating: 0, count: size)
        ids = [Int32](repeating: 0, count: size)
        mask = size - 1
    }

    mutating func removeAll() {
        counts.removeAll(keepingCapacity: true)
        keys.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
    }

    /// Adds the n-grams of one reference, and leaves the number of the n-gram that starts at `i` in `names[i]`.
    mutating func add(_ tokens: [Int32], names: inout [Int32], order: Int, round: Int32) {
        guard tokens.count >= order else { return }
        for index in 0...(tokens.count - order) {
            let id = id(ofKey: Self.key(prefix: names[index], token: tokens[index + order - 1]), round: round)
            names[index] = id
            let position = Int(id)
            if counts[position].round != round {
                counts[position].round = round
                counts[position].current = 0
            }
            counts[position].current += 1
            counts[position].largest = max(counts[position].largest, counts[position].current)
        }
    }

    /// Matches the n-grams of the prediction, using each counted n-gram up at most once.
    mutating func takeMatches(of tokens: [Int32], names: inout [Int32], order: Int) -> Int {
        guard tokens.count >= order else { return 0 }
        var matches = 0
        for index in 0...(tokens.count - order) {
            // Where the first n − 1 tokens are in no reference, neither is the n-gram.
            guard names[index] >= 0 else { continue }
            let key = Self.key(prefix: names[index], token: tokens[index + order - 1])
            guard let id = knownID(ofKey: key) else {
                names[index] = -1
                continue
            }
            names[index] = id
            if counts[Int(id)].largest > 0 {
                counts[Int(id)].largest -= 1
                matches += 1
            }
        }
        return matches
    }

    @inline(__always)
    private static func key(prefix: Int32, token: Int32) -> UInt64 {
        // One is added so that no key is 0, which marks a free slot.
        (UInt64(UInt32(bitPattern: prefix)) + 1) << 32 | UInt64(UInt32(bitPattern: token))
    }

    @inline(__always)
    private static func hash(_ key: UInt64) -> Int {
        let mixed = key &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: (mixed ^ (mixed >> 32)) & 0x7FFF_FFFF)
    }

    private mutating func id(ofKey key: UInt64, round: Int32) -> Int32 {
        var slot = Self.hash(key) & mask
        while keys[slot] != 0 {
            if keys[slot] == key { return ids[slot] }
            slot = (slot + 1) & mask
        }
        let id = Int32(truncatingIfNeeded: counts.count)
        counts.append((0, 0, round))
        keys[slot] = key
        ids[slot] = id
        if counts.count * 2 > mask { grow() }
        return id
    }

    private func knownID(ofKey key: UInt64) -> Int32? {
        var slot = Self.hash(key) & mask
        while keys[slot] != 0 {
            if keys[slot] == key { return ids[slot] }
            slot = (slot + 1) & mask
        }
        return nil
    }

    private mutating func grow() {
        let oldKeys = keys
        let oldIDs = ids
        keys = [UInt64](repeating: 0, count: oldKeys.count * 2)
        ids = [Int32](repeating: 0, count: keys.count)
        mask = keys.count - 1
        for (index, key) in oldKeys.enumerated() where key != 0 {
            var slot = Self.hash(key) & mask
            while keys[slot] != 0 { slot = (slot + 1) & mask }
            keys[slot] = key
            ids[slot] = oldIDs[index]
        }
    }
}
