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
}
