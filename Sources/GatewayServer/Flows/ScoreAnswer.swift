import Domain

/// What `POST /score` answers of a run's outputs.
enum ScoreAnswer {
    /// The outputs without those that are only for evaluation; of a Python flow that gave no object, its bare value.
    static func value(of line: LineRecord, interface: FlowInterface) -> JSONValue {
        if interface.hasOpenOutputs, line.outputs.count == 1, let value = line.outputs["output"],
            !gaveObject(line)
        {
            return value
        }
        return .object(shown(line.outputs, interface: interface))
    }

    /// The outputs that callers get.
    static func shown(_ outputs: JSONObject, interface: FlowInterface) -> JSONObject {
        let hidden = Set(interface.outputs.filter(\.isEvaluationOnly).map(\.name))
        return JSONObject(outputs.filter { !hidden.contains($0.0) })
    }

    /// One event of a stream.
    ///
    /// Spaces stand where Python's `json` puts them.
    static func event(_ members: JSONObject) -> [UInt8] {
        var bytes = Array("data: {".utf8)
        for (place, (name, value)) in members.enumerated() {
            if place > 0 { bytes += Array(", ".utf8) }
            var writer = JSONWriter(options: JSONWriter.Options(allowsNonFinite: false))
            writer.append(.string(name))
            writer.append(raw: ": ")
            writer.append(value)
            bytes += writer.bytes
        }
        return bytes + Array("}\n\n".utf8)
    }

    /// Whether the flow's only node itself gave an object, with a member that happens to be named `output`.
    private static func gaveObject(_ line: LineRecord) -> Bool {
        let root = line.spans.first { $0.kind == .flow }?.id
        let node = line.spans.first { $0.kind == .node && $0.parentID == root }
        return node?.attributes[Vocabulary.output]?.object != nil
    }
}
