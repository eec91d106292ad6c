import Domain
import Foundation

/// Keeps two processes from going on with one run of an experiment: both would call the model for the same lines.
///
/// The lock is the kernel's, on a file beside the store, and ends with the process, however it ends.
final class ExperimentLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock of a run.
    ///
    /// Throws if another process has it.
    init(run: String, beside store: String) throws {
        let folder = (store as NSString).deletingLastPathComponent + "/locks"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        descriptor = open("\(folder)/\(run).lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            if descriptor >= 0 { close(descriptor) }
            throw PlainFailure(
                "RunBusy", "the run \(run) is going on in another process; wait for it, or start another with --fresh",
                blame: .environment)
        }
    }

    deinit { close(descriptor) }
}
