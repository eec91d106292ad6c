/// Methods of values that templates may call: those that read, none that change.
enum Method: String, Sendable {
    case get, items, keys, values
    case capitalize, count, endswith, find, index, isalnum, isalpha, isdigit, islower, isspace, isupper
    case join, lower, lstrip, removeprefix, removesuffix, replace, rsplit, rstrip, split, splitlines, startswith
    case strip, title, upper

    var parameters: Parameters {
        switch self {
        case .get: Parameters(["key", "default"], required: 1)
        case .count, .endswith, .find, .index, .join, .removeprefix, .removesuffix, .startswith:
            Parameters(["value"], required: 1)
        case .lstrip, .rstrip, .strip: Parameters(["chars"])
        case .replace: Parameters(["old", "new", "count"], required: 2)
        case .rsplit, .split: Parameters(["sep", "maxsplit"])
        default: Parameters()
        }
    }

    func call(on value: TemplateValue, _ arguments: Arguments) throws(TemplateError) -> TemplateValue {
        let result: TemplateValue? =
            switch value {
            case .map(let map): try callMap(map, arguments)
            case .string(let text): try callText(text, arguments)
            case .markup(let text): try callMarkup(text, arguments)
            case .list(let elements), .tuple(let elements): try callSequence(elements, arguments)
            case .undefined: throw .runtime("the value before `.\(rawValue)()` is undefined")
            default: nil
            }
        guard let result else { throw .runtime("\(value.typeName) has no method `\(rawValue)`") }
        return result
    }

    private func callMap(_ map: TemplateMap, _ arguments: Arguments) throws(TemplateError) -> TemplateValue? {
        switch self {
        case .get:
            let key = arguments[0] ?? .undefined
            try PythonComparison.requireHashable(key)
            return key.text.flatMap { map[$0] } ?? arguments[1] ?? TemplateValue.none
        case .items: return .view(TemplateView(kind: .items, elements: map.pairs))
        case .keys: return .view(TemplateView(kind: .keys, elements: map.entries.map { .string($0.key) }))
        case .values: return .view(TemplateView(kind: .values, elements: map.entries.map(\.value)))
        default: return nil
        }
    }

    private func callSequence(
        _ elements: [TemplateValue], _ arguments: Arguments
    ) throws(TemplateError) -> TemplateValue? {
        let wanted = arguments.values.first.flatMap { $0 } ?? .undefined
        switch self {
        case .count: return .int(elements.count { PythonComparison.areEqual($0, wanted) })
        case .index:
            guard let place = elements.firstIndex(where: { PythonComparison.areEqual($0, wanted) }) else {
                throw .runtime("`index` found no such element")
            }
            return .int(place)
        default: return nil
        }
    }

    /// Escaped text stays escaped; what is joined to it or put into it is escaped first.
    private func callMarkup(_ text: String, _ arguments: Arguments) throws(TemplateError) -> TemplateValue? {
        var arguments = arguments
        switch self {
        case .replace: arguments.values[1] = arguments[1].map { Self.escaped($0) }
        case .join: arguments.values[0] = .list(try (arguments[0] ?? .undefined).elements().map { Self.escaped($0) })
        default: break
        }
        switch try callText(text, arguments) {
        case .string(let result): return .markup(result)
        case .list(let parts): return .list(parts.map { part in part.text.map { .markup($0) } ?? part })
        case let other: return other
        }
    }

    private static func escaped(_ value: TemplateValue) -> TemplateValue {
        if case .string(let text) = value { .string(Markup.escape(text)) } else { value }
    }
}
