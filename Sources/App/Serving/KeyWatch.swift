import Dispatch
import Domain
import Gateway

/// Brings keys that were made or revoked into force: the store is asked four times a second whether any were.
struct KeyWatch: Sendable {
    static let interval = Duration.milliseconds(250)

    let store: any KeyStore
    let box: SnapshotBox
    let log: EventLog
    private let queue = DispatchQueue(label: "pawang.keys")

    init(store: any KeyStore, box: SnapshotBox, log: EventLog) {
        self.store = store
        self.box = box
        self.log = log
    }

    /// Looks until the task is cancelled; `known` is the revision that is in force.
    func run(known: Int) async {
        var known = known
        var isFailing = false
        while (try? await Task.sleep(for: Self.interval)) != nil {
            switch await look(known) {
            case .success(let changed):
                if isFailing { log.say(.info, "keys can be read again") }
                isFailing = false
                guard let changed else { continue }
                known = changed.revision
                let table = KeyTable(changed.keys)
                box.replace { $0.with(keys: table, generation: $0.generation + 1) }
            case .failure(let error):
                // Keys that are known stay in force while the store is away.
                if !isFailing { log.say(.error, "keys cannot be read", ["error": .string("\(error)")]) }
                isFailing = true
            }
        }
    }

    /// The keys and their revision, if it is not `known`.
    ///
    /// The store blocks, so it is asked on a thread of its own.
    private func look(_ known: Int) async -> Result<(keys: [KeyRecord], revision: Int)?, any Error> {
        await withCheckedContinuation { continuation in
            queue.async { [store] in
                continuation.resume(
                    returning: Result {
                        // The revision first: a key that comes in between is seen again next time.
                        let revision = try store.revision()
                        return revision == known ? nil : (try store.keys(), revision)
                    })
            }
        }
    }
}
