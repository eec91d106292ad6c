/// Longest common subsequences of token numbers, 64 rows at a time (Hyyrö 2004).
enum CommonSubsequence {
    /// The length of the longest common subsequence.
    ///
    /// Time is proportional to `first.count / 64 × second.count`, memory to the sum of both.
    static func length(_ first: [Int32], _ second: [Int32]) -> Int {
        guard !first.isEmpty, !second.isEmpty else { return 0 }
        let largest = max(first.max() ?? 0, second.max() ?? 0)
        var masks = [UInt64](repeating: 0, count: Int(largest) + 1)
        // The carry out of each addition goes into the block below, in the same column.
        var carries = [UInt64](repeating: 0, count: second.count)
        var length = 0
        for start in stride(from: 0, to: first.count, by: 64) {
            let block = first[start..<min(start + 64, first.count)]
            for (bit, token) in block.enumerated() { masks[Int(token)] |= 1 << UInt64(bit) }
            var row = ~UInt64(0)
            for (column, token) in second.enumerated() {
                let mask = masks[Int(token)]
                let common = row & mask
                let (half, firstCarry) = row.addingReportingOverflow(common)
                let (sum, secondCarry) = half.addingReportingOverflow(carries[column])
                carries[column] = firstCarry || secondCarry ? 1 : 0
                row = sum | (row & ~mask)
            }
            let used = block.count == 64 ? ~UInt64(0) : (1 << UInt64(block.count)) - 1
            length += (~row & used).nonzeroBitCount
            for token in block { masks[Int(token)] = 0 }
        }
        return length
    }

    /// Positions in `first` of one longest common subsequence: the one that rouge-score reads out of its table.
    ///
    /// Where both ways back are equally good the last row of `first` is given up. Memory is
    /// `first.count × second.count` bits.
    static func positions(_ first: [Int32], _ second: [Int32]) -> [Int] {
        guard !first.isEmpty, !second.isEmpty else { return [] }
        let table = BitTable(first, second)
        var positions: [Int] = []
        var row = first.count
        var column = second.count
        while row > 0, column > 0 {
            if first[row - 1] == second[column - 1] {
                positions.append(row - 1)
                row -= 1
                column -= 1
            } else if table.length(row, column - 1) > table.length(row - 1, column) {
                column -= 1
            } else {
                row -= 1
            }
        }
        return positions
    }

    /// The table of lengths, one bit per cell: whether the length grows from one column to the next.
    private struct BitTable {
        private let words: Int
        private var rows: [UInt64]

        init(_ first: [Int32], _ second: [Int32]) {
            words = (second.count + 63) / 64
            rows = [UInt64](repeating: 0, count: words * (first.count + 1))
            var masks: [Int32: [UInt64]] = [:]
            for (column, token) in second.enumerated() {
                masks[token, default: [UInt64](repeating: 0, count: words)][column / 64] |= 1 << UInt64(column % 64)
            }
            var state = [UInt64](repeating: ~0, count: words)
            for (index, token) in first.enumerated() {
                if let mask = masks[token] {
                    var carry: UInt64 = 0
                    for word in 0..<words {
                        let common = state[word] & mask[word]
                        let (half, firstCarry) = state[word].addingReportingOverflow(common)
                        let (sum, secondCarry) = half.addingReportingOverflow(carry)
                        carry = firstCarry || secondCarry ? 1 : 0
                        state[word] = sum | (state[word] & ~mask[word])
                    }
                }
                for word in 0..<words { rows[(index + 1) * words + word] = ~state[word] }
            }
        }

        /// The length for the first `row` and `column` tokens.
        func length(_ row: Int, _ column: Int) -> Int {
            var count = 0
            for word in 0..<(column / 64) { count += rows[row * words + word].nonzeroBitCount }
            let rest = UInt64(column % 64)
            if rest > 0 { count += (rows[row * words + column / 64] & ((1 << rest) - 1)).nonzeroBitCount }
            return count
        }
    }
}
