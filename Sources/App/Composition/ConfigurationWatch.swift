import Domain
import Foundation
import Synchronization

/// Tells when files of the configuration have changed, or when the process gets SIGHUP.
///
/// Files are looked at by their time, size and inode, and read only when one of these changed; what counts is whether the
/// content did. A folder stands for the YAML files in it. Files that a connection takes a value from (`${file:…}`) are
/// not watched: SIGHUP has them read again.
struct ConfigurationWatch: Sendable {
    enum Trigger: Sendable, Equatable {
        case change
        case hangUp
    }

    let files: [String]
    /// How often files are looked at.
    let interval: Duration
    /// How long the files must have stayed the same before a change counts: an editor may still be writing.
    let calm: Duration
    /// What the files looked like when the watch was made: made before they are read, it misses no change.
    private let start: Look

    /// A change is told after this many looks even if the files never calm down.
    private static let maximumLooks = 20
    private static let maximumBytes = 16 << 20

    init(files: [String], interval: Duration = .milliseconds(500), calm: Duration = .milliseconds(50)) {
        self.files = files
        self.interval = interval
        self.calm = calm
        start = Look(files)
    }

    /// Calls `onChange` after each change, never twice at a time, until the task is cancelled.
    ///
    /// `hangUps` has an element for each SIGHUP: ``hangUps()`` in a server. What changes while `onChange` runs is told
    /// afterwards.
    func run(
        hangUps: AsyncStream<Void> = AsyncStream { _ in }, onChange: @escaping @Sendable (Trigger) async -> Void
    ) async {
        let (triggers, triggering) = AsyncStream.makeStream(of: Trigger.self, bufferingPolicy: .bufferingNewest(2))
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in hangUps { triggering.yield(.hangUp) }
            }
            group.addTask {
                await look { triggering.yield(.change) }
                triggering.finish()
            }
            for await trigger in triggers { await onChange(trigger) }
            group.cancelAll()
        }
    }

    private func look(_ changed: () -> Void) async {
        var known = start
        while (try? await Task.sleep(for: interval)) != nil {
            var seen = Look(files, knowing: known)
            guard seen != known else { continue }
            for _ in 0..<Self.maximumLooks {
                guard (try? await Task.sleep(for: calm)) != nil else { return }
                let next = Look(files, knowing: seen)
                let isCalm = next == seen
                seen = next
                if isCalm { break }
            }
            if seen.digests != known.digests { changed() }
            known = seen
        }
    }

    /// A stream with an element for each SIGHUP that the process gets; it no longer ends the process.
    static func hangUps() -> AsyncStream<Void> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            signal(SIGHUP, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: .global())
            source.setEventHandler { continuation.yield() }
            source.resume()
            // The box keeps the source alive as long as anybody listens.
            let keeper = Mutex<(any DispatchSourceSignal)?>(source)
            continuation.onTermination = { _ in
                keeper.withLock { source in
                    source?.cancel()
                    source = nil
                }
            }
        }
    }

    /// What the files look like at one moment.
    struct Look: Equatable {
        struct Mark: Equatable {
            var inode: UInt64
            var size: Int64
            var seconds: Int
            var nanoseconds: Int
        }

        var marks: [String: Mark] = [:]
        /// By path; a file that cannot be read has none.
        var digests: [String: Digest] = [:]

        init(_ paths: [String], knowing known: Look? = nil) {
            for path in paths.flatMap(Self.files) {
                guard let mark = Self.mark(path) else { continue }
                marks[path] = mark
                if let known, known.marks[path] == mark {
                    digests[path] = known.digests[path]
                } else {
                    guard let handle = FileHandle(forReadingAtPath: path) else { continue }
                    digests[path] = (try? handle.read(upToCount: maximumBytes) ?? Data()).map { Digest(of: $0) }
                }
            }
        }

        /// The file itself, or the YAML files of a folder.
        private static func files(_ path: String) -> [String] {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
                return [path]
            }
            let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            return names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.map { "\(path)/\($0)" }
        }

        private static func mark(_ path: String) -> Mark? {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            return Mark(
                inode: UInt64(status.st_ino), size: Int64(status.st_size), seconds: status.st_mtim.tv_sec,
                nanoseconds: status.st_mtim.tv_nsec)
        }
    }
}
