extension Filter {
    /// `tojson`: sorted keys, ASCII only, and `< > & '` as escapes so that it is safe inside HTML.
    static let toJSON = Filter(["indent"]) { value, arguments throws(TemplateError) in
        var writer = JSONWriter(indentation: nil, limit: arguments.limit)
        switch arguments[0] {
        case nil, .some(.none): break
        case .some(let indent):
            if let text = indent.text {
                writer.indentation = text
            } else {
                let width = try arguments.int(0, or: 0, "indent")
                guard width <= 1000 else { throw .runtime("`indent` is at most 1000") }
                writer.indentation = String(repeating: " ", count: max(width, 0))
            }
        }
        try writer.write(value, depth: 0)
        return .markup(writer.text)
    }
}

/// Writes values as Python's `json.dumps(…, sort_keys=True)` does, made safe for HTML.
private struct JSONWriter {
    /// What each level is indented by; none writes one line.
    var indentation: String?
    let limit: Int
    var text = ""

    private static let maximumDepth = 500

    init(indentation: String?, limit: Int) {
        self.indentation = indentation
        self.limit = limit
    }

    mutating func write(_ value: TemplateValue, depth: Int) throws(TemplateError) {
        guard depth <= Self.maximumDepth else {
            throw .runtime("`tojson` writes at most \(Self.maximumDepth) levels")
        }
        guard text.utf8.count <= limit else { throw .runtime("`tojson` makes more than \(limit) bytes") }
        switch value {
        case .none: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .int(let value): text += String(value)
        case .double(let value):
            text +=
                value.isNaN
                ? "NaN" : value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : PythonFloat.repr(value)
        case .string(let string), .markup(let string): write(string)
        case .list(let elements), .tuple(let elements):
            try write(elements, "[", "]", depth: depth) { writer, element throws(TemplateError) in
                try writer.write(element, depth: depth + 1)
            }
        case .map(let map):
            let entries = map.entries.sorted { ExactText.precedes($0.key, $1.key) }
            try write(entries, "{", "}", depth: depth) { writer, entry throws(TemplateError) in
                writer.write(entry.key)
                writer.text += ": "
                try writer.write(entry.value, depth: depth + 1)
            }
        case .undefined, .view:
            throw .runtime("\(value.typeName) cannot be written as JSON")
        }
    }

    private mutating func write<T>(
        _ elements: [T], _ opening: String, _ closing: String, depth: Int,
        _ writeElement: (inout JSONWriter, T) throws(TemplateError) -> Void
    ) throws(TemplateError) {
        text += opening
        for (number, element) in elements.enumerated() {
            if number > 0 { text += indentation == nil ? ", " : "," }
            breakLine(depth: depth + 1)
            try writeElement(&self, element)
        }
        if !elements.isEmpty { breakLine(depth: depth) }
        text += closing
    }

    private mutating func breakLine(depth: Int) {
        guard let indentation else { return }
        text += "\n"
        for _ in 0..<depth { text += indentation }
    }

    private mutating func write(_ string: String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{8}": text += "\\b"
            case "\u{C}": text += "\\f"
            case "<", ">", "&", "'": text += "\\u" + PythonText.hexadecimal(scalar.value, width: 4)
            case " "..."~": text.unicodeScalars.append(scalar)
            default:
                for unit in String(scalar).utf16 { text += "\\u" + PythonText.hexadecimal(UInt32(unit), width: 4) }
            }
        }
        text += "\""
    }
}
