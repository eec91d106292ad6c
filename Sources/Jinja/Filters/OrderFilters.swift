extension Filter {
    /// Filters that compare elements with each other; text compares without case unless told otherwise.
    static let orderFilters: [String: Filter] = [
        "dictsort": dictSort,
        "max": extreme(wantsLargest: true),
        "min": extreme(wantsLargest: false),
        "sort": sort,
        "unique": unique,
    ]

    private static func folded(_ value: TemplateValue, _ isCaseSensitive: Bool) -> TemplateValue {
        guard !isCaseSensitive, let text = value.text else { return value }
        return .string(PythonString.lower(text))
    }

    private static let sort = Filter(["reverse", "case_sensitive", "attribute"]) {
        value, arguments throws(TemplateError) in
        let isCaseSensitive = arguments.isTrue(1)
        let paths: [TemplateValue] =
            switch arguments[2] {
            case nil, .some(.none): [.none]
            case .some(let path):
                path.text.map { text in
                    PythonString.split(text, ",", limit: -1, fromRight: false).map { .string($0) }
                } ?? [path]
            }
        return .list(
            try PythonComparison.sorted(try value.elements(), reversed: arguments.isTrue(0)) {
                element throws(TemplateError) in
                var key: [TemplateValue] = []
                for path in paths { key.append(folded(try PythonAccess.follow(path, in: element), isCaseSensitive)) }
                return .list(key)
            })
    }

    private static let dictSort = Filter(["case_sensitive", "by", "reverse"]) {
        value, arguments throws(TemplateError) in
        guard case .map(let map) = value else { throw .runtime("`dictsort` cannot work on \(value.typeName)") }
        let place: Int
        switch try arguments.text(1, or: "key", "by") {
        case "key": place = 0
        case "value": place = 1
        default: throw .runtime("`by` is key or value")
        }
        return .list(
            try PythonComparison.sorted(map.pairs, reversed: arguments.isTrue(2)) { pair throws(TemplateError) in
                guard case .tuple(let parts) = pair else { return pair }
                return folded(parts[place], arguments.isTrue(0))
            })
    }

    private static let unique = Filter(["case_sensitive", "attribute"]) { value, arguments throws(TemplateError) in
        var seen: Set<ExactText> = []
        var kept: [TemplateValue] = []
        for element in try value.elements() {
            let key = folded(try path(1, in: element, arguments), arguments.isTrue(0))
            try PythonComparison.requireHashable(key)
            if seen.insert(ExactText(identity(key))).inserted { kept.append(element) }
        }
        return .generator(kept)
    }

    private static func path(
        _ place: Int, in element: TemplateValue, _ arguments: Arguments
    ) throws(TemplateError) -> TemplateValue {
        arguments[place] == .some(.none) ? element : try arguments.follow(place, in: element)
    }

    /// Text that is the same for equal keys only: numbers by value, whatever their type.
    private static func identity(_ key: TemplateValue) -> String {
        if let text = key.text { return "s" + text }
        switch PythonNumber(key) {
        case .int(let number): return "n\(number)"
        case .double(let number):
            return Int(exactly: number).map { "n\($0)" } ?? "f" + PythonFloat.repr(number)
        case nil: break
        }
        if case .tuple(let elements) = key {
            return "t"
                + elements.map { element in
                    let text = identity(element)
                    return "\(text.utf8.count):\(text)"
                }.joined()
        }
        return PythonText.repr(key)
    }

    private static func extreme(wantsLargest: Bool) -> Filter {
        Filter(["case_sensitive", "attribute"]) { value, arguments throws(TemplateError) in
            var best: (key: TemplateValue, element: TemplateValue)?
            for element in try value.elements() {
                let key = folded(try path(1, in: element, arguments), arguments.isTrue(0))
                if let known = best?.key {
                    let isBetter =
                        try wantsLargest ? PythonComparison.isLess(known, key) : PythonComparison.isLess(key, known)
                    if !isBetter { continue }
                }
                best = (key, element)
            }
            return best?.element ?? .undefined
        }
    }
}
