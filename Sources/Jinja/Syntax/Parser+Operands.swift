extension Parser {
    /// A name, a literal, or something in brackets.
    mutating func primary() throws(TemplateError) -> SyntaxNode {
        let start = position
        let form: SyntaxNode.Form
        height = 1
        switch current.kind {
        case .name(let name):
            advance()
            form = Self.constants[name].map { .constant($0) } ?? .name(name)
        case .string(var text):
            advance()
            while case .string(let more) = current.kind {
                text += more
                advance()
            }
            form = .constant(.string(text))
        case .int(let value):
            advance()
            form = .constant(.int(value))
        case .double(let value):
            advance()
            form = .constant(.double(value))
        case .symbol(.leftParenthesis):
            advance()
            let node = try tupleExpression(allowsEmpty: true)
            try expect(.rightParenthesis)
            return node
        case .symbol(.leftBracket):
            form = .list(try list())
        case .symbol(.leftBrace):
            form = .map(try map())
        default:
            throw unexpected("an expression")
        }
        return SyntaxNode(form: form, position: start)
    }

    private static let constants: [String: TemplateValue] = [
        "true": .bool(true), "True": .bool(true), "false": .bool(false), "False": .bool(false),
        "none": .none, "None": .none,
    ]

    private mutating func list() throws(TemplateError) -> [SyntaxNode] {
        try expect(.leftBracket)
        var elements: [SyntaxNode] = []
        var tallest = 0
        while !isSymbol(.rightBracket) {
            elements.append(try expression())
            tallest = max(tallest, height)
            guard skip(.comma) else { break }
        }
        try expect(.rightBracket)
        try grow(over: tallest)
        return elements
    }

    private mutating func map() throws(TemplateError) -> [(key: SyntaxNode, value: SyntaxNode)] {
        try expect(.leftBrace)
        var pairs: [(key: SyntaxNode, value: SyntaxNode)] = []
        var tallest = 0
        while !isSymbol(.rightBrace) {
            let key = try expression()
            tallest = max(tallest, height)
            try expect(.colon)
            pairs.append((key, try expression()))
            tallest = max(tallest, height)
            guard skip(.comma) else { break }
        }
        try expect(.rightBrace)
        try grow(over: tallest)
        return pairs
    }

    /// Attributes, subscripts and calls after an operand.
    mutating func postfix(_ operand: SyntaxNode) throws(TemplateError) -> SyntaxNode {
        var node = operand
        while true {
            let start = position
            let form: SyntaxNode.Form
            let below = height
            switch current.kind {
            case .symbol(.dot):
                advance()
                form = try attribute(of: node)
            case .symbol(.leftBracket):
                advance()
                form = try item(of: node)
            case .symbol(.leftParenthesis):
                form = .call(node, try callArguments())
            default:
                return node
            }
            node = SyntaxNode(form: form, position: start)
            try grow(over: below)
        }
    }

    private mutating func attribute(of node: SyntaxNode) throws(TemplateError) -> SyntaxNode.Form {
        let start = position
        switch current.kind {
        case .name(let name):
            advance()
            return .attribute(node, name)
        case .int(let index):
            advance()
            return .item(node, SyntaxNode(form: .constant(.int(index)), position: start))
        default:
            throw unexpected("a name or a number after the dot")
        }
    }

    private mutating func item(of node: SyntaxNode) throws(TemplateError) -> SyntaxNode.Form {
        let start = position
        var tallest = 0
        var bounds: [SyntaxNode?] = [nil]
        while !isSymbol(.rightBracket) {
            if skip(.colon) {
                bounds.append(nil)
                guard bounds.count <= 3 else { throw unexpected("`]`") }
            } else {
                guard bounds[bounds.count - 1] == nil else { break }
                bounds[bounds.count - 1] = try expression()
                tallest = max(tallest, height)
            }
        }
        if isSymbol(.comma) { throw .unsupported("[a, b]", "subscript", at: start) }
        try expect(.rightBracket)
        height = tallest
        if bounds.count == 1 {
            guard let key = bounds[0] else {
                throw .syntax("a subscript needs an expression", at: start)
            }
            return .item(node, key)
        }
        return .slice(node, start: bounds[0], stop: bounds[1], step: bounds.count == 3 ? bounds[2] : nil)
    }

    /// What stands in the parentheses of a call, a filter or a test.
    mutating func callArguments() throws(TemplateError) -> CallSyntax {
        try expect(.leftParenthesis)
        var call = CallSyntax()
        var tallest = 0
        while !isSymbol(.rightParenthesis) {
            if isSymbol(.multiply) || isSymbol(.power) { throw .unsupported("*args", "argument form", at: position) }
            if case .name(let name) = current.kind, following.kind == .symbol(.assign) {
                next += 2
                call.keywords.append((name, try expression()))
            } else {
                guard call.keywords.isEmpty else { throw unexpected("a named argument") }
                call.positional.append(try expression())
            }
            tallest = max(tallest, height)
            guard skip(.comma) else { break }
        }
        try expect(.rightParenthesis)
        height = tallest
        return call
    }

    /// `|filter` and `is test` after an operand.
    mutating func filtersAndTests(_ operand: SyntaxNode) throws(TemplateError) -> SyntaxNode {
        var node = operand
        while true {
            let below = height
            if skip(.pipe) {
                let start = position
                let name = try dottedName()
                var call = CallSyntax()
                if isSymbol(.leftParenthesis) { call = try callArguments() }
                node = SyntaxNode(form: .filter(node, name: name, call), position: start)
            } else if skip(name: "is") {
                node = try test(node)
            } else if isSymbol(.leftParenthesis) {
                let start = position
                node = SyntaxNode(form: .call(node, try callArguments()), position: start)
            } else {
                return node
            }
            try grow(over: below)
        }
    }

    private mutating func dottedName() throws(TemplateError) -> String {
        var name = try expectName()
        while skip(.dot) { name += "." + (try expectName()) }
        return name
    }

    private mutating func test(_ node: SyntaxNode) throws(TemplateError) -> SyntaxNode {
        let isNegated = skip(name: "not")
        let start = position
        let name = try dottedName()
        var call = CallSyntax()
        switch current.kind {
        case .symbol(.leftParenthesis):
            call = try callArguments()
        case .name("else"), .name("or"), .name("and"):
            break
        case .name("is"):
            throw .syntax("tests cannot follow each other; use `and`", at: position)
        case .name, .string, .int, .double, .symbol(.leftBracket), .symbol(.leftBrace):
            call.positional = [try postfix(try primary())]
        default:
            break
        }
        let tested = SyntaxNode(form: .test(node, name: name, call), position: start)
        return isNegated ? SyntaxNode(form: .not(tested), position: start) : tested
    }
}
