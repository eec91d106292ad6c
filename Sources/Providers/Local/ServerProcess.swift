import Domain
import Foundation
import Synchronization

/// A running server process with what it said: its first lines of JSON and the end of its log.
///
/// Started without Foundation's `Process`, which takes a process for running as long as one of its children is. It
/// leads a process group of its own, so that stopping it stops what it started.
final class ServerProcess: Sendable {
    private struct Said {
        var output: [UInt8] = []
        var log: [UInt8] = []
        var address: String?
        var problem: String?
    }

    private struct Life {
        var hasEnded = false
        /// The write end of the process's standard input; closed, it tells the process that we are gone.
        var input: Int32
    }

    private static let keptBytes = 4096

    let id: pid_t
    private let life: Mutex<Life>
    private let said: Mutex<Said>
    /// What the process writes to; they stay open as long as it may write.
    private let outlets: [FileHandle]

    /// Starts a process.
    ///
    /// With a `port` it is known where it will listen, else it must say so.
    init(executable: String, arguments: [String], port: Int?) throws(ProviderFailure) {
        guard let pipes = PipeEnds.three() else {
            throw ProviderFailure(.misconfigured, "The local server cannot be started: no pipes are left.")
        }
        guard let id = Self.spawn(executable, arguments, pipes) else {
            pipes.closeAll()
            throw ProviderFailure(.misconfigured, "The local server cannot be started: \(executable) does not run.")
        }
        pipes.closeChildEnds()
        self.id = id
        life = Mutex(Life(input: pipes.input.write))
        said = Mutex(Said(address: port.map { "http://127.0.0.1:\($0)" }))
        outlets = [pipes.output.read, pipes.log.read].map { FileHandle(fileDescriptor: $0, closeOnDealloc: true) }
        Self.listen(to: outlets[0]) { [weak self] in self?.heard(output: $0) }
        Self.listen(to: outlets[1]) { [weak self] in self?.heard(log: $0) }
    }

    deinit {
        closeInput()
        for outlet in outlets { outlet.readabilityHandler = nil }
    }

    /// Whether the process has not ended yet.
    ///
    /// Takes note of its end, so that no zombie stays.
    var isRunning: Bool {
        life.withLock {
            guard !$0.hasEnded else { return false }
            var status: Int32 = 0
            let result = waitpid(id, &status, WNOHANG)
            $0.hasEnded = result == id || (result < 0 && errno == ECHILD)
            return !$0.hasEnded
        }
    }

    /// Where the server listens, once it has said so.
    var address: String? { said.withLock { $0.address } }

    /// Why it cannot start, if it has said so.
    var problem: String? { said.withLock { $0.problem } }

    /// The end of the log as a sentence for messages, or nothing.
    var lastWords: String {
        let lines = said.withLock { String(decoding: $0.log, as: UTF8.self) }.split(separator: "\n")
        guard let last = lines.last(where: { !$0.allSatisfy(\.isWhitespace) }) else { return "" }
        return " Its last words: \(last.prefix(200))"
    }

    /// Asks the process and its children to end, kills them if it has not within `patience`, and returns when it has
    /// ended.
    func stop(within patience: Duration) async {
        signal(SIGTERM)
        closeInput()
        let deadline = ContinuousClock.now + patience
        // After SIGKILL only a stuck kernel keeps a process; nobody should wait for that for ever.
        let end = deadline + .seconds(10)
        var isKilled = false
        while isRunning, ContinuousClock.now < end {
            if !isKilled, ContinuousClock.now >= deadline {
                signal(SIGKILL)
                isKilled = true
            }
            // Waiting must go on when the caller is canceled: the process is ours to end.
            await Task { try? await Task.sleep(for: .milliseconds(10)) }.value
        }
    }

    /// Signals the group, unless the process has ended and its number may mean another one.
    private func signal(_ number: Int32) {
        guard isRunning else { return }
        kill(-id, number)
    }

    private func closeInput() {
        life.withLock {
            if $0.input >= 0 { close($0.input) }
            $0.input = -1
        }
    }

    private static func spawn(_ executable: String, _ arguments: [String], _ pipes: PipeEnds) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, pipes.input.read, 0)
        posix_spawn_file_actions_adddup2(&actions, pipes.output.write, 1)
        posix_spawn_file_actions_adddup2(&actions, pipes.log.write, 2)
        // Not every library marks what it opens; a listening socket of ours must not live on in the server.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
            if let descriptor = Int32(name), descriptor > 2 { posix_spawn_file_actions_addclose(&actions, descriptor) }
        }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        var words: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var id: pid_t = 0
        return posix_spawn(&id, executable, &actions, &attributes, words, environ) == 0 ? id : nil
    }

    private static func listen(to handle: FileHandle, _ heard: @escaping @Sendable (Data) -> Void) {
        handle.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil } else { heard(data) }
        }
    }

    private func heard(log data: Data) {
        said.withLock { said in
            said.log.append(contentsOf: data)
            if said.log.count > Self.keptBytes { said.log.removeFirst(said.log.count - Self.keptBytes) }
        }
    }

    private func heard(output data: Data) {
        said.withLock { said in
            guard said.address == nil, said.problem == nil else { return }
            said.output.append(contentsOf: data)
            while let end = said.output.firstIndex(of: 0x0A) {
                let line = try? JSONValue(parsing: said.output[..<end])
                said.output.removeFirst(end + 1)
                said.address = line?["address"]?.string ?? said.address
                said.problem = line?["error"]?.string ?? said.problem
            }
            if said.output.count > Self.keptBytes { said.output.removeAll() }
        }
    }
}

/// The pipes to a process: its standard input, output and log.
private struct PipeEnds {
    var input: (read: Int32, write: Int32)
    var output: (read: Int32, write: Int32)
    var log: (read: Int32, write: Int32)

    static func three() -> PipeEnds? {
        var ends: [Int32] = []
        for _ in 0..<3 {
            var pair: [Int32] = [0, 0]
            guard pipe(&pair) == 0 else {
                for end in ends { close(end) }
                return nil
            }
            for end in pair { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            ends += pair
        }
        return PipeEnds(input: (ends[0], ends[1]), output: (ends[2], ends[3]), log: (ends[4], ends[5]))
    }

    func closeChildEnds() { for end in [input.read, output.write, log.write] { close(end) } }

    func closeAll() {
        for end in [input.read, input.write, output.read, output.write, log.read, log.write] { close(end) }
    }
}
