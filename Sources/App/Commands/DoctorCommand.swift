import ArgumentParser
import Domain
import Foundation
import Gateway
import GatewayServer
import Glibc
import Registry
import Stores

/// `pawang doctor`: whether everything a server needs is well.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check configuration, database, disk, journal and clock.",
        discussion:
            "Changes nothing but the schema of an older database. Exit status: 0 all is well; 3 something is not.")

    @OptionGroup var place: DatabaseOption

    @Flag(name: .long, help: "Print one JSON object.")
    var json = false

    func run() async throws {
        let terminal = Terminal.standard
        let findings = Examination(place).findings
        if json {
            let rows = findings.map { finding in
                JSONValue.object([
                    "check": .string(finding.check), "ok": .bool(finding.isGood), "detail": .string(finding.detail),
                ])
            }
            terminal.print(
                JSONValue.object(["ok": .bool(findings.allSatisfy(\.isGood)), "checks": .array(rows)]).text())
        } else {
            for finding in findings {
                let mark = finding.isGood ? terminal.good("✓") : terminal.bad("✗")
                terminal.print("\(mark) \(finding.check): \(finding.detail)")
            }
        }
        if !findings.allSatisfy(\.isGood) { throw ExitCode(Blame.environment.rawValue) }
    }
}

/// The checks, each with what was found.
private struct Examination {
    struct Finding {
        var check: String
        var isGood: Bool
        var detail: String
    }

    private static let bytesWanted = 256 << 20
    private(set) var findings: [Finding] = []

    init(_ place: DatabaseOption) {
        check("configuration") { try Self.configuration() }
        var database: (any SQLDatabase)?
        check("database") {
            let opened = try place.open()
            database = opened
            return "\(opened.name) opens, and its schema is that of this Pawang"
        }
        if let database {
            check("integrity") { try Self.integrity(database) }
            check("clock") { try Self.clock(database) }
        }
        check("disk") { try Self.disk(place) }
        check("journal") { try Self.journal(place) }
    }

    private mutating func check(_ name: String, _ body: () throws -> String) {
        do {
            findings.append(Finding(check: name, isGood: true, detail: try body()))
        } catch {
            let text = (error as? any Failure)?.message ?? "\(error)"
            findings.append(Finding(check: name, isGood: false, detail: text))
        }
    }

    private static func configuration() throws -> String {
        let configuration = try LoadedConfiguration.load().checked()
        return "\(configuration.models.count) models and \(configuration.budgets.count) budgets can be read"
    }

    private static func integrity(_ database: any SQLDatabase) throws -> String {
        guard let file = database as? SQLiteDatabase else {
            // PostgreSQL checks pages itself; that it can be written to is what we have to know.
            let isReadOnly = try database.write { try $0.query("SHOW transaction_read_only").first?.text(0) }
            guard isReadOnly == "off" else { throw problem("it is read-only; give the address of the primary") }
            return "it can be written to"
        }
        let problems = try file.problems()
        guard problems.isEmpty else { throw problem("\(problems[0]); restore a backup with `pawang restore`") }
        return "no page is damaged"
    }

    private static func clock(_ database: any SQLDatabase) throws -> String {
        let now = SystemClock.nanoseconds()
        // 2026-01-01 and 2100-01-01.
        guard (1_767_225_600_000_000_000..<4_102_444_800_000_000_000).contains(now) else {
            throw problem("it says \(Timestamp.text(of: now)); set it, and keep it set with NTP")
        }
        if let last = try SQLLedgerStore(database).latest(limit: 1).first, last.start > now + 3_600_000_000_000 {
            throw problem(
                "it says \(Timestamp.text(of: now)), but the last call began at \(Timestamp.text(of: last.start)); set it"
            )
        }
        return "it says \(Timestamp.text(of: now))"
    }

    private static func disk(_ place: DatabaseOption) throws -> String {
        let (workspace, environment) = try place.place()
        var folder = (workspace.storePath(environment: environment) as NSString).deletingLastPathComponent
        while !folder.isEmpty, folder != "/", !FileManager.default.fileExists(atPath: folder) {
            folder = (folder as NSString).deletingLastPathComponent
        }
        var information = statvfs()
        guard statvfs(folder.isEmpty ? "." : folder, &information) == 0 else {
            throw problem("`\(folder)` cannot be looked at: \(String(cString: strerror(errno)))")
        }
        let free = Int(information.f_bavail) * Int(information.f_frsize)
        guard free >= bytesWanted else {
            throw problem(
                "only \(free >> 20) MiB are free at `\(folder)`; make room for at least \(bytesWanted >> 20) MiB")
        }
        return "\(free >> 20) MiB are free at `\(folder)`"
    }

    private static func journal(_ place: DatabaseOption) throws -> String {
        let (workspace, environment) = try place.place()
        let folder = workspace.ledgerFolder(environment: environment)
        guard !LedgerLock.isHeld(folder: folder) else { return "`\(folder)` is in use by a running server" }
        guard FileManager.default.fileExists(atPath: folder) else {
            let parent = (folder as NSString).deletingLastPathComponent
            guard access(parent, W_OK) == 0 || !FileManager.default.fileExists(atPath: parent) else {
                throw problem("`\(folder)` cannot be made; check the permissions of `\(parent)`")
            }
            return "`\(folder)` is made by the first server"
        }
        let file = folder + "/.doctor-\(getpid())"
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw problem(
                "`\(folder)` cannot be written to: \(String(cString: strerror(errno))); check its permissions")
        }
        close(descriptor)
        unlink(file)
        return "`\(folder)` can be written to"
    }

    private static func problem(_ text: String) -> PlainFailure {
        PlainFailure("DoctorFoundProblem", text, blame: .environment)
    }
}
