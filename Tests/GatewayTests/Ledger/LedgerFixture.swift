import Domain
import Glibc
import Synchronization

@testable import Gateway

/// A ledger in a folder of its own, with a clock and a store in the test's hand.
///
/// Nothing is applied or synced but on demand, unless the settings say otherwise.
final class LedgerFixture: Sendable {
    /// Something that the world has now and may have otherwise in a moment.
    final class Value<Content: Sendable>: Sendable {
        private let content: Mutex<Content>

        init(_ content: Content) {
            self.content = Mutex(content)
        }

        var now: Content {
            get { content.withLock { $0 } }
            set { content.withLock { $0 = newValue } }
        }
    }

    /// Friday, 2026-11-20, 10:30:00 UTC.
    static let friday = CalendarDay(year: 2026, month: 11, day: 20).nanoseconds + 10 * hour + 30 * minute
    static let second = 1_000_000_000
    static let minute = 60 * second
    static let hour = 60 * minute
    static let day = 24 * hour
    static let usd = 1_000_000_000

    let folder: String
    let store: MemoryLedgerStore
    let clock = Value(LedgerFixture.friday)
    let warnings = Value<[String]>([])
    private let ids = Value(0)

    init(store: MemoryLedgerStore = MemoryLedgerStore()) {
        self.store = store
        var template = Array("/tmp/pawang-ledger-XXXXXX".utf8CString)
        folder = template.withUnsafeMutableBufferPointer { name in
            name.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? ""
        }
        precondition(!folder.isEmpty, "no temporary folder can be made")
    }

    deinit {
        for name in Self.names(in: folder) { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }

    /// Settings under which only the test decides when something is applied.
    static var quiet: LedgerSettings {
        var settings = LedgerSettings()
        settings.sync = .process
        settings.applyInterval = .seconds(3600)
        settings.batchLimit = 100
        return settings
    }

    func open(
        rules: [BudgetRule] = [], settings: LedgerSettings = LedgerFixture.quiet, store other: (any LedgerStore)? = nil,
        system: JournalSystem = .live
    ) throws -> Ledger {
        try Ledger(
            folder: folder, rules: rules, store: other ?? store, settings: settings, effects: effects, system: system)
    }

    private var effects: LedgerEffects {
        let clock = clock
        let warnings = warnings
        let ids = ids
        return LedgerEffects(
            now: { clock.now }, warn: { warnings.now += [$0] },
            newLedgerID: {
                ids.now += 1
                return String(repeating: "0", count: 31) + "\(ids.now)"
            })
    }

    /// What is left of the folder and the store if the machine ends now.
    func crashed() throws -> LedgerFixture {
        let image = LedgerFixture(store: MemoryLedgerStore(copying: store))
        image.clock.now = clock.now
        for name in Self.names(in: folder) where name != "lock" {
            try Self.write(try Self.bytes(of: "\(folder)/\(name)"), to: "\(image.folder)/\(name)")
        }
        return image
    }

    // MARK: Files

    func path(_ segment: Int) -> String {
        "\(folder)/journal-0000000\(segment).log"
    }

    var segments: [String] { Self.names(in: folder).filter { $0.hasPrefix("journal-") } }

    static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static func bytes(of path: String) throws -> [UInt8] {
        let file = Glibc.open(path, O_RDONLY)
        guard file >= 0 else { throw ErrorNumber.last }
        defer { close(file) }
        return try SegmentReader.bytes(of: file, path: path, from: 0, count: SegmentReader.size(of: file))
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        let file = Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard file >= 0 else { throw ErrorNumber.last }
        defer { close(file) }
        let written = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        guard written == bytes.count else { throw ErrorNumber.last }
    }

    // MARK: Calls

    static func key(
        _ id: String = "key1", budgets: [KeyBudget] = [], requestsPerMinute: Int? = nil, tokensPerMinute: Int? = nil,
        team: String? = nil
    ) -> KeyRecord {
        KeyRecord(
            id: id, hash: "", team: team, budgets: budgets, requestsPerMinute: requestsPerMinute,
            tokensPerMinute: tokensPerMinute, created: 0)
    }

    /// A request for `amount`; the team, service and use case are those of most tests.
    func request(
        _ call: String, attempt: Int = 1, amount: Int? = 100, key: KeyRecord = LedgerFixture.key(),
        team: String? = "payments", service: String? = "checkout", useCase: String? = "refund",
        tokens: (Int, Int) = (10, 20), isRetry: Bool = false, allowsUnknownPrice: Bool = false
    ) -> AdmissionRequest {
        AdmissionRequest(
            call: call, attempt: attempt,
            attribution: Attribution(key: key.id, team: team, service: service, useCase: useCase), key: key,
            amountNanoUSD: amount, inputTokens: tokens.0, outputTokens: tokens.1, now: clock.now, isRetry: isRetry,
            model: "gpt", allowsUnknownPrice: allowsUnknownPrice)
    }

    static let facts = DispatchFacts(
        operation: "chat", target: "openai/gpt", provider: "openai", upstreamModel: "gpt-5", trace: "trace",
        span: "span", isStream: true, priceVersion: "v1")

    /// A record as the server makes it; the ledger replaces what the reservation knows better.
    static func record(
        _ call: String, attempt: Int = 1, cost: Int?, usage: (Int, Int) = (10, 5), basis: CallRecord.Basis = .exact
    ) -> CallRecord {
        CallRecord(
            call: call, attempt: attempt, trace: "trace", span: "span", attribution: Attribution(key: "?"),
            operation: "chat", model: "gpt", target: "openai/gpt", provider: "openai", upstreamModel: "gpt-5", start: 0,
            duration: 5, status: 200, usage: .init(input: usage.0, output: usage.1), basis: basis, costNanoUSD: cost,
            priceVersion: "v1", rawUsage: #"{"prompt_tokens":10}"#)
    }
}

extension Admission {
    var id: ReservationID? { if case .admitted(let id) = self { id } else { nil } }
    var failure: GatewayFailure? { if case .refused(let failure) = self { failure } else { nil } }
}

extension Ledger {
    /// Admits, dispatches and settles.
    func spend(_ cost: Int?, by request: AdmissionRequest) throws {
        guard let id = admit(request).id else { throw ErrorNumber(EPERM) }
        try dispatch(id, LedgerFixture.facts)
        settle(id, LedgerFixture.record(request.call, attempt: request.attempt, cost: cost))
    }

    func status(_ name: String, at now: Int) -> BudgetStatus? {
        statuses(now: now).first { $0.rule.name == name }
    }
}

extension BudgetRule {
    static func team(
        _ window: BudgetWindow, _ limit: Int, named name: String = "team payments", owner: String? = "anna"
    ) -> Self {
        Self(
            name: name, scope: BudgetScope(.team, "payments"), window: window, limitNanoUSD: limit, owner: owner)
    }
}
