import NIOCore

/// What one event loop has: its calls, its clients' connections, its connections to upstreams and its clock.
///
/// Confined to its event loop. Time-outs are looked at together, forty times a second while calls run, so that none of
/// them costs a timer of its own.
final class GatewayLoop {
    /// How often time-outs are looked at while calls run, and otherwise.
    private static let busyTick = TimeAmount.milliseconds(25)
    private static let quietTick = TimeAmount.milliseconds(500)
    /// Bytes of log lines that are collected at most.
    private static let logLimit = 32 << 10

    let eventLoop: any EventLoop
    /// Its place among the server's, from 0.
    let number: Int
    let shared: GatewayShared
    let pool: UpstreamPool
    var identifiers = IdentifierSource()
    private var calls: [ObjectIdentifier: ModelCall] = [:]
    private var clients: [ObjectIdentifier: GatewayHandler] = [:]
    private var tick: Scheduled<Void>?
    private var isTickBusy = false
    private var lastSweep = NIODeadline.uptimeNanoseconds(0)
    private var log: [UInt8] = []
    private var dateSecond = -1
    private var dateText = ""

    init(eventLoop: any EventLoop, number: Int, shared: GatewayShared) {
        self.eventLoop = eventLoop
        self.number = number
        self.shared = shared
        pool = UpstreamPool(eventLoop: eventLoop, tls: shared.upstreamTLS, limits: shared.poolLimits)
    }

    // MARK: - Calls and clients

    func add(_ call: ModelCall) {
        calls[ObjectIdentifier(call)] = call
        arm()
    }

    func remove(_ call: ModelCall) { calls[ObjectIdentifier(call)] = nil }

    func add(_ client: GatewayHandler) {
        clients[ObjectIdentifier(client)] = client
        arm()
    }

    func remove(_ client: GatewayHandler) { clients[ObjectIdentifier(client)] = nil }

    /// The drain is over: ends every call and closes every connection.
    func stop() {
        for call in calls.values { call.stop() }
        for client in clients.values { client.close() }
        pool.closeAll()
        flushLog()
    }

    // MARK: - Log

    /// Takes a line of the request log, which ends in a newline.
    func log(_ write: (inout [UInt8]) -> Void) {
        write(&log)
        if log.count >= Self.logLimit { flushLog() } else { arm() }
    }

    private func flushLog() {
        guard !log.isEmpty else { return }
        shared.services.requestLog(log)
        log.removeAll(keepingCapacity: true)
    }

    // MARK: - Time

    /// The time of day as HTTP writes it; made once a second.
    func date(at nanoseconds: Int) -> String {
        let second = nanoseconds / 1_000_000_000
        if second != dateSecond {
            dateSecond = second
            dateText = HTTPDate.text(of: second)
        }
        return dateText
    }

    private func arm() {
        let isBusy = !calls.isEmpty || !log.isEmpty
        if tick != nil {
            guard isBusy, !isTickBusy else { return }
            tick?.cancel()
        }
        guard isBusy || !clients.isEmpty || pool.count > 0 else { return }
        isTickBusy = isBusy
        tick = eventLoop.assumeIsolated().scheduleTask(in: isBusy ? Self.busyTick : Self.quietTick) {
            self.tick = nil
            self.look()
        }
    }

    private func look() {
        let now = NIODeadline.now()
        for call in calls.values { call.timePassed(now) }
        flushLog()
        if now - lastSweep >= .milliseconds(450) {
            lastSweep = now
            for client in clients.values { client.timePassed(now) }
            pool.sweep(at: now)
        }
        arm()
    }
}

/// Dates as HTTP writes them.
enum HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, from seconds since 1970.
    static func text(of seconds: Int) -> String {
        let day = max(0, seconds) / 86_400
        let time = max(0, seconds) % 86_400
        // Howard Hinnant's civil-from-days: years begin in March, so that a leap day is a year's last.
        let shifted = day + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let clock = [time / 3600, time / 60 % 60, time % 60].map(twoDigits).joined(separator: ":")
        return "\(days[day % 7]), \(twoDigits(dayOfMonth)) \(months[month - 1]) \(year) \(clock) GMT"
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
