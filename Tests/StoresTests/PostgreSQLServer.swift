import Foundation
import Glibc
import Synchronization

@testable import Stores

/// A PostgreSQL server of the tests' own, in a temporary folder, on a port that is free.
///
/// It asks for a password. It ends with the process; a shell beside it sees to that even after a crash.
final class PostgreSQLServer: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static let password = "secret %1/@"
    private static let programs = "/usr/lib/postgresql/15/bin"
    private let folder: TemporaryFolder
    private let port: Int
    private let count = Mutex(0)

    private static let shared = Result { try PostgreSQLServer() }

    /// The server that most tests use.
    static func common() throws -> PostgreSQLServer { try shared.get() }

    init() throws {
        guard FileManager.default.fileExists(atPath: Self.programs + "/initdb") else {
            throw Failure(description: "PostgreSQL is missing: install Debian's package postgresql-15")
        }
        folder = try TemporaryFolder()
        port = try Self.freePort()
        try folder.write("password", Self.password)
        try Self.run(["chown", "-R", Self.user, folder.path], "")
        try asServer(
            """
            \(Self.programs)/initdb -D data -U pawang -A scram-sha-256 --pwfile=password -E UTF8 --locale=C.UTF-8 \
            --no-sync --no-instructions
            """)
        try start()
    }

    deinit { try? asServer("\(Self.programs)/pg_ctl -D data stop -m immediate") }

    /// Starts the server, and a shell that stops it when we are gone.
    func start(settings: String = "") throws {
        try asServer(
            """
            \(Self.programs)/pg_ctl -D data -l log -w start -o "-p \(port) -k '' -c listen_addresses=127.0.0.1 \
            -c fsync=off -c max_connections=300 -c deadlock_timeout=20ms -c shared_buffers=16MB \(settings)"
            (while test -d /proc/\(getpid()); do sleep 1; done
            \(Self.programs)/pg_ctl -D data stop -m immediate; rm -rf \(folder.path)) >/dev/null 2>&1 </dev/null &
            """)
    }

    /// Ends all its processes at once, as a crash does.
    func kill() throws {
        try asServer(
            """
            first=$(head -1 data/postmaster.pid); children=$(pgrep -P $first)
            kill -9 $first $children
            while kill -0 $first 2>/dev/null; do sleep 0.02; done
            for child in $children; do while kill -0 $child 2>/dev/null; do sleep 0.02; done; done
            rm -f data/postmaster.pid
            """)
    }

    /// Makes a database and returns its URL.
    func makeDatabase() throws -> String {
        let name = count.withLock { count in
            count += 1
            return "test\(count)"
        }
        try asServer(
            "PGPASSWORD=\"$(cat password)\" \(Self.programs)/createdb -h 127.0.0.1 -p \(port) -U pawang \(name)")
        return url(database: name)
    }

    /// The URL of a database, whether there is one or not.
    func url(database: String, password: String = PostgreSQLServer.password) -> String {
        let escaped = password.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return "postgres://pawang:\(escaped)@127.0.0.1:\(port)/\(database)"
    }

    /// Runs a script as the server's user, in its folder.
    private func asServer(_ script: String) throws {
        let command = getuid() == 0 ? ["runuser", "-u", Self.user, "--", "bash", "-e"] : ["bash", "-e"]
        try Self.run(command, "cd \(folder.path)\n" + script)
    }

    /// PostgreSQL refuses to run as root.
    private static let user = getuid() == 0 ? "postgres" : NSUserName()

    /// Runs a command to its end with `input` as its standard input.
    ///
    /// Not with Foundation's `Process`: that waits for everything the command leaves behind, too.
    private static func run(_ command: [String], _ input: String) throws {
        let name = FileManager.default.temporaryDirectory.appending(path: "pawang-postgres-\(UUID().uuidString)").path
        defer { for file in [name + ".in", name + ".out"] { unlink(file) } }
        try Data(input.utf8).write(to: URL(filePath: name + ".in"))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, name + ".in", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, name + ".out", O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var arguments = (["/usr/bin/env"] + command).map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var process: pid_t = 0
        var status: Int32 = -1
        guard posix_spawn(&process, "/usr/bin/env", &actions, nil, &arguments, environ) == 0,
            waitpid(process, &status, 0) == process, status == 0
        else {
            let text = (try? String(contentsOfFile: name + ".out", encoding: .utf8)) ?? ""
            throw Failure(description: "\(command.first ?? "") failed (\(status)): \(text)\n\(input)")
        }
    }

    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
            }
        }
        guard status == 0 else { throw Failure(description: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

/// A database that a test has for itself.
struct DatabasePlace {
    /// The engines that every store must work with.
    enum Kind: CaseIterable {
        case file
        case memory
        case postgreSQL
    }

    let database: any SQLDatabase
    private let folder: TemporaryFolder?
    /// Opens the same database again; `nil` where that cannot be done.
    let reopen: (@Sendable () throws -> any SQLDatabase)?

    init(_ kind: Kind) throws {
        switch kind {
        case .file:
            let folder = try TemporaryFolder()
            let path = folder.path + "/deep/er/store.db"
            self.folder = folder
            reopen = { try SQLiteDatabase(path: path) }
            database = try SQLiteDatabase(path: path)
        case .memory:
            folder = nil
            reopen = nil
            database = try SQLiteDatabase()
        case .postgreSQL:
            let url = try PostgreSQLServer.common().makeDatabase()
            folder = nil
            reopen = { try PostgreSQLDatabase(url: url) }
            database = try PostgreSQLDatabase(url: url)
        }
    }
}
