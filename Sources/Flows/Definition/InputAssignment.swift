import Domain

/// The value of an input or output: a literal, or a reference that is the whole string.
///
/// `"hi ${inputs.x}"` is a literal: prompt flow replaces whole values only.
enum InputAssignment: Sendable, Hashable {
    case literal(JSONValue)
    case flowInput(String)
    case node(String, path: [PathPart])

    /// One step into a value.
    enum PathPart: Sendable, Hashable {
        case key(String)
        case index(Int)
    }

    /// Reads a declared value.
    init(_ value: JSONValue, at location: SourceLocation) throws(FlowFailure) {
        guard case .string(let text) = value, text.hasPrefix("${"), text.hasSuffix("}") else {
            self = .literal(value)
            return
        }
        try self.init(reference: String(text.dropFirst(2).dropLast()), at: location)
    }

    private init(reference: String, at location: SourceLocation) throws(FlowFailure) {
        for prefix in ["inputs.", "flow."] where reference.hasPrefix(prefix) {
            self = .flowInput(String(reference.dropFirst(prefix.count)))
            return
        }
        guard let dot = reference.firstIndex(of: ".") else {
            guard !reference.isEmpty else {
                throw FlowFailure("InvalidReference", "the reference `${}` is empty", at: location)
            }
            self = .node(reference, path: [])
            return
        }
        let node = String(reference[..<dot])
        let rest = reference[reference.index(after: dot)...]
        let section = rest.prefix { $0 != "." && $0 != "[" }
        guard section == "output" else {
            throw FlowFailure(
                "UnsupportedReference",
                "`${\(reference)}` refers to `\(section)` of node `\(node)`; a reference is `${inputs.NAME}` or `${NODE.output}`",
                at: location)
        }
        self = .node(node, path: Self.path(in: rest.dropFirst(section.count)))
    }

    /// Words, `['quoted keys']` and `[numbers]`; whatever else stands between them is passed over, as in prompt flow.
    private static func path(in text: Substring) -> [PathPart] {
        var parts: [PathPart] = []
        var rest = text
        while let first = rest.first {
            if rest.hasPrefix("['"), let end = rest.dropFirst(2).firstRange(of: "']") {
                parts.append(.key(String(rest[rest.index(rest.startIndex, offsetBy: 2)..<end.lowerBound])))
                rest = rest[end.upperBound...]
            } else if first == "[", let end = rest.firstIndex(of: "]"),
                let index = Int(rest[rest.index(after: rest.startIndex)..<end])
            {
                parts.append(.index(index))
                rest = rest[rest.index(after: end)...]
            } else if first.isLetter || first.isNumber || first == "_" {
                let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                parts.append(.key(String(word)))
                rest = rest[word.endIndex...]
            } else {
                rest = rest.dropFirst()
            }
        }
        return parts
    }

    /// The node referred to, if it is one.
    var nodeName: String? { if case .node(let name, _) = self { name } else { nil } }

    /// As it stands in the file.
    var text: String {
        switch self {
        case .literal(let value): value.text()
        case .flowInput(let name): "${inputs.\(name)}"
        case .node(let name, let path): "${\(name).output\(path.map(\.text).joined())}"
        }
    }
}

extension InputAssignment.PathPart {
    var text: String {
        switch self {
        case .key(let key): ".\(key)"
        case .index(let index): "[\(index)]"
        }
    }
}

extension JSONValue {
    /// The value at the end of a path, or `nil` where a step leads nowhere.
    ///
    /// A negative index counts from the end.
    func value(at path: [InputAssignment.PathPart]) -> JSONValue? {
        var value = self
        for part in path {
            switch (part, value) {
            case (.key(let key), .object(let object)):
                guard let member = object[key] else { return nil }
                value = member
            case (.index(let index), .array(let elements)):
                let place = index < 0 ? elements.count + index : index
                guard elements.indices.contains(place) else { return nil }
                value = elements[place]
            default: return nil
            }
        }
        return value
    }
}
