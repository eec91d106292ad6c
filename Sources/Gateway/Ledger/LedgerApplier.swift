import Glibc
import Synchronization

/// Brings entries from the journal into the store, each exactly once.
///
/// It reads them from the journal, not from memory: a store that is away for an hour costs disk, not memory, and what
/// a start has to catch up with goes the same way. The position goes into the store with the entries, so that a
/// batch whose commit was not answered is neither lost nor added twice.
final class LedgerApplier: Sendable {
    private struct Progress {
        /// Everything before it is in the store, or is no entry.
        var position: JournalPosition
        var reader: SegmentReader?
        var file: Int32 = -1
        var oldest: Int
        /// A batch that was read but whose fate in the store is not known.
        var pending: (batch: LedgerBatch, bytes: Int)?

        mutating func leaveSegment() {
            if file >= 0 { close(file) }
            file = -1
            reader = nil
        }
    }

    private let core: LedgerCore
    private let store: any LedgerStore
    private let progress: Mutex<Progress>

    init(core: LedgerCore, store: any LedgerStore, position: JournalPosition, oldest: Int) {
        self.core = core
        self.store = store
        progress = Mutex(Progress(position: position, oldest: oldest))
    }

    deinit {
        progress.withLock { $0.leaveSegment() }
    }

    /// Applies all that is in the journal now.
    func drain() throws {
        try progress.withLock { try drain(&$0) }
    }

    /// Applies the next batch; returns how many entries it had, 0 if there was nothing to apply.
    func applyBatch() throws -> Int {
        try progress.withLock { try applyBatch(&$0) }
    }

    /// Lets `body` work while nothing is applied, with balances that hold all entries but those it is given.
    func withBalances(
        at now: Int, _ body: (inout LedgerCore.Contents, [Balance], [EntryBytes.Summary]) -> Void
    ) throws {
        try progress.withLock { progress in
            try drain(&progress)
            let balances = try store.balances(at: now)
            try core.withContents { contents throws(any Error) in
                var entries: [EntryBytes.Summary] = []
                try Self.forEachRecord(after: progress.position, to: contents.writer.position, in: core.folder) {
                    body in
                    var reader = RecordReader(body)
                    guard try reader.byte() == JournalRecord.Kind.entry.rawValue else { return }
                    _ = try reader.int()
                    entries.append(try EntryBytes.summary(&reader))
                }
                for case .entry(_, let record) in contents.unwritten {
                    entries.append(
                        .init(
                            time: record.start, amountNanoUSD: record.costNanoUSD, attribution: record.attribution))
                }
                body(&contents, balances, entries)
            }
        }
    }

    private func drain(_ progress: inout Progress) throws {
        // What comes meanwhile is not waited for, or a busy ledger would never be done.
        let end = core.withContents { $0.writer.position }
        while progress.pending != nil || progress.position.isBefore(end) { _ = try applyBatch(&progress) }
    }

    private func applyBatch(_ progress: inout Progress) throws -> Int {
        if progress.pending == nil { try readBatch(&progress) }
        guard let (batch, bytes) = progress.pending else { return 0 }
        if core.withContents({ $0.synced.isBefore(batch.position) }) {
            do throws(ErrorNumber) {
                try core.synchronize(force: true)
            } catch {
                throw LedgerFailure.system(path: core.folder.path, doing: "brought to the disk", reason: error.text)
            }
        }
        do {
            try store.apply(batch)
        } catch {
            // The commit may have come through although its answer did not.
            guard try store.position() == batch.position else { throw error }
        }
        progress.pending = nil
        core.withContents { $0.applied(entries: batch.entries.count, bytes: bytes) }
        // One segment more than needed stays: a loss of power may take the store's last commits.
        while progress.oldest < batch.position.segment - 1 {
            core.folder.remove(progress.oldest)
            progress.oldest += 1
        }
        return batch.entries.count
    }

    /// Reads the next entries; none are pending afterwards if there are none.
    private func readBatch(_ progress: inout Progress) throws {
        let end = core.withContents { contents in
            contents.applyIsDue = false
            return contents.writer.position
        }
        let start = progress.position
        var entries: [CallRecord] = []
        var bytes = 0
        do {
            while progress.position != end, entries.count < core.settings.batchLimit {
                bytes += try readSegment(&progress, to: end, into: &entries)
            }
        } catch {
            // What was read is not applied yet: it has to be read again.
            progress.leaveSegment()
            progress.position = start
            throw error
        }
        guard !entries.isEmpty else { return core.withContents { $0.applied(entries: 0, bytes: bytes) } }
        let batch = LedgerBatch(
            entries: entries, increments: Balance.increments(of: entries), position: progress.position)
        progress.pending = (batch, bytes)
    }

    /// Reads on in one segment, and steps into the next at its end; returns the bytes of the records.
    private func readSegment(
        _ progress: inout Progress, to end: JournalPosition, into entries: inout [CallRecord]
    ) throws -> Int {
        let start = progress.position
        let path = core.folder.path(ofSegment: start.segment)
        if progress.reader == nil {
            progress.file = try core.folder.open(start.segment)
            progress.reader = SegmentReader(file: progress.file, path: path, offset: start.offset)
        }
        let isLast = start.segment == end.segment
        let limit = try isLast ? end.offset : SegmentReader.size(of: progress.file)
        let stop = try progress.reader?.read(to: limit) { record, next in
            guard record.first == JournalRecord.Kind.entry.rawValue else { return true }
            do throws(RecordReader.Malformed) {
                guard case .entry(_, let entry) = try JournalRecord(record) else { return true }
                entries.append(entry)
            } catch {
                throw LedgerFailure.corrupt(
                    path: path, offset: next - record.count, what: "a record's content is of no known form")
            }
            return entries.count < core.settings.batchLimit
        }
        let offset = progress.reader?.offset ?? start.offset
        if case .broken(let what) = stop { throw LedgerFailure.corrupt(path: path, offset: offset, what: what) }
        progress.position.offset = offset
        if !isLast, offset == limit {
            progress.leaveSegment()
            progress.position.segment += 1
            progress.position.offset = SegmentHeader.size
        }
        return offset - start.offset
    }

    private static func forEachRecord(
        after start: JournalPosition, to end: JournalPosition, in folder: JournalFolder,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var position = start
        while position.isBefore(end) {
            let file = try folder.open(position.segment)
            defer { close(file) }
            let path = folder.path(ofSegment: position.segment)
            var reader = SegmentReader(file: file, path: path, offset: position.offset)
            let limit = try position.segment == end.segment ? end.offset : SegmentReader.size(of: file)
            let stop = try reader.read(to: limit) { record, _ in
                try body(record)
                return true
            }
            if case .broken(let what) = stop {
                throw LedgerFailure.corrupt(path: path, offset: reader.offset, what: what)
            }
            guard position.segment < end.segment else { return }
            position.segment += 1
            position.offset = SegmentHeader.size
        }
    }
}

extension JournalPosition {
    /// Whether it comes before another one of the same journal.
    func isBefore(_ other: Self) -> Bool {
        (segment, offset) < (other.segment, other.offset)
    }
}

extension LedgerCore.Contents {
    /// Notes what is in the store now.
    fileprivate mutating func applied(entries: Int, bytes: Int) {
        health.backlog -= entries
        health.backlogBytes -= bytes
        guard entries > 0, health.storeError != nil else { return }
        health.storeError = nil
        notices.append("the ledger's database takes entries again")
    }
}
