import Domain

/// The lines that are sent to a worker.
enum Request {
    /// The call of a tool.
    static func call(
        _ tool: PythonTool, arguments: JSONObject, connections: [String: Connection], id: Int
    ) -> [UInt8] {
        var writer = start(id: id, tool: tool)
        writer.append(raw: ",\"arguments\":")
        writer.append(.object(arguments))
        if !connections.isEmpty {
            writer.append(raw: ",\"connections\":")
            writer.append(.object(JSONObject(connections.map { ($0.key, value(of: $0.value)) })))
        }
        writer.append(raw: "}\n")
        return writer.bytes
    }

    /// The question for a tool's signature.
    static func signature(of tool: PythonTool, id: Int) -> [UInt8] {
        var writer = start(id: id, tool: tool)
        writer.append(raw: ",\"signature\":true}\n")
        return writer.bytes
    }

    /// The end of a session: the worker forgets the objects that it kept for it.
    static let endOfSession = Array("{\"end\":true}\n".utf8)

    private static func start(id: Int, tool: PythonTool) -> JSONWriter {
        var writer = JSONWriter()
        writer.append(raw: "{\"id\":")
        writer.append(.int(id))
        writer.append(raw: ",\"tool\":")
        writer.append(key(of: tool))
        return writer
    }

    /// What the worker remembers a tool by: strings and nulls only.
    private static func key(of tool: PythonTool) -> JSONValue {
        switch tool {
        case .file(let path, let function): ["file", .string(path), function.map { .string($0) } ?? nil]
        case .package(let function): ["package", .string(function)]
        case .entry(let entry, let initialization):
            ["entry", .string(entry), .string(JSONValue.object(initialization).text(sortedKeys: true))]
        case .entryAggregate(let entry, let initialization):
            ["entryAggregate", .string(entry), .string(JSONValue.object(initialization).text(sortedKeys: true))]
        }
    }

    /// A connection with its secrets: this is the one place that sends them.
    private static func value(of connection: Connection) -> JSONValue {
        [
            "name": .string(connection.name), "type": .string(connection.type.rawValue),
            "settings": .object(JSONObject(connection.settings.map { ($0.key, .string($0.value)) })),
            "secrets": .object(JSONObject(connection.secrets.map { ($0.key, .string($0.value.reveal())) })),
        ]
    }
}
