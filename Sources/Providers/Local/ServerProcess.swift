import Domain
import Foundation
import Synchronization

/// A running server process with what it said: its first lines of JSON and the end of its log.
final class ServerProcess: Sendable {
    private struct Said {
        var output: [UInt8] = []
        var log: [UInt8] = []
        var address: String?
        var problem: String?
    }

    private static let keptBytes = 4096

    private let process: Process
    private let input = Pipe()
    private let said: Mutex<Said>

    /// Starts a process. With a `port` it is known where it will listen, else it must say so.
    init(executable: String, arguments: [String], port: Int?) throws(ProviderFailure) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.standardInput = input
        let (output, log) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = log
        self.process = process
        said = Mutex(Said(address: port.map { "http://127.0.0.1:\($0)" }))
        Self.listen(to: output) { [weak self] in self?.heard(output: $0) }
        Self.listen(to: log) { [weak self] in self?.heard(log: $0) }
        do { try process.run() } catch {
            throw ProviderFailure(.misconfigured, "The local server cannot be started: \(executable) does not run.")
        }
    }

    var id: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

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

    /// Asks the process to end, kills it if it has not within `patience`, and returns when it has ended.
    func stop(within patience: Duration) async {
        if process.isRunning { process.terminate() }
        try? input.fileHandleForWriting.close()
        let deadline = ContinuousClock.now + patience
        var isKilled = false
        // After SIGKILL only a stuck kernel keeps a process; nobody should wait for that for ever.
        let end = deadline + .seconds(10)
        while process.isRunning, ContinuousClock.now < end {
            if !isKilled, ContinuousClock.now >= deadline {
                kill(process.processIdentifier, SIGKILL)
                isKilled = true
            }
            // Waiting must go on when the caller is canceled: the process is ours to end.
            await Task { try? await Task.sleep(for: .milliseconds(10)) }.value
        }
    }

    private static func listen(to pipe: Pipe, _ heard: @escaping @Sendable (Data) -> Void) {
        pipe.fileHandleForReading.readabilityHandler = { handle in
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
