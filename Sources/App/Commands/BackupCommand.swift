import ArgumentParser
import Domain
import Foundation
import GatewayServer
import Glibc
import Registry
import Stores

/// `pawang backup`: the whole database in one file.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy the database into one file, also while a server runs.",
        discussion: """
            The copy is checked before it gets its name. What a running server has in its ledger's journal but not yet in the \
            database is not in the copy. PostgreSQL has pg_dump for this.
            """)

    @OptionGroup var place: DatabaseOption

    @Argument(help: "The file to write.")
    var file: String

    @Flag(name: .long, help: "Replace the file if it is there.")
    var force = false

    @Flag(name: .long, help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let store = try place.file(
            advice:
                "PostgreSQL is backed up with its own tool: pg_dump --format=custom --file=\(file) \"$PAWANG_DATABASE\""
        )
        guard FileManager.default.fileExists(atPath: store) else {
            throw PlainFailure("BackupFailed", "there is no database at `\(store)` yet, so nothing to back up")
        }
        guard force || !FileManager.default.fileExists(atPath: file) else {
            throw PlainFailure("BackupFailed", "`\(file)` is there already; choose another name, or use --force")
        }
        try SQLiteDatabase(path: store).backUp(to: file)
        var information = stat()
        let bytes = stat(file, &information) == 0 ? Int(information.st_size) : 0
        if json {
            Terminal.standard.print(
                JSONValue.object(["file": .string(file), "store": .string(store), "bytes": .int(bytes)]).text())
        } else {
            Terminal.standard.print("\(store) is backed up and checked: \(file), \(bytes) bytes")
        }
    }
}

/// `pawang restore`: a backup in the place of the database.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put a backup in the place of the database.",
        discussion: """
            The backup is checked first. What it replaces is kept beside it. No server may be running. After that a server's \
            ledger journal does not fit the database any more; `pawang serve` says what to do with it.
            """)

    @OptionGroup var place: DatabaseOption

    @Argument(help: "The backup.")
    var file: String

    @Flag(name: .long, help: "Replace a database that is there.")
    var force = false

    @Flag(name: .long, help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let store = try place.file(
            advice:
                "PostgreSQL is restored with its own tool: pg_restore --clean --if-exists --dbname=\"$PAWANG_DATABASE\" \(file)"
        )
        guard FileManager.default.fileExists(atPath: file) else {
            throw PlainFailure("RestoreRefused", "the backup `\(file)` does not exist; check the path")
        }
        try SQLiteBackup.check(file)
        guard force || !FileManager.default.fileExists(atPath: store) else {
            throw PlainFailure(
                "RestoreRefused", "there is a database at `\(store)`; with --force it is replaced, and kept beside it")
        }
        let (workspace, environment) = try place.place()
        guard !LedgerLock.isHeld(folder: workspace.ledgerFolder(environment: environment)) else {
            throw PlainFailure("RestoreRefused", "a server is running; stop it, then restore")
        }
        let time = Timestamp.text(of: SystemClock.nanoseconds()).filter { $0.isNumber || $0 == "T" }
        let kept = try SQLiteBackup.restore(file, to: store, keeping: ".replaced-\(time)")
        if json {
            Terminal.standard.print(
                JSONValue.object([
                    "file": .string(file), "store": .string(store), "kept": kept.map { .string($0) } ?? .null,
                ]).text())
        } else {
            Terminal.standard.print("\(store) is restored from \(file)")
            if let kept { Terminal.standard.print("what was there is \(kept)") }
        }
    }
}

/// The lock that a running server holds on its ledger's folder.
enum LedgerLock {
    static func isHeld(folder: String) -> Bool {
        let descriptor = open(folder + "/lock", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_EX | LOCK_NB) != 0
    }
}
