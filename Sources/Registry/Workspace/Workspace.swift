package import Domain
import Foundation

/// A team's folder of flows, datasets, experiments and evaluators, with `pawang.yaml` at its root.
package struct Workspace: Sendable {
    /// The folder, absolute; outside a workspace the current folder.
    package let root: String
    package let configuration: WorkspaceConfiguration
    /// Whether there is a `pawang.yaml`.
    package let isDeclared: Bool

    /// The file that marks a workspace.
    package static let fileName = "pawang.yaml"

    /// The workspace that `folder` is in: the nearest folder upwards with a `pawang.yaml`, else `folder` itself,
    /// undeclared.
    ///
    /// Throws ``DocumentError`` if the file is wrong.
    package static func find(from folder: String) throws -> Workspace {
        var place = URL(fileURLWithPath: folder, isDirectory: true).standardizedFileURL
        while true {
            let file = place.appendingPathComponent(fileName).path
            if FileManager.default.fileExists(atPath: file) {
                return Workspace(
                    root: place.path, configuration: try WorkspaceConfiguration(file: file), isDeclared: true)
            }
            let parent = place.deletingLastPathComponent()
            guard parent.path != place.path, place.path != "/" else { break }
            place = parent
        }
        let root = URL(fileURLWithPath: folder, isDirectory: true).standardizedFileURL.path
        return Workspace(root: root, configuration: WorkspaceConfiguration(), isDeclared: false)
    }

    /// A path of the configuration, absolute.
    package func path(_ relative: String) -> String {
        relative.hasPrefix("/") ? relative : "\(root)/\(relative)"
    }

    /// Where runs are kept: in the workspace, or, outside one, in the user's own state folder.
    package func storePath(environment: [String: String]) -> String {
        if let store = environment["PAWANG_STORE"], !store.isEmpty { return store }
        if isDeclared { return path(configuration.store) }
        let state = environment["XDG_STATE_HOME"] ?? "\(environment["HOME"] ?? NSTemporaryDirectory())/.local/state"
        return "\(state)/pawang/pawang.db"
    }
}

/// What `pawang.yaml` says.
///
/// Every key is optional but `name`.
package struct WorkspaceConfiguration: Sendable {
    /// The workspace's name.
    package var name = "workspace"
    /// Folders, relative to the root.
    package var flows = "flows"
    package var datasets = "datasets"
    package var experiments = "experiments"
    package var evaluators = "evaluators"
    /// The file of connections, or a folder of connection files.
    package var connections = "connections.yaml"
    /// The database file.
    package var store = ".pawang/pawang.db"
    /// The interpreter for Python nodes; by default the nearest `.pawang/venv`, else `python3`.
    package var python: String?
    /// A file of prices that go before the built-in ones.
    package var prices: String?
    /// What is the gateway's to read: `gateway`, `models` and `budgets`, each as it stands in the file.
    package var gateway: YAMLNode?
    package var models: YAMLNode?
    package var budgets: YAMLNode?

    /// The keys of the file.
    package static let keys = [
        "name", "flows", "datasets", "experiments", "evaluators", "connections", "store", "python", "prices",
        "gateway", "models", "budgets",
    ]

    init() {}

    init(file: String) throws { try self.init(reading: YAMLReader.read(path: file)) }

    /// Reads a file's content, wherever it came from: an earlier revision, for instance.
    package init(reading node: YAMLNode) throws {
        let map = try node.map("the workspace")
        try map.check(known: Self.keys, in: "a workspace")
        name = try map.required("name", in: "a workspace").text("name")
        func read(_ key: String, into value: inout String) throws {
            if let node = map.present(key) { value = try node.text(key) }
        }
        try read("flows", into: &flows)
        try read("datasets", into: &datasets)
        try read("experiments", into: &experiments)
        try read("evaluators", into: &evaluators)
        try read("connections", into: &connections)
        try read("store", into: &store)
        python = try map.present("python")?.text("python")
        prices = try map.present("prices")?.text("prices")
        gateway = map["gateway"]
        models = map["models"]
        budgets = map["budgets"]
    }
}
