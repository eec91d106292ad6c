extension Renderer {
    mutating func evaluate(_ expression: Expression) throws(TemplateError) -> TemplateValue {
        switch expression {
        case .constant(let value):
            return value
        case .slot(let slot):
            return slots[slot]
        case .globalName(let slot, let name):
            guard !slots[slot].isUndefined else { throw .runtime("`\(name)` is a function and no value") }
            return slots[slot]
        case .list(let expressions):
            return .list(try evaluate(expressions))
        case .tuple(let expressions):
            return .tuple(try evaluate(expressions))
        case .map(let items):
            return .map(try map(items, startingWith: TemplateMap()))
        case .not(let operand):
            return .bool(try !evaluate(operand).isTruthy)
        case .and(let left, let right):
            let value = try evaluate(left)
            return value.isTruthy ? try evaluate(right) : value
        case .or(let left, let right):
            let value = try evaluate(left)
            return value.isTruthy ? value : try evaluate(right)
        case .conditional(let test, let then, let otherwise):
            if try evaluate(test).isTruthy { return try evaluate(then) }
            return try otherwise.map { expression throws(TemplateError) in try evaluate(expression) } ?? .undefined
        case .concatenate(let parts):
            return .string(try concatenate(parts))
        case .attribute(let base, let name, let position):
            let value = try evaluate(base)
            if value.isUndefined { throw undefined(base, before: ".\(name.text)", at: position) }
            do throws(TemplateError) {
                return try PythonAccess.attribute(value, name)
            } catch { throw error.located(at: position) }
        case .item(let base, let key, let position):
            let value = try evaluate(base)
            let found = try evaluate(key)
            if value.isUndefined { throw undefined(base, before: "[\(PythonText.repr(found))]", at: position) }
            do throws(TemplateError) {
                return try PythonAccess.item(value, found)
            } catch { throw error.located(at: position) }
        default:
            return try evaluateOperation(expression)
        }
    }

    private func undefined(_ base: Expression, before suffix: String, at position: Position) -> TemplateError {
        let subject = name(of: base).map { "`\($0)`" } ?? "the value before `\(suffix)`"
        return .runtime("\(subject) is undefined, so it has no `\(suffix)`").located(at: position)
    }

    /// The rest of ``evaluate(_:)``: what fails with a place of its own.
    private mutating func evaluateOperation(_ expression: Expression) throws(TemplateError) -> TemplateValue {
        var place: Position?
        do throws(TemplateError) {
            switch expression {
            case .sign(let isNegative, let operand, let position):
                place = position
                return try PythonArithmetic.sign(isNegative: isNegative, try evaluate(operand))
            case .binary(let operation, let left, let right, let position):
                place = position
                return try PythonArithmetic.apply(operation, try evaluate(left), try evaluate(right), limit: limit)
            case .compare(let left, let comparisons, let position):
                place = position
                return .bool(try compare(left, comparisons))
            case .slice(let base, let bounds, let position):
                place = position
                return try PythonAccess.slice(
                    try evaluate(base), try evaluate(bounds.start), try evaluate(bounds.stop), try evaluate(bounds.step)
                )
            case .filter(let base, let call, let position):
                place = position
                return try call.filter.apply(try evaluate(base), try arguments(call.arguments))
            case .transform(let base, let transformation, let position):
                place = position
                return .generator(try transform(try evaluate(base), transformation))
            case .select(let base, let selection, let position):
                place = position
                return .generator(try select(from: try evaluate(base), selection))
            case .test(let base, let call, let position):
                place = position
                return .bool(try call.test.holds(try evaluate(base), try arguments(call.arguments)))
            case .method(let base, let call, let position):
                place = position
                return try call.method.call(on: try evaluate(base), try arguments(call.arguments))
            case .function(let function, let positional, let keywords, let position):
                place = position
                return try self.call(function, try evaluate(positional), keywords)
            case .loop(let identifier, let field, let expressions, let position):
                place = position
                return try loopField(identifier, field, try evaluate(expressions))
            default:
                return .undefined
            }
        } catch {
            throw place.map { error.located(at: $0) } ?? error
        }
    }

    private mutating func evaluate(_ expressions: [Expression]) throws(TemplateError) -> [TemplateValue] {
        var values: [TemplateValue] = []
        values.reserveCapacity(expressions.count)
        for expression in expressions { values.append(try evaluate(expression)) }
        return values
    }

    private mutating func evaluate(_ expression: Expression?) throws(TemplateError) -> TemplateValue {
        guard let expression else { return .none }
        return try evaluate(expression)
    }

    private mutating func arguments(_ expressions: [Expression?]) throws(TemplateError) -> Arguments {
        var values: [TemplateValue?] = []
        values.reserveCapacity(expressions.count)
        for expression in expressions {
            if let expression { values.append(try evaluate(expression)) } else { values.append(nil) }
        }
        return Arguments(values: values, limit: limit)
    }

    private mutating func concatenate(_ parts: [Expression]) throws(TemplateError) -> String {
        var text = ""
        for part in parts {
            let value = try evaluate(part)
            if case .view(let view) = value, view.kind == .generator {
                throw .runtime("the elements of a filter such as `map` have no text; add `|list` or `|join`")
            }
            PythonText.append(value, to: &text, limit: limit)
            guard text.utf8.count <= limit else { throw .runtime("this text is larger than \(limit) bytes") }
        }
        return text
    }

    private mutating func compare(
        _ left: Expression, _ comparisons: [Expression.Comparison]
    ) throws(TemplateError) -> Bool {
        var value = try evaluate(left)
        for comparison in comparisons {
            let right = try evaluate(comparison.right)
            guard try PythonComparison.holds(comparison.operation, value, right) else { return false }
            value = right
        }
        return true
    }

    private mutating func map(
        _ items: [Expression.MapItem], startingWith start: TemplateMap
    ) throws(TemplateError) -> TemplateMap {
        var map = start
        for item in items {
            let key = try evaluate(item.key)
            guard let text = key.text else {
                throw .runtime("a mapping's key is a string here, not \(key.typeName)").located(at: item.position)
            }
            map.set(text, to: try evaluate(item.value))
        }
        return map
    }

    // MARK: map and select

    private mutating func transform(
        _ value: TemplateValue, _ transformation: Transformation
    ) throws(TemplateError) -> [TemplateValue] {
        guard value.isTruthy else { return [] }
        var results: [TemplateValue] = []
        switch transformation {
        case .attribute(let path, let fallback):
            let path = try evaluate(path)
            let fallback = try fallback.map { expression throws(TemplateError) in try evaluate(expression) }
            for element in try value.elements() {
                let isNone = fallback == TemplateValue.none
                results.append(try PythonAccess.follow(path, in: element, fallback: isNone ? nil : fallback))
            }
        case .filter(let call):
            let arguments = try self.arguments(call.arguments)
            for element in try value.elements() { results.append(try call.filter.apply(element, arguments)) }
        }
        return results
    }

    private mutating func select(
        from value: TemplateValue, _ selection: Selection
    ) throws(TemplateError) -> [TemplateValue] {
        guard value.isTruthy else { return [] }
        let path = try selection.attribute.map { expression throws(TemplateError) in try evaluate(expression) }
        let arguments = try selection.test.map { test throws(TemplateError) in try self.arguments(test.arguments) }
        var kept: [TemplateValue] = []
        for element in try value.elements() {
            var subject = element
            if let path { subject = try PythonAccess.follow(path, in: element) }
            let matches: Bool
            if let test = selection.test?.test, let arguments {
                matches = try test.holds(subject, arguments)
            } else {
                matches = subject.isTruthy
            }
            if matches == selection.keepsMatches { kept.append(element) }
        }
        return kept
    }
}
