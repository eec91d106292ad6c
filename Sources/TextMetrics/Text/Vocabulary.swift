/// Gives every distinct token a small number, so that metrics compare numbers instead of texts.
///
/// Numbers count up from 0 in the order of first appearance. Equality is exact: the hash only finds the place.
struct Vocabulary: Sendable {
    private var slots: [Int32]
    private var hashes: [UInt32] = []
    private var scalars: [UInt32] = []
    private var ends: [Int] = []
    private var mask: Int

    /// Seeded once per process, so that nobody can prepare texts whose tokens all collide.
    private static let seed = UInt64.random(in: 1...UInt64.max)

    init(minimumCapacity: Int = 256) {
        var size = 64
        while size < minimumCapacity * 2 { size *= 2 }
        slots = [Int32](repeating: -1, count: size)
        mask = size - 1
    }

    var count: Int { ends.count }

    /// The token that has a number.
    func token(_ id: Int32) -> ArraySlice<UInt32> {
        let index = Int(id)
        return scalars[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    /// The number of a token, which is new if the token was not seen before.
    mutating func id(of token: ArraySlice<UInt32>) -> Int32 {
        let hash = Self.hash(token)
        let slot = place(of: token, hash: hash)
        if slots[slot] >= 0 { return slots[slot] }
        let id = Int32(truncatingIfNeeded: ends.count)
        slots[slot] = id
        hashes.append(hash)
        scalars.append(contentsOf: token)
        ends.append(scalars.count)
        if ends.count * 2 > mask { grow() }
        return id
    }

    /// The number of a token that was seen before.
    func knownID(of token: ArraySlice<UInt32>) -> Int32? {
        let found = slots[place(of: token, hash: Self.hash(token))]
        return found >= 0 ? found : nil
    }

    /// The numbers of all tokens of a list.
    mutating func ids(of tokens: TokenList) -> [Int32] {
        var result: [Int32] = []
        result.reserveCapacity(tokens.count)
        for index in 0..<tokens.count { result.append(id(of: tokens[index])) }
        return result
    }

    private func place(of token: ArraySlice<UInt32>, hash: UInt32) -> Int {
        var slot = Int(hash) & mask
        while slots[slot] >= 0 {
            let known = slots[slot]
            if hashes[Int(known)] == hash, self.token(known).elementsEqual(token) { return slot }
            slot = (slot + 1) & mask
        }
        return slot
    }

    private mutating func grow() {
        let size = slots.count * 2
        slots = [Int32](repeating: -1, count: size)
        mask = size - 1
        for (id, hash) in hashes.enumerated() {
            var slot = Int(hash) & mask
            while slots[slot] >= 0 { slot = (slot + 1) & mask }
            slots[slot] = Int32(truncatingIfNeeded: id)
        }
    }

    private static func hash(_ token: ArraySlice<UInt32>) -> UInt32 {
        token.withUnsafeBufferPointer { values in
            var state = seed
            for value in values {
                state = (state ^ UInt64(value)) &* 0x9E37_79B9_7F4A_7C15
                state ^= state >> 29
            }
            return UInt32(truncatingIfNeeded: state >> 32)
        }
    }
}
