import Domain
import Foundation
import Providers
import Registry

extension Workspace {
    /// The workspace's `.env`; empty if there is none.
    func dotEnv() throws -> DotEnvFile {
        let file = path(".env")
        guard FileManager.default.fileExists(atPath: file) else { return DotEnvFile() }
        return try DotEnvFile(parsing: TextFile.read(path: file, shownAs: ".env", limit: 1 << 20), file: ".env")
    }
}

extension DotEnvFile {
    /// An environment with the file's variables, which count before those that are there already.
    func over(_ environment: [String: String]) -> [String: String] {
        environment.merging(values.mapValues { $0.reveal() }) { $1 }
    }
}
