import Synchronization

/// The two threads that work behind the ledger: one brings the journal to the disk, one brings entries into the store.
final class LedgerThreads: Sendable {
    private let core: LedgerCore
    private let syncer: LedgerThread
    private let applier: LedgerThread
    private let stopping: Stop

    private final class Stop: Sendable {
        let isSet = Mutex(false)
        /// Ends the syncer's pause.
        let pause = Wakeup()
    }

    init(core: LedgerCore, applier: LedgerApplier) {
        let stop = Stop()
        self.core = core
        stopping = stop
        syncer = LedgerThread(name: "ledger-sync") { Self.keepSynced(core, stop) }
        self.applier = LedgerThread(name: "ledger-apply") { Self.keepApplied(core, applier, stop) }
    }

    /// Ends both threads after what they are at; what is left undone is the caller's.
    func stop() {
        stopping.isSet.withLock { $0 = true }
        stopping.pause.signal()
        core.syncWakeup.signal()
        core.applyWakeup.signal()
        core.applyHurry.signal()
        syncer.join()
        applier.join()
    }

    private static func keepSynced(_ core: LedgerCore, _ stop: Stop) {
        let pause =
            switch core.settings.sync {
            case .each: Duration.zero
            case .interval: core.settings.syncInterval
            case .process: Duration.seconds(1)
            }
        var isFailing = false
        while true {
            core.syncWakeup.wait(for: isFailing ? .milliseconds(200) : nil)
            if pause > .zero, !stop.isSet.withLock({ $0 }) { stop.pause.wait(for: pause) }
            if stop.isSet.withLock({ $0 }) { return }
            // A failure is in the ledger's health and was reported; it is tried again.
            try? core.synchronize(force: false)
            isFailing = core.withContents { $0.needsAnotherSync }
        }
    }

    private static func keepApplied(_ core: LedgerCore, _ applier: LedgerApplier, _ stop: Stop) {
        var backoff: Duration?
        while true {
            if backoff == nil { core.applyWakeup.wait() }
            if !stop.isSet.withLock({ $0 }) { core.applyHurry.wait(for: backoff ?? core.settings.applyInterval) }
            do {
                // A batch that is not full is the last for now: those that came meanwhile wait for company.
                repeat {
                    if stop.isSet.withLock({ $0 }) { return }
                } while try applier.applyBatch() == core.settings.batchLimit
                backoff = nil
            } catch {
                core.storeFails(error)
                backoff = min((backoff ?? .milliseconds(50)) * 2, .seconds(5))
            }
        }
    }
}
