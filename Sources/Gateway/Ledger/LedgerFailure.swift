package import Domain

/// Why a ledger cannot be opened or its journal not be used.
package enum LedgerFailure: Failure, Equatable {
    /// Another process, or another ledger of this one, has the folder.
    case folderInUse(String)
    /// The system refused something; with the path, what was tried and the reason.
    case system(path: String, doing: String, reason: String)
    /// A segment holds bytes that nobody wrote.
    case corrupt(path: String, offset: Int, what: String)
    /// A segment of a later version.
    case newer(path: String, version: Int)
    /// Journal and database are of different ledgers or of different times; with what was found.
    case mismatch(folder: String, what: String)
    /// The ledger has been closed.
    case closed

    package var code: String {
        switch self {
        case .folderInUse: "JournalInUse"
        case .system: "JournalUnusable"
        case .corrupt: "JournalCorrupt"
        case .newer: "JournalTooNew"
        case .mismatch: "JournalMismatch"
        case .closed: "LedgerClosed"
        }
    }

    package var message: String {
        switch self {
        case .folderInUse(let folder):
            "The ledger's journal in \(folder) is in use by another server. Stop it, or give this one a folder and a "
                + "database of its own."
        case .system(let path, let doing, let reason):
            "\(path) cannot be \(doing): \(reason)."
        case .corrupt(let path, let offset, let what):
            "The ledger's journal is damaged in \(path) at byte \(offset): \(what). Nothing was changed. Restore the "
                + "file from a copy, or begin a new journal, which loses what was not in the database."
        case .newer(let path, let version):
            "\(path) was written by a later Pawang (journal version \(version)). Use that version or a later one."
        case .mismatch(let folder, let what):
            "The ledger's journal in \(folder) and the database do not belong together: \(what). Nothing was changed. "
                + "Bring back the one that belongs to the other, or begin a new journal, which keeps the database's "
                + "balances as they are and sets the old segments aside."
        case .closed:
            "The ledger is closed."
        }
    }

    package var blame: Blame { .environment }
}
