import Domain
import Jinja

extension JSONValue {
    /// This value for a template.
    var templateValue: TemplateValue {
        switch self {
        case .null: .none
        case .bool(let flag): .bool(flag)
        case .int(let number): .int(number)
        case .double(let number): .double(number)
        case .string(let text): .string(text)
        case .array(let elements): .list(elements.map(\.templateValue))
        case .object(let object): .map(TemplateMap(object.lazy.map { (key: $0.0, value: $0.1.templateValue) }))
        }
    }

    /// What Python's `str()` gives: `True`, `{'a': 1}`, `1.0`.
    var pythonText: String {
        if case .string(let text) = self { return text }
        return PythonText.str(templateValue)
    }

    /// Whether Python's `==` holds: `1 == True == 1.0`.
    func equalsInPython(_ other: JSONValue) -> Bool {
        if let left = pythonNumber, let right = other.pythonNumber { return left == right }
        switch (self, other) {
        case (.array(let left), .array(let right)):
            return left.count == right.count && zip(left, right).allSatisfy { $0.equalsInPython($1) }
        case (.object(let left), .object(let right)):
            return left.count == right.count
                && left.allSatisfy { key, value in right[key].map { value.equalsInPython($0) } ?? false }
        default: return self == other
        }
    }

    private var pythonNumber: Double? { if case .bool(let flag) = self { flag ? 1 : 0 } else { double } }
}
