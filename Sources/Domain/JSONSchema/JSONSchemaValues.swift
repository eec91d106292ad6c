extension JSONSchemaChecker {
    /// Whether a value is of a JSON Schema type; a number without a fraction is an integer however it is written.
    static func isKind(_ value: JSONValue, _ name: String) -> Bool {
        if name == "number" { return value.double != nil }
        if name == "integer", case .double(let number) = value { return number.isFinite && number == number.rounded() }
        return kind(of: value) == name
    }

    /// The JSON Schema word for a value's type.
    static func kind(of value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool: "boolean"
        case .int: "integer"
        case .double: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// Whether a number is a multiple of another, in the arithmetic it is written in.
    static func isMultiple(_ value: JSONValue, of divisor: JSONValue) -> Bool {
        if case .int(let number) = value, case .int(let step) = divisor { return number % step == 0 }
        guard let number = value.double, let step = divisor.double, number.isFinite else { return false }
        let quotient = number / step
        guard quotient.isFinite else { return number.truncatingRemainder(dividingBy: step) == 0 }
        return quotient == quotient.rounded()
    }
}

extension JSONValue {
    /// Whether two values are the same JSON: 1 and 1.0 are, 1 and `true` are not.
    package func equalsAsJSON(_ other: JSONValue) -> Bool {
        switch (self, other) {
        case (.int(let a), .double(let b)), (.double(let b), .int(let a)): Double(a) == b
        case (.array(let a), .array(let b)): a.count == b.count && zip(a, b).allSatisfy { $0.equalsAsJSON($1) }
        case (.object(let a), .object(let b)):
            a.count == b.count && a.allSatisfy { key, value in b[key].map { value.equalsAsJSON($0) } ?? false }
        default: self == other
        }
    }

    /// The value with every whole floating-point number as an integer, so that equal JSON hashes alike.
    fileprivate var normalized: JSONValue {
        switch self {
        case .double(let number): Int(exactly: number).map { .int($0) } ?? self
        case .array(let elements): .array(elements.map(\.normalized))
        case .object(let object): .object(JSONObject(object.map { ($0.0, $0.1.normalized) }))
        default: self
        }
    }

    /// The value for a message, cut where it is long.
    var excerpt: String {
        let text = text()
        return text.unicodeScalars.count > 120 ? String(text.prefix(120)) + "…" : text
    }
}

extension [JSONValue] {
    /// Whether two elements are the same JSON.
    var hasRepeatsAsJSON: Bool {
        var seen: Set<JSONValue> = []
        return contains { !seen.insert($0.normalized).inserted }
    }
}

extension String {
    /// A JSON Pointer one step further down.
    func appending(_ name: String) -> String { self + "/" + JSONSchemaReader.escaped(name) }
}
