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
        progress.withLock { if $0.file >= 0 { close($0.file) } }
    }

    /// Applies all that is in the journal now.
    func drain() throws {
        try progress.withLock { try drain(&$0) }
    }

    /// Applies the next batch; false if there was nothing to apply.
    func applyBatch() throws -> Bool {
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
        while try applyBatch(&progress) {}
    }

    private func applyBatch(_ progress: inout Progress) throws -> Bool {
        if progress.pending == nil { try readBatch(&progress) }
        guard let (batch, bytes) = progress.pending else { return false }
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
        return true
    }

    /// Reads the next entries; none are pending afterwards if there are none.
    private func readBatch(_ progress: inout Progress) throws {
        let end = core.withContents { contents in
            contents.applyIsDue = false
            return contents.writer.position
        }
        var entries: [CallRecord] = []
        var bytes = 0
        while progress.position != end, entries.count < core.settings.batchLimit {
            if progress.reader == nil { try open(&progress) }
            let isLast = progress.position.segment == end.segment
            let limit = try isLast ? end.offset : SegmentReader.size(of: progress.file)
            let start = progress.position.offset
            let path = core.folder.path(ofSegment: progress.position.segment)
            let stop = try progress.reader?.read(to: limit) { record, _ in
                guard record.first == JournalRecord.Kind.entry.rawValue else { return true }
                guard case .entry(_, let entry) = try JournalRecord(record) else { return true }
                entries.append(entry)
                return entries.count < core.settings.batchLimit
            }
            let offset = progress.reader?.offset ?? start
            progress.position.offset = offset
            bytes += offset - start
            if case .broken(let what) = stop { throw LedgerFailure.corrupt(path: path, offset: offset, what: what) }
            guard !isLast, offset == limit else { continue }
            close(progress.file)
            progress.file = -1
            progress.reader = nil
            progress.position.segment += 1
            progress.position.offset = SegmentHeader.size
        }
        guard !entries.isEmpty else { return core.withContents { $0.applied(entries: 0, bytes: bytes) } }
        let batch = LedgerBatch(
            entries: entries, increments: Balance.increments(of: entries), position: progress.position)
        progress.pending = (batch, bytes)
    }

    private func open(_ progress: inout Progress) throws {
        let number = progress.position.segment
        progress.file = try core.folder.open(number)
        progress.reader = SegmentReader(
            file: progress.file, path: core.folder.path(ofSegment: number), offset: progress.position.offset)
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
