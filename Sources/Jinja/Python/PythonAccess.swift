/// `x.name`, `x[key]` and `x[a:b]` as Jinja2's sandbox resolves them.
enum PythonAccess {
    /// `x.name`: Python's own attributes of the type win over the keys of a mapping.
    static func attribute(_ value: TemplateValue, _ name: AttributeName) throws(TemplateError) -> TemplateValue {
        if case .map(let map) = value {
            guard name.owners.contains(.map) else { return map[name.text] ?? .undefined }
            throw .runtime(
                "`\(name.text)` is a method of every mapping, so `.\(name.text)` is never its key; "
                    + "write `['\(name.text)']`, or call it")
        }
        if let found = try ownAttribute(value, name) { return found }
        return .undefined
    }

    /// `x[key]`: elements win over Python's own attributes of the type.
    static func item(_ value: TemplateValue, _ key: TemplateValue) throws(TemplateError) -> TemplateValue {
        switch value {
        case .map(let map):
            if let text = key.text, let found = map[text] { return found }
        case .list(let elements), .tuple(let elements):
            if let index = key.index { return element(elements, index) ?? .undefined }
        case .string(let text), .markup(let text):
            if let index = key.index {
                guard let scalar = element(Array(text.unicodeScalars), index) else { return .undefined }
                return value.isMarkup ? .markup(String(scalar)) : .string(String(scalar))
            }
        case .view(let view):
            switch view.kind {
            case .range, .lines: if let index = key.index { return element(view.elements, index) ?? .undefined }
            default: break
            }
        case .undefined:
            throw .runtime("the value before the subscript is undefined")
        case .none, .bool, .int, .double: break
        }
        guard let name = key.text else { return .undefined }
        return try ownAttribute(value, AttributeName(name)) ?? .undefined
    }

    private static func element<T>(_ elements: [T], _ index: Int) -> T? {
        let place = index < 0 ? index + elements.count : index
        return elements.indices.contains(place) ? elements[place] : nil
    }

    /// What Python itself gives the type: fields of numbers; methods, which are no values here.
    private static func ownAttribute(
        _ value: TemplateValue, _ name: AttributeName
    ) throws(TemplateError) -> TemplateValue? {
        if value.isUndefined { throw .runtime("the value before `.\(name.text)` is undefined") }
        guard let owner = AttributeName.Owners(of: value), name.owners.contains(owner) else { return nil }
        switch (PythonNumber(value), name.text) {
        case (.int(let number), "real"), (.int(let number), "numerator"): return .int(number)
        case (.int, "imag"): return .int(0)
        case (.int, "denominator"): return .int(1)
        case (.double(let number), "real"): return .double(number)
        case (.double, "imag"): return .double(0)
        default: break
        }
        if case .view(let view) = value, case .range(let start, let stop, let step) = view.kind {
            switch name.text {
            case "start": return .int(start)
            case "stop": return .int(stop)
            case "step": return .int(step)
            default: break
            }
        }
        throw .runtime("`\(name.text)` is a method of \(value.typeName) and no value; call it")
    }

    /// `x[start:stop:step]`.
    static func slice(
        _ value: TemplateValue, _ start: TemplateValue, _ stop: TemplateValue, _ step: TemplateValue
    ) throws(TemplateError) -> TemplateValue {
        switch value {
        case .list(let elements): return .list(try slice(elements, start, stop, step))
        case .tuple(let elements): return .tuple(try slice(elements, start, stop, step))
        case .view(let view) where view.kind == .lines: return .list(try slice(view.elements, start, stop, step))
        case .string(let text):
            return .string(PythonString.string(try slice(Array(text.unicodeScalars), start, stop, step)))
        case .markup(let text):
            return .markup(PythonString.string(try slice(Array(text.unicodeScalars), start, stop, step)))
        default: throw .runtime("\(value.typeName) cannot be sliced")
        }
    }

    private static func slice<T>(
        _ elements: [T], _ start: TemplateValue, _ stop: TemplateValue, _ step: TemplateValue
    ) throws(TemplateError) -> [T] {
        let count = elements.count
        let stride = try bound(step) ?? 1
        guard stride != 0 else { throw .runtime("the step of a slice cannot be zero") }
        let lowest = stride < 0 ? -1 : 0
        let highest = stride < 0 ? count - 1 : count
        func clamped(_ value: TemplateValue, otherwise: Int) throws(TemplateError) -> Int {
            guard let index = try bound(value) else { return otherwise }
            let (place, overflow) = index < 0 ? index.addingReportingOverflow(count) : (index, false)
            return overflow ? lowest : min(max(place, lowest), highest)
        }
        let first = try clamped(start, otherwise: stride < 0 ? highest : lowest)
        let last = try clamped(stop, otherwise: stride < 0 ? lowest : highest)
        if stride == 1 { return first < last ? Array(elements[first..<last]) : [] }
        // A step past the whole list is as good as one of its length, and cannot overflow.
        let bounded = max(-count - 1, min(stride, count + 1))
        return Swift.stride(from: first, to: last, by: bounded).map { elements[$0] }
    }

    private static func bound(_ value: TemplateValue) throws(TemplateError) -> Int? {
        if case .none = value { return nil }
        guard let index = value.index else {
            throw .runtime("the bounds of a slice are whole numbers, not \(value.typeName)")
        }
        return index
    }

    /// Follows a path such as `user.address.0`, as the argument `attribute` of filters is read.
    static func follow(
        _ path: TemplateValue, in value: TemplateValue, fallback: TemplateValue? = nil
    ) throws(TemplateError) -> TemplateValue {
        var found = value
        for key in keys(of: path) {
            found = try item(found, key)
            if let fallback, found.isUndefined { found = fallback }
        }
        return found
    }

    private static func keys(of path: TemplateValue) -> [TemplateValue] {
        guard let text = path.text else { return path == .none ? [] : [path] }
        return PythonString.split(text, ".", limit: -1, fromRight: false).map { part in
            if !part.isEmpty, part.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                let index = Int(part)
            {
                return .int(index)
            }
            return .string(part)
        }
    }
}
