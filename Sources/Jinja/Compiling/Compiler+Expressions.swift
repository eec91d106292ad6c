extension Compiler {
    func expression(_ syntax: SyntaxNode, in scope: Scope) throws(TemplateError) -> Expression {
        let position = syntax.position
        switch syntax.form {
        case .constant(let value):
            return .constant(value)
        case .name(let name):
            return try self.name(name, at: position, in: scope)
        case .list(let nodes):
            return .list(try expressions(nodes, in: scope))
        case .tuple(let nodes):
            return .tuple(try expressions(nodes, in: scope))
        case .concatenate(let nodes):
            return .concatenate(try expressions(nodes, in: scope))
        case .map(let pairs):
            return .map(try mapItems(pairs, in: scope))
        case .not(let node):
            return .not(try expression(node, in: scope))
        case .sign(let isNegative, let node):
            return .sign(isNegative: isNegative, try expression(node, in: scope), position)
        case .binary(let operation, let left, let right):
            return .binary(operation, try expression(left, in: scope), try expression(right, in: scope), position)
        case .and(let left, let right):
            return .and(try expression(left, in: scope), try expression(right, in: scope))
        case .or(let left, let right):
            return .or(try expression(left, in: scope), try expression(right, in: scope))
        case .compare(let left, let steps):
            var comparisons: [Expression.Comparison] = []
            for (operation, right) in steps {
                comparisons.append(.init(operation: operation, right: try expression(right, in: scope)))
            }
            return .compare(try expression(left, in: scope), comparisons, position)
        case .conditional(let test, let then, let otherwise):
            return .conditional(
                test: try expression(test, in: scope), then: try expression(then, in: scope),
                otherwise: try optional(otherwise, in: scope))
        case .attribute(let node, let name):
            if let loop = loop(namedBy: node, in: scope) { return try loopField(loop, name, at: position) }
            return .attribute(try expression(node, in: scope), AttributeName(name), position)
        case .item(let node, let key):
            if let loop = loop(namedBy: node, in: scope), case .constant(.string(let name)) = key.form {
                return try loopField(loop, name, at: position)
            }
            return .item(try expression(node, in: scope), try expression(key, in: scope), position)
        case .slice(let node, let start, let stop, let step):
            let bounds = Expression.SliceBounds(
                start: try optional(start, in: scope), stop: try optional(stop, in: scope),
                step: try optional(step, in: scope))
            return .slice(try expression(node, in: scope), bounds, position)
        case .call(let callee, let call):
            return try self.call(callee, call, at: position, in: scope)
        case .filter(let node, let name, let call):
            return try filter(node, name, call, at: position, in: scope)
        case .test(let node, let name, let call):
            let test = try self.test(name, call.positional, call.keywords, at: position, in: scope)
            return .test(try expression(node, in: scope), test, position)
        }
    }

    func expressions(_ nodes: [SyntaxNode], in scope: Scope) throws(TemplateError) -> [Expression] {
        var expressions: [Expression] = []
        for node in nodes { expressions.append(try expression(node, in: scope)) }
        return expressions
    }

    private func optional(_ node: SyntaxNode?, in scope: Scope) throws(TemplateError) -> Expression? {
        guard let node else { return nil }
        return try expression(node, in: scope)
    }

    private func mapItems(
        _ pairs: [(key: SyntaxNode, value: SyntaxNode)], in scope: Scope
    ) throws(TemplateError) -> [Expression.MapItem] {
        var items: [Expression.MapItem] = []
        for (key, value) in pairs {
            if case .constant(let constant) = key.form, constant.text == nil {
                throw .unsupported(
                    "{\(PythonText.repr(constant)): …}", "mapping with a key that is no string", at: key.position)
            }
            items.append(
                .init(
                    key: try expression(key, in: scope), value: try expression(value, in: scope), position: key.position
                ))
        }
        return items
    }

    /// A field of `loop`; one that does not exist is undefined, as any attribute.
    private func loopField(_ loop: Int, _ name: String, at position: Position) throws(TemplateError) -> Expression {
        switch LoopField(rawValue: name) {
        case .cycle, .changed: throw .unsupported("loop.\(name)", "method without its call,", at: position)
        case let field?: return .loop(loop, field, [], position)
        case nil: return .constant(.undefined)
        }
    }

    // MARK: Calls

    private func call(
        _ callee: SyntaxNode, _ call: CallSyntax, at position: Position, in scope: Scope
    ) throws(TemplateError) -> Expression {
        switch callee.form {
        case .name(let name):
            return try function(name, call, at: callee.position, in: scope)
        case .attribute(let receiver, let name):
            if let loop = loop(namedBy: receiver, in: scope) {
                guard name == "cycle" || name == "changed", let field = LoopField(rawValue: name), call.keywords.isEmpty
                else { throw .unsupported("loop.\(name)", "call", at: position) }
                return .loop(loop, field, try expressions(call.positional, in: scope), position)
            }
            guard let method = Method(rawValue: name) else {
                throw .unsupported(name, "method", at: callee.position)
            }
            let arguments = try bind(
                call.positional, call.keywords, to: method.parameters, of: "method `\(name)`", at: position, in: scope)
            return .method(
                try expression(receiver, in: scope), MethodCall(method: method, arguments: arguments), callee.position)
        default:
            throw .unsupported("(…)(…)", "call of a value", at: position)
        }
    }

    private func function(
        _ name: String, _ call: CallSyntax, at position: Position, in scope: Scope
    ) throws(TemplateError) -> Expression {
        guard isGlobal(name, in: scope), let function = TemplateFunction(rawValue: name) else {
            throw .unsupported(name, "function", at: position)
        }
        var keywords: [Expression.MapItem] = []
        for (key, value) in call.keywords {
            keywords.append(
                .init(key: .constant(.string(key)), value: try expression(value, in: scope), position: value.position))
        }
        let allowed = function == .range ? 1...3 : 0...1
        guard allowed.contains(call.positional.count), function == .dict || keywords.isEmpty else {
            throw .syntax("`\(name)` takes other arguments", at: position)
        }
        return .function(function, try expressions(call.positional, in: scope), keywords: keywords, position)
    }

    // MARK: Filters and tests

    private func filter(
        _ node: SyntaxNode, _ name: String, _ call: CallSyntax, at position: Position, in scope: Scope
    ) throws(TemplateError) -> Expression {
        let base = try expression(node, in: scope)
        switch name {
        case "map":
            return .transform(base, try transformation(call, at: position, in: scope), position)
        case "select", "reject", "selectattr", "rejectattr":
            return .select(base, try selection(name, call, at: position, in: scope), position)
        default:
            return .filter(
                base, try filterCall(name, call.positional, call.keywords, at: position, in: scope), position)
        }
    }

    private func filterCall(
        _ name: String, _ positional: [SyntaxNode], _ keywords: [(name: String, value: SyntaxNode)],
        at position: Position, in scope: Scope
    ) throws(TemplateError) -> FilterCall {
        guard let filter = Filter.named[name] else { throw .unsupported(name, "filter", at: position) }
        let arguments = try bind(
            positional, keywords, to: filter.parameters, of: "filter `\(name)`", at: position, in: scope)
        return FilterCall(filter: filter, arguments: arguments)
    }

    private func transformation(
        _ call: CallSyntax, at position: Position, in scope: Scope
    ) throws(TemplateError) -> Transformation {
        if call.positional.isEmpty, call.keywords.contains(where: { $0.name == "attribute" }) {
            let arguments = try bind(
                [], call.keywords, to: Parameters(["attribute", "default"], required: 1), of: "filter `map`",
                at: position, in: scope)
            guard let attribute = arguments[0] else { throw .syntax("`map` needs an attribute", at: position) }
            return .attribute(attribute, fallback: arguments[1])
        }
        let name = try constantName(call.positional.first, of: "map", at: position)
        guard !["map", "select", "reject", "selectattr", "rejectattr"].contains(name) else {
            throw .unsupported(name, "filter inside `map`,", at: position)
        }
        return .filter(
            try filterCall(name, Array(call.positional.dropFirst()), call.keywords, at: position, in: scope))
    }

    private func selection(
        _ name: String, _ call: CallSyntax, at position: Position, in scope: Scope
    ) throws(TemplateError) -> Selection {
        var positional = call.positional[...]
        var attribute: Expression?
        if name.hasSuffix("attr") {
            guard let first = positional.popFirst() else {
                throw .syntax("`\(name)` needs the name of an attribute", at: position)
            }
            attribute = try expression(first, in: scope)
        }
        var test: TestCall?
        if let first = positional.popFirst() {
            let testName = try constantName(first, of: name, at: position)
            test = try self.test(testName, Array(positional), call.keywords, at: first.position, in: scope)
        } else if let keyword = call.keywords.first {
            throw .syntax("`\(name)` takes no argument `\(keyword.name)`", at: position)
        }
        return Selection(attribute: attribute, test: test, keepsMatches: name.hasPrefix("select"))
    }

    /// The name of a filter or a test given as an argument: it has to be known now, so that it can be checked now.
    private func constantName(
        _ node: SyntaxNode?, of filter: String, at position: Position
    ) throws(TemplateError) -> String {
        guard let node else { throw .syntax("`\(filter)` needs an argument", at: position) }
        guard case .constant(.string(let name)) = node.form else {
            throw .unsupported("\(filter)(…)", "name that is no string constant in", at: node.position)
        }
        return name
    }

    private func test(
        _ name: String, _ positional: [SyntaxNode], _ keywords: [(name: String, value: SyntaxNode)],
        at position: Position, in scope: Scope
    ) throws(TemplateError) -> TestCall {
        guard let test = ValueTest.named[name] else { throw .unsupported(name, "test", at: position) }
        let arguments = try bind(
            positional, keywords, to: test.parameters, of: "test `\(name)`", at: position, in: scope)
        return TestCall(test: test, arguments: arguments)
    }

    // MARK: Arguments

    /// Puts arguments in the order of the parameters, as Python would.
    private func bind(
        _ positional: [SyntaxNode], _ keywords: [(name: String, value: SyntaxNode)], to parameters: Parameters,
        of owner: String, at position: Position, in scope: Scope
    ) throws(TemplateError) -> [Expression?] {
        guard positional.count <= parameters.names.count else {
            throw .syntax("the \(owner) takes at most \(parameters.names.count) arguments", at: position)
        }
        var bound: [Expression?] = try expressions(positional, in: scope)
        bound += Array(repeating: nil, count: parameters.names.count - positional.count)
        for (name, value) in keywords {
            guard let place = parameters.names.firstIndex(of: name), bound[place] == nil else {
                throw .syntax("the \(owner) takes no argument `\(name)` here", at: position)
            }
            bound[place] = try expression(value, in: scope)
        }
        for place in 0..<parameters.required where bound[place] == nil {
            throw .syntax("the \(owner) needs the argument `\(parameters.names[place])`", at: position)
        }
        return bound
    }
}
