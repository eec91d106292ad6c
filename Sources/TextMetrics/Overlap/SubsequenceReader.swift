/// Reads one longest common subsequence of two lines: the one that rouge-score reads out of its table.
///
/// A reader keeps its buffers between lines. Memory is the product of the two lengths in bits.
struct SubsequenceReader {
    /// Which mask a token of the second line has, −1 for none.
    private var maskByToken: [Int32]
    private var masks: [UInt64] = []
    private var state: [UInt64] = []
    /// One bit per cell of the table of lengths: whether the length grows from one column to the next.
    private var rows: [UInt64] = []
    private var words = 0

    /// Makes a reader for token numbers below `size`.
    init(size: Int) { maskByToken = [Int32](repeating: -1, count: size) }

    /// Calls `body` with the positions in `first` that belong to the subsequence, the last one first.
    ///
    /// Where both ways back through the table are equally good the last token of `first` is given up.
    mutating func forEachPosition(_ first: [Int32], _ second: [Int32], _ body: (Int) -> Void) {
        guard !first.isEmpty, !second.isEmpty else { return }
        fillMasks(second)
        fillRows(first)
        for token in second { maskByToken[Int(token)] = -1 }
        var row = first.count
        var column = second.count
        var here = length(row, column)
        while row > 0, column > 0, here > 0 {
            if first[row - 1] == second[column - 1] {
                body(row - 1)
                row -= 1
                column -= 1
                here -= 1
            } else if !grows(row, column), length(row - 1, column) < here {
                column -= 1
            } else {
                row -= 1
                here = length(row, column)
            }
        }
    }

    private mutating func fillMasks(_ second: [Int32]) {
        words = (second.count + 63) / 64
        masks.removeAll(keepingCapacity: true)
        for (column, token) in second.enumerated() {
            if maskByToken[Int(token)] < 0 {
                maskByToken[Int(token)] = Int32(truncatingIfNeeded: masks.count / words)
                for _ in 0..<words { masks.append(0) }
            }
            masks[Int(maskByToken[Int(token)]) * words + column / 64] |= 1 << UInt64(column % 64)
        }
    }

    /// The recurrence of ``CommonSubsequence``, with every row kept.
    private mutating func fillRows(_ first: [Int32]) {
        rows.removeAll(keepingCapacity: true)
        rows.reserveCapacity(words * (first.count + 1))
        state.removeAll(keepingCapacity: true)
        for _ in 0..<words {
            state.append(~0)
            rows.append(0)
        }
        for token in first {
            let mask = Int(maskByToken[Int(token)])
            if mask >= 0 { advance(mask: mask) }
            for word in 0..<words { rows.append(~state[word]) }
        }
    }

    private mutating func advance(mask: Int) {
        var carry: UInt64 = 0
        for word in 0..<words {
            let matches = masks[mask * words + word]
            let (half, firstCarry) = state[word].addingReportingOverflow(state[word] & matches)
            let (sum, secondCarry) = half.addingReportingOverflow(carry)
            carry = firstCarry || secondCarry ? 1 : 0
            state[word] = sum | (state[word] & ~matches)
        }
    }

    private func grows(_ row: Int, _ column: Int) -> Bool {
        rows[row * words + (column - 1) / 64] >> UInt64((column - 1) % 64) & 1 == 1
    }

    /// The length for the first `row` and `column` tokens.
    private func length(_ row: Int, _ column: Int) -> Int {
        var count = 0
        for word in 0..<(column / 64) { count += rows[row * words + word].nonzeroBitCount }
        let rest = UInt64(column % 64)
        if rest > 0 { count += (rows[row * words + column / 64] & ((1 << rest) - 1)).nonzeroBitCount }
        return count
    }
}
