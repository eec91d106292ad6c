extension Filter {
    /// Filters that take elements out of sequences, or put them together.
    static let sequenceFilters: [String: Filter] = [
        "batch": batch, "d": fallback, "default": fallback, "first": first, "items": items, "join": join,
        "last": last, "list": Filter { value, _ throws(TemplateError) in .list(try value.elements()) },
        "reverse": reverse, "sum": sum,
    ]

    private static let fallback = Filter(["default_value", "boolean"]) { value, arguments throws(TemplateError) in
        guard value.isUndefined || (arguments.isTrue(1) && !value.isTruthy) else { return value }
        return arguments[0] ?? .string("")
    }

    private static let first = Filter { value, _ throws(TemplateError) in try value.elements().first ?? .undefined }

    private static let last = Filter { value, _ throws(TemplateError) in
        guard value.isReversible else { throw .runtime("`last` cannot work on \(value.typeName)") }
        return try value.elements().last ?? .undefined
    }

    private static let reverse = Filter { value, _ throws(TemplateError) in
        if let text = value.text { return value.with(text: PythonString.string(text.unicodeScalars.reversed())) }
        return .generator(try value.elements().reversed())
    }

    private static let items = Filter { value, _ throws(TemplateError) in
        switch value {
        case .map(let map): .generator(map.pairs)
        case .undefined: .generator([])
        default: throw .runtime("`items` cannot work on \(value.typeName)")
        }
    }

    private static let join = Filter(["d", "attribute"]) { value, arguments throws(TemplateError) in
        let separator = try arguments.written(0, or: "")
        let hasPath = arguments[1] != nil && arguments[1] != .some(.none)
        var result = ""
        var isFirst = true
        for element in try value.elements() {
            if !isFirst { result += separator }
            isFirst = false
            PythonText.append(
                hasPath ? try arguments.follow(1, in: element) : element, to: &result, limit: arguments.limit)
            guard result.utf8.count <= arguments.limit else {
                throw .runtime("`join` makes more than \(arguments.limit) bytes")
            }
        }
        return .string(result)
    }

    private static let sum = Filter(["attribute", "start"]) { value, arguments throws(TemplateError) in
        let hasPath = arguments[0] != nil && arguments[0] != .some(.none)
        var total = arguments[1] ?? .int(0)
        if total.text != nil { throw .runtime("`sum` adds no strings; use `join`") }
        for element in try value.elements() {
            let next = hasPath ? try arguments.follow(0, in: element) : element
            total = try PythonArithmetic.apply(.add, total, next, limit: arguments.limit)
        }
        return total
    }

    private static let batch = Filter(["linecount", "fill_with"], required: 1) {
        value, arguments throws(TemplateError) in
        let size = try arguments.int(0, or: 0, "linecount")
        let filler = arguments[1] == .some(.none) ? nil : arguments[1]
        var batches: [TemplateValue] = []
        var current: [TemplateValue] = []
        for element in try value.elements() {
            if current.count == size {
                batches.append(.list(current))
                current = []
            }
            current.append(element)
        }
        if !current.isEmpty {
            if let filler, current.count < size {
                guard size <= arguments.limit / MemoryLayout<TemplateValue>.stride else {
                    throw .runtime("`linecount` is too large")
                }
                current += Array(repeating: filler, count: size - current.count)
            }
            batches.append(.list(current))
        }
        return .generator(batches)
    }
}

extension TemplateMap {
    /// Keys and values as tuples.
    var pairs: [TemplateValue] {
        entries.map { .tuple([.string($0.key), $0.value]) }
    }
}

extension TemplateValue {
    /// Whether Python's `reversed()` takes it.
    var isReversible: Bool {
        switch self {
        case .none, .bool, .int, .double: false
        case .view(let view): view.kind != .generator
        default: true
        }
    }
}
