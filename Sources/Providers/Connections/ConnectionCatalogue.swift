package import Domain
import Foundation

/// Finds connections in `.env`, then the process environment, then declarations in files.
///
/// `<CON>_<PROP>` variables (`AOAI_API_KEY`, `AOAI_API_BASE`, `AOAI_API_TYPE`, `AOAI_API_VERSION`) declare a connection
/// of their own, fill `${api_key}` in a declared one, and give it fields it leaves out; a value that is written in a
/// declaration stands. A connection without a key takes the conventional variable of its type (`OPENAI_API_KEY`…) in
/// the end. References: `${env:NAME}`, `${file:path}` relative to the declaring file, `${property}`.
package struct ConnectionCatalogue: ConnectionSource {
    private var declarations: [String: ConnectionDeclaration] = [:]
    private let variables: ConnectionVariables
    private let workspace: String

    /// A catalogue over what was read already.
    ///
    /// `workspace` is where relative paths in variables start from.
    package init(
        declarations: [ConnectionDeclaration] = [], dotEnv: DotEnvFile = DotEnvFile(),
        environment: [String: String] = [:],
        workspace: String = "."
    ) {
        variables = ConnectionVariables(dotEnv: dotEnv.values, environment: environment)
        self.workspace = workspace
        for declaration in declarations { self.declarations[declaration.name] = declaration }
    }

    /// Reads a workspace's connections: `connections.yaml` in the folder where it exists, and further `paths`, each a
    /// YAML file or a folder of them; `dotEnv` is the folder's `.env`.
    ///
    /// Throws with file, line and column.
    package static func load(
        workspace: String, dotEnv: DotEnvFile = DotEnvFile(), paths: [String] = [], environment: [String: String]
    ) throws -> ConnectionCatalogue {
        let manager = FileManager.default
        var declarations: [ConnectionDeclaration] = []
        for name in ["connections.yaml", "connections.yml"] where manager.fileExists(atPath: workspace + "/" + name) {
            declarations += try ConnectionFileReader.declarations(in: workspace + "/" + name)
        }
        for path in paths {
            var isDirectory: ObjCBool = false
            guard manager.fileExists(atPath: path, isDirectory: &isDirectory) else {
                throw PlainFailure("ConnectionInvalid", "\(path) does not exist.")
            }
            let files =
                isDirectory.boolValue
                ? try manager.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }
                    .sorted()
                    .map { path + "/" + $0 } : [path]
            for file in files { declarations += try ConnectionFileReader.declarations(in: file) }
        }
        return ConnectionCatalogue(
            declarations: declarations, dotEnv: dotEnv, environment: environment, workspace: workspace)
    }

    /// Adds a declaration; one of the same name is replaced.
    package mutating func declare(_ declaration: ConnectionDeclaration) { declarations[declaration.name] = declaration }

    package var names: [String] { Set(declarations.keys).union(variables.connectionNames).sorted() }

    package func connection(named name: String) throws -> Connection {
        guard let declaration = declaration(named: name) else {
            throw PlainFailure(
                "ConnectionNotFound",
                "There is no connection `\(name)`\(NearestName.hint(for: name, among: names)). Declare it in "
                    + "connections.yaml, or set \(VariableName.of("api_key", connection: name)) and "
                    + "\(VariableName.of("type", connection: name))."
            )
        }
        return try ConnectionResolver(declaration: declaration, variables: variables).connection()
    }

    private func declaration(named name: String) -> ConnectionDeclaration? {
        if let declaration = declarations[name] { return declaration }
        let prefix = VariableName.prefix(of: name)
        if let declaration = declarations.values.first(where: { VariableName.prefix(of: $0.name) == prefix }) {
            return declaration
        }
        guard let type = variables.type(ofConnection: name) else { return nil }
        return ConnectionDeclaration(name: name, type: type, fields: [:], directory: workspace)
    }
}
