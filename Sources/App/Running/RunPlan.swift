import Domain
import Evaluation
import Foundation
import Synchronization

/// What a run is to do: the flow, where its lines come from, what was done already.
struct RunPlan: Sendable {
    let flow: any PreparedFlow
    let source: Source
    /// Everything needed to resume.
    let settings: JSONObject
    let name: String
    let concurrency: Int
    let batchTimeout: Duration?
    /// The run whose completed lines are kept.
    let resumed: RunRecord?
    let totalLines: Int?
    let datasetDigest: Digest?

    enum Source: Sendable {
        /// One input.
        case single(JSONObject)
        /// Lines pulled from a reader.
        case lines(@Sendable () throws -> LineInput?)
    }

    static func make(from command: RunCommand, application: Application) async throws -> RunPlan {
        var resumed: RunRecord?
        if let id = command.resume {
            resumed = try await application.store.run(id: id)
            guard resumed != nil else {
                throw PlainFailure("RunNotFound", "there is no run `\(id)`; `pawang runs list` shows them")
            }
        }
        let before = resumed?.settings ?? [:]
        guard let flowName = command.flow ?? before["flow"]?.string else {
            throw PlainFailure("ArgumentInvalid", "name the flow to run")
        }
        var request = try command.options.request(for: flowName)
        if resumed != nil { request.restore(from: before) }
        let flow = try await application.flows.prepare(request)
        let data = command.data ?? before["data"]?.string
        let previous = command.run ?? before["run"]?.string
        var mapping = before["mapping"]?.object ?? [:]
        for text in command.mapping {
            let (name, value) = try FlowOptions.pair(text, option: "--map")
            mapping[name] = .string(value)
        }
        let absoluteFlow =
            FileManager.default.fileExists(atPath: flowName)
            ? URL(fileURLWithPath: flowName).standardizedFileURL.path : flowName
        var settings = request.settings
        settings["flow"] = .string(absoluteFlow)
        settings["mapping"] = .object(mapping)
        if let data { settings["data"] = .string(URL(fileURLWithPath: data).standardizedFileURL.path) }
        settings["run"] = previous.map { .string($0) }
        settings["resumed_from"] = command.resume.map { .string($0) }
        let timeout =
            try command.batchTimeout ?? RunCommand.seconds("PF_BATCH_TIMEOUT_SEC", ProcessInfo.processInfo.environment)
        guard timeout ?? 1 > 0 else { throw PlainFailure("ArgumentInvalid", "--batch-timeout must be above 0") }
        let concurrency = try lines(command.concurrency, flow: flow)
        func plan(_ source: Source, total: Int?, digest: Digest?) -> RunPlan {
            RunPlan(
                flow: flow, source: source, settings: settings, name: command.name ?? flow.name,
                concurrency: concurrency,
                batchTimeout: timeout.map { .seconds($0) }, resumed: resumed, totalLines: total, datasetDigest: digest)
        }
        guard data != nil || previous != nil else {
            guard command.mapping.isEmpty else { throw PlainFailure("ArgumentInvalid", "--map needs --data or --run") }
            let inputs = try SingleInput(command).values(for: flow)
            settings["inputs"] = .object(inputs)
            return plan(.single(inputs), total: 1, digest: nil)
        }
        guard command.input.isEmpty, command.inputs == nil else {
            throw PlainFailure(
                "ArgumentInvalid",
                "--input and --inputs are for one input, --data and --run for many; use one or the other")
        }
        guard !flow.inputs.isEmpty else {
            throw PlainFailure(
                "InputNotFound", "the flow `\(flow.name)` has no inputs; inputs cannot be empty in batch mode")
        }
        let lines = try await RunLines.open(
            data: data, run: previous, mapping: mapping, flow: flow, store: application.store)
        return plan(.lines(lines.next), total: lines.total, digest: lines.digest)
    }

    private static func lines(_ given: Int?, flow: any PreparedFlow) throws -> Int {
        if let given {
            guard (1...1000).contains(given) else {
                throw PlainFailure("ArgumentInvalid", "--concurrency must be from 1 to 1000")
            }
            return given
        }
        let cores = ProcessInfo.processInfo.activeProcessorCount
        return flow.modelCallsPerLine > 0 ? max(4, cores) : cores
    }
}

extension FlowRequest {
    /// As it is kept with a run.
    var settings: JSONObject {
        var settings = JSONObject()
        func texts(_ map: [String: String]) -> JSONValue {
            .object(JSONObject(map.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
        }
        settings["variants"] = texts(variants)
        settings["connections"] = texts(connections)
        settings["overrides"] = .object(
            JSONObject(overrides.sorted { $0.key < $1.key }.map { ($0.key, .object($0.value)) }))
        settings["init"] = .object(initialization)
        return settings
    }

    /// Takes from a run's settings what was not given anew.
    mutating func restore(from settings: JSONObject) {
        func texts(_ key: String) -> [String: String] {
            (settings[key]?.object ?? [:]).reduce(into: [:]) { $0[$1.0] = $1.1.string }
        }
        variants.merge(texts("variants")) { given, _ in given }
        connections.merge(texts("connections")) { given, _ in given }
        for (node, values) in settings["overrides"]?.object ?? [:] where overrides[node] == nil {
            overrides[node] = values.object
        }
        if initialization.isEmpty { initialization = settings["init"]?.object ?? [:] }
    }
}

/// The inputs of a run on one input, from options, a file or standard input.
struct SingleInput {
    private static let maximumBytes = 64 << 20
    private let pairs: [String]
    private let file: String?

    init(_ command: RunCommand) {
        pairs = command.input
        file = command.inputs
    }

    func values(for flow: any PreparedFlow) throws -> JSONObject {
        var values = JSONObject()
        if let file { values = try read(file) }
        let types = Dictionary(flow.inputs.map { ($0.name, $0.type) }, uniquingKeysWith: { first, _ in first })
        for text in pairs {
            let (name, value) = try FlowOptions.pair(text, option: "--input")
            guard let type = types[name] else {
                throw PlainFailure(
                    "InputNotFound",
                    "the flow `\(flow.name)` has no input `\(name)`\(NearestName.hint(for: name, among: flow.inputs.map(\.name)))"
                )
            }
            values[name] = type == "string" || type == "secret" ? .string(value) : FlowOptions.value(value)
        }
        return values
    }

    private func read(_ file: String) throws -> JSONObject {
        let text: String
        if file == "-" {
            let data = try FileHandle.standardInput.read(upToCount: Self.maximumBytes + 1) ?? Data()
            guard data.count <= Self.maximumBytes else {
                throw PlainFailure("InputTooLarge", "standard input is larger than 64 MiB")
            }
            guard let valid = String(validating: data, as: UTF8.self) else {
                throw PlainFailure("InputInvalid", "standard input is not UTF-8 text")
            }
            text = valid
        } else {
            text = try TextFile.read(path: file)
        }
        do {
            guard case .object(let object) = try JSONValue(parsing: text) else {
                throw PlainFailure("InputInvalid", "`\(file)` must be a JSON object: the inputs by name")
            }
            return object
        } catch let error as JSONSyntaxError {
            throw PlainFailure("InputInvalid", "`\(file)`: \(error)")
        }
    }
}
