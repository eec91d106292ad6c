import Domain
import Synchronization

/// Opens each recordings file once and answers requests from it.
final class RecordingLibrary: Sendable {
    private let files = Mutex<[String: RecordingFile]>([:])

    /// The recording that answers a request.
    ///
    /// Throws ``ProviderFailure/Kind/replayMiss`` if there is none.
    func answer(to request: ModelRequest) throws(ProviderFailure) -> Recording {
        guard let path = request.connection.settings["path"] else { throw .missing("path", of: request.connection) }
        let file = try file(at: path)
        if let recording = try file.next(for: request.digest) { return recording }
        throw ProviderFailure(.replayMiss, try RecordingDifference.explanation(of: request, in: file))
    }

    private func file(at path: String) throws(ProviderFailure) -> RecordingFile {
        // Opening holds the lock: lines that start together must not all read the same large file.
        let result: Result<RecordingFile, ProviderFailure> = files.withLock { files in
            if let file = files[path] { return .success(file) }
            do throws(ProviderFailure) {
                let file = try RecordingFile(path: path)
                files[path] = file
                return .success(file)
            } catch { return .failure(error) }
        }
        return try result.get()
    }
}
