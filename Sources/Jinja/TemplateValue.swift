/// A value a template works on, as Python would know it.
///
/// Data from JSON needs the cases up to `map`; the others arise inside templates.
/// `==` compares structure; what templates mean by `==` is Python's rule, where `1 == True`.
package enum TemplateValue: Sendable, Equatable {
    case undefined
    case none
    case bool(Bool)
    case int(Int)
    case double(Double)
    case string(String)
    case list([TemplateValue])
    case map(TemplateMap)
    /// A tuple, as `dictsort` and `.items()` give them.
    case tuple([TemplateValue])
    /// Text that is already escaped (`markupsafe.Markup`): `escape`, `safe` and `tojson` give it.
    case markup(String)
    /// Something to iterate over that is neither list nor tuple: `range(3)`, `x.items()`, `x|map(…)`.
    case view(TemplateView)
}

/// Elements to iterate over, with the Python type they pretend to have.
package struct TemplateView: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case items
        case keys
        case values
        case range(start: Int, stop: Int, step: Int)
        /// A generator: it can be iterated over, but has no length, no index and no text.
        case generator
        /// A list in every way but one: as text it is the texts of its elements, one a line. Prompt flow's chat inputs are.
        case lines
    }

    package var kind: Kind
    package var elements: [TemplateValue]
}

extension TemplateValue {
    /// Whether Python's `bool()` says true.
    var isTruthy: Bool {
        switch self {
        case .undefined, .none: false
        case .bool(let value): value
        case .int(let value): value != 0
        case .double(let value): value != 0
        case .string(let text), .markup(let text): !text.isEmpty
        case .list(let elements), .tuple(let elements): !elements.isEmpty
        case .map(let map): !map.isEmpty
        case .view(let view): view.kind == .generator || !view.elements.isEmpty
        }
    }

    var isUndefined: Bool {
        if case .undefined = self { true } else { false }
    }

    /// The text of a string, escaped or not.
    var text: String? {
        switch self {
        case .string(let text), .markup(let text): text
        default: nil
        }
    }

    var isMarkup: Bool {
        if case .markup = self { true } else { false }
    }

    /// The whole number Python would take as an index: `True` counts as 1.
    var index: Int? {
        switch self {
        case .int(let value): value
        case .bool(let value): value ? 1 : 0
        default: nil
        }
    }

    /// What Python calls the type.
    var typeName: String {
        switch self {
        case .undefined: "Undefined"
        case .none: "NoneType"
        case .bool: "bool"
        case .int: "int"
        case .double: "float"
        case .string: "str"
        case .markup: "Markup"
        case .list: "list"
        case .tuple: "tuple"
        case .map: "dict"
        case .view(let view):
            switch view.kind {
            case .items: "dict_items"
            case .keys: "dict_keys"
            case .values: "dict_values"
            case .range: "range"
            case .generator: "generator"
            case .lines: "list"
            }
        }
    }

    /// A list whose text is the texts of its elements, one a line.
    package static func lines(_ elements: [TemplateValue]) -> TemplateValue {
        .view(TemplateView(kind: .lines, elements: elements))
    }

    static func generator(_ elements: [TemplateValue]) -> TemplateValue {
        .view(TemplateView(kind: .generator, elements: elements))
    }

    /// What `for` would go through: the elements, a mapping's keys, a string's characters, nothing for undefined.
    func elements() throws(TemplateError) -> [TemplateValue] {
        switch self {
        case .list(let elements), .tuple(let elements): elements
        case .view(let view): view.elements
        case .map(let map): map.entries.map { .string($0.key) }
        case .string(let text), .markup(let text): text.unicodeScalars.map { .string(String($0)) }
        case .undefined: []
        case .none, .bool, .int, .double: throw .runtime("cannot iterate over \(typeName)")
        }
    }

    /// What `len()` counts: characters of a string are Unicode scalars.
    func length() throws(TemplateError) -> Int {
        switch self {
        case .list(let elements), .tuple(let elements): elements.count
        case .map(let map): map.count
        case .string(let text), .markup(let text): text.unicodeScalars.count
        case .undefined: 0
        case .view(let view) where view.kind != .generator: view.elements.count
        default: throw .runtime("\(typeName) has no length")
        }
    }
}
