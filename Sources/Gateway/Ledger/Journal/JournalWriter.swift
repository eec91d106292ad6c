import Glibc

/// Appends records to the journal's last segment.
///
/// A record that could not be written whole is as if it had never been: the next one takes its place.
struct JournalWriter: Sendable {
    let folder: JournalFolder
    let ledger: String
    /// The last segment and where the next record goes in it.
    private(set) var segment: Int
    private(set) var offset: Int
    private(set) var file: Int32
    /// Bytes appended since the ledger was opened.
    private(set) var appendedBytes = 0
    private let system: JournalSystem
    private var scratch = RecordWriter()

    init(folder: JournalFolder, ledger: String, segment: Int, offset: Int, file: Int32, system: JournalSystem) {
        self.folder = folder
        self.ledger = ledger
        self.segment = segment
        self.offset = offset
        self.file = file
        self.system = system
        scratch.bytes.reserveCapacity(4096)
    }

    var position: JournalPosition { JournalPosition(ledger: ledger, segment: segment, offset: offset) }

    mutating func append(_ record: JournalRecord) throws(ErrorNumber) {
        scratch.frame(record)
        do {
            try scratch.bytes.withUnsafeBufferPointer { (bytes) throws(ErrorNumber) in
                try system.writeAll(file, UnsafeRawBufferPointer(bytes), at: offset)
            }
        } catch {
            // Only for tidiness: what is left of the record is overwritten by the next one, or cut off at the start.
            ftruncate(file, offset)
            throw error
        }
        offset += scratch.bytes.count
        appendedBytes += scratch.bytes.count
    }

    /// Closes the file; nothing can be appended any longer.
    mutating func closeFile() {
        close(file)
        file = -1
    }

    /// Begins the next segment with records that must not be only in earlier ones, and returns the file of the old one,
    /// which is the caller's to sync and to close.
    ///
    /// The new one is complete before anything is written to it but by this; if it cannot be made, all is as before.
    mutating func begin(
        _ prepared: PreparedSegment, carrying records: [JournalRecord]
    ) throws(ErrorNumber) -> Int32 {
        guard ftruncate(file, offset) == 0 else { throw .last }
        var next = self
        next.segment = prepared.number
        next.file = prepared.file
        next.offset = SegmentHeader.size
        for record in records { try next.append(record) }
        let old = file
        self = next
        return old
    }
}

/// A new segment that holds its header and is on the disk.
struct PreparedSegment: Sendable {
    let number: Int
    let file: Int32

    init(_ number: Int, of ledger: String, in folder: JournalFolder, system: JournalSystem) throws(ErrorNumber) {
        self.number = number
        file = try folder.create(number)
        do {
            let header = SegmentHeader(ledger: ledger, segment: number).bytes
            try header.withUnsafeBufferPointer { (bytes) throws(ErrorNumber) in
                try system.writeAll(file, UnsafeRawBufferPointer(bytes), at: 0)
            }
            try system.syncAll(file)
            try folder.sync()
        } catch {
            discard(in: folder)
            throw error
        }
    }

    /// Takes the segment away again.
    func discard(in folder: JournalFolder) {
        close(file)
        folder.remove(number)
    }
}

extension RecordWriter {
    /// Replaces the bytes by a record with its length and checksum before it.
    mutating func frame(_ record: JournalRecord) {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: [0, 0, 0, 0, 0, 0, 0, 0])
        record.write(to: &self)
        let length = bytes.count - SegmentReader.frameSize
        precondition(length <= JournalRecord.limit, "a record's parts are bounded, so that the whole is")
        bytes.withUnsafeMutableBytes { all in
            let body = UnsafeRawBufferPointer(rebasing: all[SegmentReader.frameSize...])
            let checksum = SegmentReader.checksum(length: length, body)
            all.storeBytes(of: UInt32(length).littleEndian, as: UInt32.self)
            all.storeBytes(of: checksum.littleEndian, toByteOffset: 4, as: UInt32.self)
        }
    }
}
