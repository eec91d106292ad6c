import Glibc

/// The segments of a journal as they were found, checked to be of one ledger and without a gap.
struct JournalSegments {
    let ledger: String
    /// The first and the last one's number.
    let numbers: ClosedRange<Int>

    /// Finds them; `nil` if there are none.
    ///
    /// Removes a last segment whose header did not get to the disk: there is nothing in it.
    init?(in folder: JournalFolder) throws {
        var found = try folder.segments()
        if let last = found.last, try Self.header(of: last, in: folder) == nil {
            try Self.requireEmpty(last, in: folder)
            folder.remove(last)
            found.removeLast()
        }
        guard let first = found.first, let last = found.last else { return nil }
        numbers = first...last
        var ledger = ""
        for (expected, number) in zip(numbers, found) {
            let path = folder.path(ofSegment: expected)
            guard number == expected else {
                throw LedgerFailure.corrupt(path: path, offset: 0, what: "the segment is missing")
            }
            guard let header = try Self.header(of: number, in: folder), header.segment == number else {
                throw LedgerFailure.corrupt(path: path, offset: 0, what: "the header is damaged")
            }
            guard number == first || header.ledger == ledger else {
                throw LedgerFailure.corrupt(path: path, offset: 20, what: "the segment is of another ledger")
            }
            ledger = header.ledger
        }
        self.ledger = ledger
    }

    private static func header(of number: Int, in folder: JournalFolder) throws -> SegmentHeader? {
        let path = folder.path(ofSegment: number)
        let file = try folder.open(number)
        defer { close(file) }
        return try SegmentReader.bytes(of: file, path: path, from: 0, count: SegmentHeader.size)
            .withUnsafeBytes { try SegmentHeader($0, path: path) }
    }

    /// A damaged header before records is no torn end.
    private static func requireEmpty(_ number: Int, in folder: JournalFolder) throws {
        let path = folder.path(ofSegment: number)
        let file = try folder.open(number)
        defer { close(file) }
        let size = try SegmentReader.size(of: file)
        let reader = SegmentReader(file: file, path: path, offset: SegmentHeader.size - 1)
        guard try !reader.hasRecordBeyond(to: size) else {
            throw LedgerFailure.corrupt(path: path, offset: 0, what: "the header is damaged")
        }
    }
}
