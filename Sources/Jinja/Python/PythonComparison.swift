/// Python's `==`, `<` and `in`.
enum PythonComparison {
    /// Numbers compare by value whatever their type, so `1 == True == 1.0`; a list never equals a tuple.
    static func areEqual(_ left: TemplateValue, _ right: TemplateValue) -> Bool {
        if let one = left.text { return right.text.map { ExactText.same(one, $0) } ?? false }
        if let one = PythonNumber(left) { return PythonNumber(right).map { order(one, $0) == .same } ?? false }
        switch (left, right) {
        case (.undefined, .undefined), (.none, .none): return true
        case (.list(let one), .list(let other)), (.tuple(let one), .tuple(let other)): return areEqual(one, other)
        case (.map(let one), .map(let other)):
            return one.count == other.count
                && one.entries.allSatisfy { entry in other[entry.key].map { areEqual(entry.value, $0) } ?? false }
        case (.view(let one), .view(let other)):
            return one.kind != .generator && one.kind != .values && areEqual(one.elements, other.elements)
        default: return false
        }
    }

    private static func areEqual(_ left: [TemplateValue], _ right: [TemplateValue]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { areEqual($0, $1) }
    }

    private enum Order {
        case less, same, greater, unordered
    }

    private static func order(_ left: PythonNumber, _ right: PythonNumber) -> Order {
        switch (left, right) {
        case (.int(let one), .int(let other)): one < other ? .less : one == other ? .same : .greater
        case (.double(let one), .double(let other)): order(one, other)
        case (.int(let one), .double(let other)): order(one, other)
        case (.double(let one), .int(let other)):
            switch order(other, one) {
            case .less: .greater
            case .greater: .less
            case .same: .same
            case .unordered: .unordered
            }
        }
    }

    private static func order(_ left: Double, _ right: Double) -> Order {
        left < right ? .less : left == right ? .same : left > right ? .greater : .unordered
    }

    /// Exact also where the integer has no float of its own.
    private static func order(_ left: Int, _ right: Double) -> Order {
        guard let whole = Int(exactly: right.rounded(.towardZero)) else { return order(Double(left), right) }
        if left != whole { return left < whole ? .less : .greater }
        return order(0.0, right - right.rounded(.towardZero))
    }

    /// Whether `left` comes before `right`; values of different kinds have no order.
    static func isLess(_ left: TemplateValue, _ right: TemplateValue) throws(TemplateError) -> Bool {
        try compare(left, right, sign: "<") { $0 == .less }
    }

    private static func compare(
        _ left: TemplateValue, _ right: TemplateValue, sign: String, numbers: (Order) -> Bool
    ) throws(TemplateError) -> Bool {
        if let one = PythonNumber(left), let other = PythonNumber(right) { return numbers(order(one, other)) }
        if let one = left.text, let other = right.text {
            return numbers(
                ExactText.precedes(one, other) ? .less : ExactText.same(one, other) ? .same : .greater)
        }
        switch (left, right) {
        case (.list(let one), .list(let other)), (.tuple(let one), .tuple(let other)):
            for (element, counterpart) in zip(one, other) where !areEqual(element, counterpart) {
                return try compare(element, counterpart, sign: sign, numbers: numbers)
            }
            return numbers(order(.int(one.count), .int(other.count)))
        default:
            throw .runtime("`\(sign)` cannot compare \(left.typeName) and \(right.typeName)")
        }
    }

    static func holds(
        _ operation: ComparisonOperator, _ left: TemplateValue, _ right: TemplateValue
    ) throws(TemplateError) -> Bool {
        switch operation {
        case .equal: areEqual(left, right)
        case .notEqual: !areEqual(left, right)
        case .less: try compare(left, right, sign: "<") { $0 == .less }
        case .lessOrEqual:
            try compare(left, right, sign: "<=") { $0 == .less || $0 == .same }
        case .greater: try compare(left, right, sign: ">") { $0 == .greater }
        case .greaterOrEqual:
            try compare(left, right, sign: ">=") { $0 == .greater || $0 == .same }
        case .contained: try contains(right, left)
        case .notContained: try !contains(right, left)
        }
    }

    /// Python's `element in container`: text in text, a key in a mapping, an element in a sequence.
    static func contains(_ container: TemplateValue, _ element: TemplateValue) throws(TemplateError) -> Bool {
        switch container {
        case .string(let text), .markup(let text):
            guard let part = element.text else {
                throw .runtime("only a string can be in a string, not \(element.typeName)")
            }
            return PythonString.contains(text, part)
        case .map(let map):
            try requireHashable(element)
            return element.text.map { map[$0] != nil } ?? false
        case .none, .bool, .int, .double:
            throw .runtime("nothing can be in a value of type \(container.typeName)")
        default:
            return try container.elements().contains { areEqual($0, element) }
        }
    }

    /// Refuses what Python cannot use as a key.
    static func requireHashable(_ value: TemplateValue) throws(TemplateError) {
        switch value {
        case .list, .map: throw .runtime("\(value.typeName) cannot be a key")
        case .tuple(let elements):
            for element in elements { try requireHashable(element) }
        default: break
        }
    }

    /// Sorts like Python's `sorted`: stable, also when reversed; throws where two keys have no order.
    static func sorted(
        _ elements: [TemplateValue], reversed: Bool, key: (TemplateValue) throws(TemplateError) -> TemplateValue
    ) throws(TemplateError) -> [TemplateValue] {
        var keyed: [(key: TemplateValue, element: TemplateValue)] = []
        keyed.reserveCapacity(elements.count)
        for element in elements { keyed.append((try key(element), element)) }
        // The standard library's sort is stable but does not pass typed errors on.
        var failure: TemplateError?
        keyed.sort { left, right in
            guard failure == nil else { return false }
            do throws(TemplateError) {
                return try reversed ? isLess(right.key, left.key) : isLess(left.key, right.key)
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
        return keyed.map(\.element)
    }
}
