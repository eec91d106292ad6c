import ArgumentParser
import Domain
import Foundation

/// What every command that runs a flow may change in it.
struct FlowOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Use this variant of a node.", valueName: "'${node.variant}'"))
    var variant: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("Use this connection for a node; * for all model nodes.", valueName: "node=name"))
    var connection: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("Replace an input of a node: a model setting, for example.", valueName: "node.input=value"))
    var set: [String] = []

    @Option(
        name: .long, help: ArgumentHelp("Set an environment variable for the flow's tools.", valueName: "name=value"))
    var env: [String] = []

    @Option(
        name: .customLong("init"),
        help: ArgumentHelp("A value for a class-based flow's initialiser.", valueName: "name=value"))
    var initialization: [String] = []

    /// The request for a flow.
    ///
    /// Throws a failure that names the option that cannot be read.
    func request(for flow: String) throws -> FlowRequest {
        var request = FlowRequest(flow: flow)
        for text in variant {
            guard text.hasPrefix("${"), text.hasSuffix("}"), let dot = text.firstIndex(of: ".") else {
                throw PlainFailure("ArgumentInvalid", "--variant is '${NODE.VARIANT}', not `\(text)`")
            }
            let node = String(text[text.index(text.startIndex, offsetBy: 2)..<dot])
            guard request.variants.updateValue(String(text[text.index(after: dot)...].dropLast()), forKey: node) == nil
            else {
                throw PlainFailure("ArgumentInvalid", "--variant names the node `\(node)` twice")
            }
        }
        for text in connection {
            let (node, name) = try Self.pair(text, option: "--connection")
            request.connections[node] = name
        }
        for text in set {
            let (path, value) = try Self.pair(text, option: "--set")
            guard let dot = path.firstIndex(of: ".") else {
                throw PlainFailure("ArgumentInvalid", "--set is NODE.INPUT=VALUE, not `\(text)`")
            }
            request.overrides[String(path[..<dot]), default: [:]][String(path[path.index(after: dot)...])] = Self.value(
                value)
        }
        for text in env {
            let (name, value) = try Self.pair(text, option: "--env")
            request.environment[name] = value
        }
        for text in initialization {
            let (name, value) = try Self.pair(text, option: "--init")
            request.initialization[name] = Self.value(value)
        }
        return request
    }

    /// Splits `name=value` at the first equals sign.
    static func pair(_ text: String, option: String) throws -> (String, String) {
        guard let sign = text.firstIndex(of: "="), sign != text.startIndex else {
            throw PlainFailure("ArgumentInvalid", "\(option) is NAME=VALUE, not `\(text)`")
        }
        return (String(text[..<sign]), String(text[text.index(after: sign)...]))
    }

    /// JSON where the text is JSON, else the text.
    static func value(_ text: String) -> JSONValue { (try? JSONValue(parsing: text)) ?? .string(text) }
}
