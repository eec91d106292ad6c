import Domain
import Synchronization

/// Counts failed lines by their code, with the first of each, so that many failures are told in few lines.
final class FailureTally: Sendable {
    private struct Entry {
        var count = 0
        var first: String
    }

    /// Codes that are told apart; those after them count as others.
    private static let limit = 5

    private let state = Mutex<(entries: [(code: String, entry: Entry)], others: Int)>(([], 0))

    /// Counts a line, if it failed.
    func add(_ line: LineRecord) {
        guard let error = line.error else { return }
        count(error.code, first: "line \(line.lineNumber): \(error.shown)")
    }

    /// Counts a failure of this code; `first` is kept when it is the first one.
    func count(_ code: String, first: @autoclosure () -> String) {
        state.withLock { state in
            if let place = state.entries.firstIndex(where: { $0.code == code }) {
                state.entries[place].entry.count += 1
            } else if state.entries.count < Self.limit {
                state.entries.append((code, Entry(count: 1, first: first())))
            } else {
                state.others += 1
            }
        }
    }

    /// One sentence for each code, those of most lines first.
    var sentences: [String] {
        state.withLock { state in
            let told = state.entries.sorted { $0.entry.count > $1.entry.count }.map { _, entry in
                entry.count == 1 ? entry.first : "\(entry.count) times alike, the first: \(entry.first)"
            }
            return told + (state.others > 0 ? ["\(state.others) further failures of other kinds"] : [])
        }
    }
}
