/// Counts calls and failures of late and says when they are a storm: three failures or more that are at least half of
/// the calls.
///
/// Two halves of a window rotate, so that what counts is between half and all of it old. Pure; no clock.
struct FailureWindow: Sendable, Equatable {
    private struct Half: Sendable, Equatable {
        var calls = 0
        var failures = 0
    }

    static let stormFailures = 3

    private var current = Half()
    private var previous = Half()
    private var start = Int.min

    /// Takes in a call that ended; says whether the failures are a storm now.
    ///
    /// `length` is the window's in nanoseconds, `now` nanoseconds of a clock that does not go back.
    mutating func note(isFailure: Bool, now: Int, length: Int) -> Bool {
        rotate(now: now, half: max(1, length / 2))
        current.calls += 1
        guard isFailure else { return false }
        current.failures += 1
        let failures = current.failures + previous.failures
        return failures >= Self.stormFailures && failures * 2 >= current.calls + previous.calls
    }

    private mutating func rotate(now: Int, half: Int) {
        guard start != .min else {
            start = now
            return
        }
        let halves = (now - start) / half
        guard halves > 0 else { return }
        previous = halves == 1 ? current : Half()
        current = Half()
        start += halves * half
    }
}
