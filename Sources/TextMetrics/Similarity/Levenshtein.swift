/// The least number of insertions, deletions and substitutions of Unicode scalars between two texts.
package enum Levenshtein {
    /// The distance.
    ///
    /// Time is proportional to `a.count / 64 × b.count`, memory to the sum of both.
    package static func distance(_ a: String, _ b: String) -> Int {
        distance(ScalarText(a).scalars, ScalarText(b).scalars)
    }

    /// 1 − distance / length of the longer text; 1 for two empty texts.
    package static func similarity(_ a: String, _ b: String) -> Double {
        similarity(ScalarText(a).scalars, ScalarText(b).scalars)
    }

    static func similarity(_ a: [UInt32], _ b: [UInt32]) -> Double {
        let longest = max(a.count, b.count)
        // Written as rapidfuzz does, whose last bit this keeps.
        return longest == 0 ? 1 : 1 - Double(distance(a, b)) / Double(longest)
    }

    static func distance(_ a: [UInt32], _ b: [UInt32]) -> Int {
        var start = 0
        while start < a.count, start < b.count, a[start] == b[start] { start += 1 }
        var endA = a.count
        var endB = b.count
        while endA > start, endB > start, a[endA - 1] == b[endB - 1] {
            endA -= 1
            endB -= 1
        }
        let first = a[start..<endA]
        let second = b[start..<endB]
        if first.isEmpty || second.isEmpty { return first.count + second.count }
        return first.count <= second.count ? blockDistance(first, second) : blockDistance(second, first)
    }

    /// Myers' bit-vector algorithm (1999), 64 rows of the table at a time, as Hyyrö (2003) joins the blocks.
    private static func blockDistance(_ pattern: ArraySlice<UInt32>, _ text: ArraySlice<UInt32>) -> Int {
        let (rows, columns, size) = numbered(pattern, text)
        var masks = [UInt64](repeating: 0, count: size)
        // What the block above hands down in each column: the step from its last row's column to the next, +1 or −1.
        var increases = [UInt64](repeating: 1, count: columns.count)
        var decreases = [UInt64](repeating: 0, count: columns.count)
        for start in stride(from: 0, to: rows.count, by: 64) {
            let block = rows[start..<min(start + 64, rows.count)]
            for (bit, row) in block.enumerated() { masks[Int(row)] |= 1 << UInt64(bit) }
            step(block.count, columns, masks: masks, increases: &increases, decreases: &decreases)
            for row in block { masks[Int(row)] = 0 }
        }
        return rows.count + increases.reduce(0) { $0 + Int($1) } - decreases.reduce(0) { $0 + Int($1) }
    }

    /// Computes one block for all columns.
    private static func step(
        _ rows: Int, _ columns: [Int32], masks: [UInt64], increases: inout [UInt64], decreases: inout [UInt64]
    ) {
        let last = UInt64(rows - 1)
        var positive = ~UInt64(0)
        var negative: UInt64 = 0
        masks.withUnsafeBufferPointer { masks in
            increases.withUnsafeMutableBufferPointer { increases in
                decreases.withUnsafeMutableBufferPointer { decreases in
                    for (index, column) in columns.enumerated() {
                        let matches = masks[Int(column)]
                        let up = increases[index]
                        let down = decreases[index]
                        let vertical = matches | negative
                        let equal = matches | down
                        let horizontal = (((equal & positive) &+ positive) ^ positive) | equal
                        var plus = negative | ~(horizontal | positive)
                        var minus = positive & horizontal
                        increases[index] = (plus >> last) & 1
                        decreases[index] = (minus >> last) & 1
                        plus = plus << 1 | up
                        minus = minus << 1 | down
                        positive = minus | ~(vertical | plus)
                        negative = plus & vertical
                    }
                }
            }
        }
    }

    /// Numbers the scalars from 0, so that masks lie in an array.
    private static func numbered(
        _ pattern: ArraySlice<UInt32>, _ text: ArraySlice<UInt32>
    ) -> (rows: [Int32], columns: [Int32], size: Int) {
        var ascii = [Int32](repeating: -1, count: 128)
        var wide: [UInt32: Int32] = [:]
        var size: Int32 = 0
        func number(_ scalar: UInt32) -> Int32 {
            if scalar < 128 {
                if ascii[Int(scalar)] < 0 {
                    ascii[Int(scalar)] = size
                    size += 1
                }
                return ascii[Int(scalar)]
            }
            if let known = wide[scalar] { return known }
            wide[scalar] = size
            size += 1
            return size - 1
        }
        let rows = pattern.map(number)
        let columns = text.map(number)
        return (rows, columns, Int(size))
    }
}
