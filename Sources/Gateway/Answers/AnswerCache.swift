import Synchronization

/// The exact cache: whole answers by what was asked, for a time, in bounded memory.
///
/// The answer that was longest not asked for makes room for a new one. Calls take about a microsecond and come from any
/// thread. Answers were made by a certain configuration: whoever puts another one in its place empties the cache.
package final class AnswerCache: Sendable {
    /// What has happened since the start, for metrics.
    package struct Statistics: Sendable, Equatable {
        package var entries = 0
        package var bytes = 0
        package var hits = 0
        package var misses = 0
        /// Answers that made room for others before their time was over.
        package var evictions = 0
    }

    private struct Entry {
        var answer: StoredAnswer
        var bytes: Int
        var expires: Int
        var order: LinkedOrder<AnswerKey>.Place
    }

    private struct State {
        var entries: [AnswerKey: Entry] = [:]
        var order = LinkedOrder<AnswerKey>()
        var statistics = Statistics()

        mutating func remove(_ key: AnswerKey) {
            guard let entry = entries.removeValue(forKey: key) else { return }
            order.remove(entry.order)
            statistics.bytes -= entry.bytes
            statistics.entries -= 1
        }
    }

    private let byteLimit: Int
    private let state = Mutex(State())

    /// - Parameter byteLimit: bytes of all answers together; one answer may take an eighth of them.
    package init(byteLimit: Int = 64 << 20) { self.byteLimit = max(0, byteLimit) }

    /// The answer for a key, or `nil` if there is none or its time is over at `now` (nanoseconds since 1970).
    package func answer(for key: AnswerKey, at now: Int) -> StoredAnswer? {
        state.withLock { state in
            guard let entry = state.entries[key] else {
                state.statistics.misses += 1
                return nil
            }
            guard now < entry.expires else {
                state.remove(key)
                state.statistics.misses += 1
                return nil
            }
            state.statistics.hits += 1
            state.order.moveToEnd(entry.order)
            return entry.answer
        }
    }

    /// Keeps a complete answer until `expires` (nanoseconds since 1970); a former one of the same key is replaced.
    ///
    /// Only answers with status 200 are kept, and none that takes more than an eighth of the cache.
    package func store(_ answer: StoredAnswer, for key: AnswerKey, until expires: Int) {
        let bytes = answer.byteCount + 128
        guard answer.status == 200, bytes <= byteLimit / 8 else { return }
        state.withLock { state in
            state.remove(key)
            while state.statistics.bytes + bytes > byteLimit, let oldest = state.order.first {
                state.remove(oldest)
                state.statistics.evictions += 1
            }
            let place = state.order.append(key)
            state.entries[key] = Entry(answer: answer, bytes: bytes, expires: expires, order: place)
            state.statistics.bytes += bytes
            state.statistics.entries += 1
        }
    }

    /// Forgets every answer.
    package func removeAll() {
        state.withLock { state in
            state.entries = [:]
            state.order = LinkedOrder()
            state.statistics.bytes = 0
            state.statistics.entries = 0
        }
    }

    /// What has happened so far.
    package var statistics: Statistics { state.withLock { $0.statistics } }
}
