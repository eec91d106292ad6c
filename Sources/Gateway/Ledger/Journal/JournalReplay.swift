import Glibc

/// Goes through the journal from the segment of a position on, and finds what is open and what is not in the store.
struct JournalReplay {
    /// Reservations that were dispatched and did not end, by serial: where their dispatch stands.
    private var open: [Int: Place] = [:]
    private var enlargements: [Int: (amount: Int, outputTokens: Int)] = [:]
    /// The greatest serial seen.
    private(set) var lastSerial = 0
    /// Entries after the position, and bytes of all records after it.
    private(set) var entries = 0
    private(set) var bytes = 0
    /// Where the journal ends.
    private(set) var end: JournalPosition
    private let folder: JournalFolder

    private struct Place {
        var segment: Int
        /// After the record's frame.
        var offset: Int
        var count: Int
    }

    /// Gives each entry after `applied` to `post`.
    ///
    /// A torn end of the journal is cut off in the file. Throws if anything else is no record, or if no record ends at
    /// `applied`.
    init(
        _ segments: JournalSegments, in folder: JournalFolder, after applied: JournalPosition,
        _ post: (EntryBytes.Summary) -> Void
    ) throws {
        self.folder = folder
        end = applied
        var meetsApplied = applied.offset == SegmentHeader.size
        for number in applied.segment...segments.numbers.upperBound {
            let isLast = number == segments.numbers.upperBound
            let path = folder.path(ofSegment: number)
            let file = try folder.open(number, forWriting: isLast)
            defer { close(file) }
            let size = try SegmentReader.size(of: file)
            var reader = SegmentReader(file: file, path: path, offset: SegmentHeader.size)
            let stop = try reader.read(to: size) { record, offset in
                let isNew = number > applied.segment || offset > applied.offset
                if offset == applied.offset, number == applied.segment { meetsApplied = true }
                if isNew { bytes += record.count + SegmentReader.frameSize }
                do throws(RecordReader.Malformed) {
                    try take(
                        record, Place(segment: number, offset: offset - record.count, count: record.count), isNew, post)
                } catch {
                    throw LedgerFailure.corrupt(
                        path: path, offset: offset - record.count, what: "a record's content is of no known form")
                }
                return true
            }
            if case .broken(let what) = stop {
                guard try isLast && !reader.hasRecordBeyond(to: size) else {
                    throw LedgerFailure.corrupt(path: path, offset: reader.offset, what: what)
                }
                guard meetsApplied else { break }
                guard ftruncate(file, reader.offset) == 0 else {
                    throw LedgerFailure.system(path: path, doing: "cut to its records", reason: ErrorNumber.last.text)
                }
            }
            end = JournalPosition(ledger: segments.ledger, segment: number, offset: reader.offset)
        }
        guard meetsApplied else {
            throw LedgerFailure.mismatch(
                folder: folder.path,
                what: "the database holds entries up to segment \(applied.segment), byte \(applied.offset), where the "
                    + "journal has none; it is older than the database")
        }
    }

    /// The calls whose end was not seen, in the order in which they were admitted, at their whole reservations.
    func unreconciled() throws -> [(serial: Int, entry: CallRecord)] {
        try open.sorted { $0.key < $1.key }.map { serial, place in
            let file = try folder.open(place.segment)
            defer { close(file) }
            let path = folder.path(ofSegment: place.segment)
            let bytes = try SegmentReader.bytes(of: file, path: path, from: place.offset, count: place.count)
            guard case .dispatch(var reserved, let facts) = try bytes.withUnsafeBytes(JournalRecord.init) else {
                throw LedgerFailure.corrupt(path: path, offset: place.offset, what: "a record has changed")
            }
            if let (amount, outputTokens) = enlargements[serial] {
                if reserved.amountNanoUSD != nil { reserved.amountNanoUSD = amount }
                reserved.outputTokens = outputTokens
            }
            return (serial, reserved.unreconciled(facts))
        }
    }

    private mutating func take(
        _ record: UnsafeRawBufferPointer, _ place: Place, _ isNew: Bool, _ post: (EntryBytes.Summary) -> Void
    ) throws(RecordReader.Malformed) {
        var reader = RecordReader(record)
        guard let kind = JournalRecord.Kind(rawValue: try reader.byte()) else { throw RecordReader.Malformed() }
        let serial = try reader.int()
        lastSerial = max(lastSerial, serial)
        switch kind {
        case .dispatch:
            open[serial] = place
            // One that is carried into a later segment holds its enlargements already.
            if !enlargements.isEmpty { enlargements[serial] = nil }
        case .enlargement: enlargements[serial] = (try reader.int(), try reader.int())
        case .void, .entry:
            open[serial] = nil
            if !enlargements.isEmpty { enlargements[serial] = nil }
            guard kind == .entry, isNew else { return }
            entries += 1
            post(try EntryBytes.summary(&reader))
        }
    }
}
