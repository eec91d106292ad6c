import Domain
import Foundation
import GatewayServer
import Providers
import Registry
import Synchronization

/// The workspace's flows as the server sees them: loaded when first called, and again when their files change.
final class ServedFlows: Sendable {
    private struct Loaded {
        var flow: any ServableFlow
        var mark: String
        var checked: ContinuousClock.Instant
    }

    /// How long a loaded flow is taken to be up to date without looking.
    private static let patience = Duration.seconds(1)
    private static let maximumFiles = 5_000
    private static let maximumFlows = 1_000

    private let application: Application
    private let loaded = Mutex<[String: Loaded]>([:])
    private let listed = Mutex<(names: [String], at: ContinuousClock.Instant)?>(nil)

    init(_ application: Application) { self.application = application }

    /// What the server asks for flows.
    func catalogue(feedback: FeedbackFile) -> FlowCatalogue {
        FlowCatalogue(
            names: { self.names() }, flow: { try await self.flow(named: $0) },
            client: { [application] limit in
                let budgeted = BudgetedClient(
                    application.limited, limits: BudgetLimits(nanoUSD: limit), prices: application.prices)
                return BoundedClient(models: RetryingClient(budgeted)) { budgeted.budget.spent }
            },
            keepFeedback: { try await feedback.append($0) })
    }

    private var folder: String { application.workspace.path(application.workspace.configuration.flows) }

    /// The folders below `flows/` that hold a flow, and its prompties, by name.
    private func names() -> [String] {
        listed.withLock { listed in
            if let listed, ContinuousClock.now - listed.at < Self.patience { return listed.names }
            let entries = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
            let names = entries.compactMap { entry -> String? in
                if entry.hasSuffix(".prompty") { return String(entry.dropLast(".prompty".count)) }
                let files = ["flow.dag.yaml", "flow.dag.yml", "flow.flex.yaml", "flow.flex.yml"]
                return files.contains { FileManager.default.fileExists(atPath: "\(folder)/\(entry)/\($0)") }
                    ? entry : nil
            }
            listed = (Array(names.prefix(Self.maximumFlows)), .now)
            return Array(names.prefix(Self.maximumFlows))
        }
    }

    private func flow(named name: String) async throws -> any ServableFlow {
        let now = ContinuousClock.now
        let known = loaded.withLock { $0[name] }
        if let known, now - known.checked < Self.patience { return known.flow }
        let mark = mark(of: name)
        if let known, known.mark == mark {
            loaded.withLock { $0[name]?.checked = now }
            return known.flow
        }
        let prepared = try await application.flows.prepare(FlowRequest(flow: name))
        guard let flow = prepared as? any ServableFlow else {
            throw PlainFailure("FlowDefinitionError", "the flow `\(name)` cannot be served")
        }
        loaded.withLock { $0[name] = Loaded(flow: flow, mark: mark, checked: now) }
        return flow
    }

    /// Changes when a file of the flow does: paths, sizes and times.
    private func mark(of name: String) -> String {
        var parts: [String] = []
        func add(_ path: String) {
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            let time = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
            parts.append("\(path) \((attributes?[.size] as? NSNumber)?.intValue ?? 0) \(time)")
        }
        let root = "\(folder)/\(name)"
        if FileManager.default.fileExists(atPath: root + ".prompty") { add(root + ".prompty") }
        let files = FileManager.default.enumerator(atPath: root)
        while let file = files?.nextObject() as? String, parts.count < Self.maximumFiles { add("\(root)/\(file)") }
        return parts.joined(separator: "\n")
    }
}

/// Keeps feedback on served flows, one JSON object a line, in the workspace's `.pawang` folder.
actor FeedbackFile {
    private let path: String

    init(path: String) { self.path = path }

    /// Adds a line; it survives the end of the process when this returns.
    func append(_ feedback: FlowFeedback) throws {
        let line: JSONValue = [
            "time": .string(Timestamp.text(of: feedback.time)), "flow": .string(feedback.flow),
            "key": .string(feedback.key), "trace": feedback.trace.map { .string($0) } ?? .null,
            "content": .object(feedback.content),
        ]
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw PlainFailure(
                "StoreFailed", "\(path) cannot be opened: \(String(cString: strerror(errno)))", blame: .environment)
        }
        defer { close(descriptor) }
        let bytes = line.bytes() + [0x0A]
        // One write: lines of two processes do not mix, and half a line is told apart by its missing end.
        guard write(descriptor, bytes, bytes.count) == bytes.count else {
            throw PlainFailure(
                "StoreFailed", "\(path) cannot be written: \(String(cString: strerror(errno)))", blame: .environment)
        }
    }
}
