import Domain
import Foundation
import Registry
import Stores

/// Which database a command works with.
enum ServerDatabase {
    /// The database that `--database` names, else `PAWANG_DATABASE`, else the workspace's own file.
    static func open(
        _ text: String?, workspace: Workspace, environment: [String: String]
    ) throws -> any SQLDatabase {
        guard let text = named(text, environment: environment) else {
            return try SQLiteDatabase(path: workspace.storePath(environment: environment))
        }
        return isPostgreSQL(text) ? try PostgreSQLDatabase(url: text) : try SQLiteDatabase(path: text)
    }

    /// What `--database` or `PAWANG_DATABASE` says; `nil` for the workspace's own file.
    static func named(_ text: String?, environment: [String: String]) -> String? {
        text ?? environment["PAWANG_DATABASE"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Where the index of documents is kept: full-text search is SQLite's, so beside PostgreSQL it has a file of its own.
    static func documents(
        beside database: any SQLDatabase, workspace: Workspace, environment: [String: String]
    ) throws -> SQLiteDatabase {
        if let database = database as? SQLiteDatabase { return database }
        return try SQLiteDatabase(path: workspace.storePath(environment: environment))
    }

    static func isPostgreSQL(_ text: String) -> Bool {
        text.hasPrefix("postgres://") || text.hasPrefix("postgresql://")
    }
}

extension Workspace {
    /// Where what the server writes beside the database goes: the folder of the workspace's own database.
    func stateFolder(environment: [String: String]) -> String {
        (storePath(environment: environment) as NSString).deletingLastPathComponent
    }

    /// The folder of the ledger's journal.
    func ledgerFolder(environment: [String: String]) -> String { stateFolder(environment: environment) + "/ledger" }
}
