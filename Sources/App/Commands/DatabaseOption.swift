import ArgumentParser
import Domain
import Foundation
import Registry
import Stores

/// Which database a command works with.
struct DatabaseOption: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("The database, over the workspace's own: a file or postgres://…", valueName: "path|url"))
    var database: String?

    /// Opens the database of the workspace that the current folder is in.
    func open() throws -> any SQLDatabase {
        let (workspace, environment) = try place()
        return try ServerDatabase.open(database, workspace: workspace, environment: environment)
    }

    /// The workspace, and the environment with its `.env`.
    func place() throws -> (workspace: Workspace, environment: [String: String]) {
        let workspace = try Workspace.find(from: FileManager.default.currentDirectoryPath)
        return (workspace, try workspace.dotEnv().over(ProcessInfo.processInfo.environment))
    }

    /// The path of the database file.
    ///
    /// Throws if it is PostgreSQL: `advice` says what to do then.
    func file(advice: String) throws -> String {
        let (workspace, environment) = try place()
        guard let text = ServerDatabase.named(database, environment: environment) else {
            return workspace.storePath(environment: environment)
        }
        guard !ServerDatabase.isPostgreSQL(text) else { throw PlainFailure("BackupUnsupported", advice) }
        return text
    }
}
