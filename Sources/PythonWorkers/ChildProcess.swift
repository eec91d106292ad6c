import Domain
import Glibc

/// A process that leads a process group of its own, so that it can be ended with everything it started.
struct ChildProcess: Sendable {
    let identifier: pid_t

    /// Starts a program with `input` as its standard input and `output` for everything it prints.
    ///
    /// Descriptors that are to stay here have to be marked so. Throws ``PythonFailure/Kind/interpreter`` if the program
    /// cannot be started.
    static func spawn(
        _ executable: String, arguments: [String], environment: [String: String], input: Int32, output: Int32
    ) throws(PythonFailure) -> ChildProcess {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)

        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        var identifier: pid_t = 0
        let problem = withCStrings([executable] + arguments) { arguments in
            withCStrings(environment.map { "\($0.key)=\($0.value)" }) { environment in
                posix_spawn(&identifier, executable, &actions, &attributes, arguments, environment)
            }
        }
        guard problem == 0 else {
            throw PythonFailure(.interpreter, "Python at \(executable) cannot be started: \(errorText(problem)).")
        }
        return ChildProcess(identifier: identifier)
    }

    /// Ends the process and its group at once.
    ///
    /// Must not be called after ``reap()``.
    func killGroup() {
        kill(-identifier, SIGKILL)
        // The group exists from the first instruction of the child; the process itself is named for good measure.
        kill(identifier, SIGKILL)
    }

    /// Whether the process has ended; it can still be signalled without hitting another one.
    var hasEnded: Bool {
        var information = siginfo_t()
        guard waitid(P_PID, id_t(identifier), &information, WEXITED | WNOHANG | WNOWAIT) == 0 else { return true }
        return information.si_signo == SIGCHLD
    }

    /// Waits for the end and says how it came: `exit status 3`, `signal 9`.
    func reap() -> String {
        var status: Int32 = 0
        while waitpid(identifier, &status, 0) == -1 && errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? "exit status \((status >> 8) & 0xFF)" : "signal \(signal)"
    }
}

/// What the system says about an error number.
func errorText(_ number: Int32) -> String { String(cString: strerror(number)) }

/// Calls `body` with a null-terminated array of C strings.
private func withCStrings<Result>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let pointers = texts.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers)
}
