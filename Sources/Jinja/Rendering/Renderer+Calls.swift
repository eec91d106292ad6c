extension Renderer {
    /// The most elements `range` gives, as in Jinja2's sandbox.
    private static let maximumRange = 100_000

    mutating func call(
        _ function: TemplateFunction, _ positional: [TemplateValue], _ keywords: [Expression.MapItem]
    ) throws(TemplateError) -> TemplateValue {
        switch function {
        case .range: return try range(positional)
        case .dict:
            var map = TemplateMap()
            switch positional.first {
            case nil: break
            case .map(let given): map = given
            case .some(let pairs):
                for pair in try pairs.elements() {
                    let parts = try pair.elements()
                    guard parts.count == 2, let key = parts[0].text else {
                        throw .runtime("`dict` takes a mapping, or pairs of a string and a value")
                    }
                    map.set(key, to: parts[1])
                }
            }
            for item in keywords {
                if case .constant(.string(let key)) = item.key { map.set(key, to: try evaluate(item.value)) }
            }
            return .map(map)
        }
    }

    private func range(_ arguments: [TemplateValue]) throws(TemplateError) -> TemplateValue {
        var numbers: [Int] = []
        for argument in arguments {
            guard let number = argument.index else {
                throw .runtime("`range` takes whole numbers, not \(argument.typeName)")
            }
            numbers.append(number)
        }
        let start = numbers.count > 1 ? numbers[0] : 0
        let stop = numbers.count > 1 ? numbers[1] : numbers.first ?? 0
        let step = numbers.count > 2 ? numbers[2] : 1
        guard step != 0 else { throw .runtime("the step of `range` cannot be zero") }
        let distance = Double(stop) - Double(start)
        guard distance / Double(step) <= Double(Self.maximumRange) else {
            throw .runtime("`range` gives at most \(Self.maximumRange) numbers")
        }
        let elements = stride(from: start, to: stop, by: step).map { TemplateValue.int($0) }
        return .view(TemplateView(kind: .range(start: start, stop: stop, step: step), elements: elements))
    }

    mutating func loopField(
        _ identifier: Int, _ field: LoopField, _ arguments: [TemplateValue]
    ) throws(TemplateError) -> TemplateValue {
        let loop = loops[identifier]
        let index = loop.index
        let count = loop.elements.count
        switch field {
        case .index: return .int(index + 1)
        case .index0: return .int(index)
        case .revindex: return .int(count - index)
        case .revindex0: return .int(count - index - 1)
        case .first: return .bool(index == 0)
        case .last: return .bool(index == count - 1)
        case .length: return .int(count)
        case .previtem: return index > 0 ? loop.elements[index - 1] : .undefined
        case .nextitem: return index + 1 < count ? loop.elements[index + 1] : .undefined
        case .depth: return .int(1)
        case .depth0: return .int(0)
        case .cycle:
            guard !arguments.isEmpty else { throw .runtime("`loop.cycle` needs values") }
            return arguments[index % arguments.count]
        case .changed:
            let isSame = loop.lastSeen.map { PythonComparison.areEqual(.tuple($0), .tuple(arguments)) } ?? false
            loops[identifier].lastSeen = arguments
            return .bool(!isSame)
        }
    }
}
