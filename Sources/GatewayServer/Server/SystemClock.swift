import Glibc

/// The system's time of day, without Foundation.
package enum SystemClock {
    /// Nanoseconds since 1970.
    package static let nanoseconds: @Sendable () -> Int = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
