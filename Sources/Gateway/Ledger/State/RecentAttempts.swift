/// Remembers open attempts and the last ones that ended, so that an attempt is billed once.
struct RecentAttempts: Sendable {
    enum Fate: Sendable, Hashable {
        case open
        /// With its amount.
        case settled(Int?)
        case voided
    }

    /// How many ended attempts are remembered.
    static let capacity = 8192

    private var fates: [AttemptKey: Fate] = [:]
    /// Ended attempts, the oldest at `next` once it is full.
    private var ended: [AttemptKey] = []
    private var next = 0

    subscript(key: AttemptKey) -> Fate? { fates[key] }

    mutating func open(_ key: AttemptKey) {
        fates[key] = .open
    }

    mutating func end(_ key: AttemptKey, _ fate: Fate) {
        fates[key] = fate
        guard ended.count == Self.capacity else { return ended.append(key) }
        let oldest = ended[next]
        // The same attempt may have been opened again after it was voided.
        if oldest != key, fates[oldest] != .open { fates[oldest] = nil }
        ended[next] = key
        next = (next + 1) % Self.capacity
    }
}
