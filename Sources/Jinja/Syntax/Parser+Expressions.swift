extension Parser {
    /// An expression, or several parted by commas, which make a tuple.
    mutating func tupleExpression(
        allowsCondition: Bool = true, endsAtRecursive: Bool = false, allowsEmpty: Bool = false
    ) throws(TemplateError) -> SyntaxNode {
        let start = position
        var elements: [SyntaxNode] = []
        var tallest = 0
        var isTuple = false
        while !isTupleEnd(endsAtRecursive: endsAtRecursive) {
            elements.append(try expression(allowsCondition: allowsCondition))
            tallest = max(tallest, height)
            guard skip(.comma) else { break }
            isTuple = true
        }
        height = tallest
        if let first = elements.first, !isTuple { return first }
        guard isTuple || allowsEmpty else { throw unexpected("an expression") }
        try grow()
        return SyntaxNode(form: .tuple(elements), position: start)
    }

    private func isTupleEnd(endsAtRecursive: Bool) -> Bool {
        switch current.kind {
        case .outputEnd, .tagEnd, .symbol(.rightParenthesis), .end: true
        case .name("recursive"): endsAtRecursive
        default: false
        }
    }

    mutating func expression(allowsCondition: Bool = true) throws(TemplateError) -> SyntaxNode {
        try enter()
        defer { leave() }
        var node = try disjunction()
        guard allowsCondition else { return node }
        while isName("if") {
            let start = node.position
            let leftHeight = height
            advance()
            let test = try disjunction()
            var tallest = max(leftHeight, height)
            var otherwise: SyntaxNode?
            if skip(name: "else") {
                otherwise = try expression()
                tallest = max(tallest, height)
            }
            node = SyntaxNode(form: .conditional(test: test, then: node, otherwise: otherwise), position: start)
            try grow(over: tallest)
        }
        return node
    }

    private mutating func disjunction() throws(TemplateError) -> SyntaxNode {
        var left = try conjunction()
        while isName("or") {
            let start = position
            let leftHeight = height
            advance()
            left = SyntaxNode(form: .or(left, try conjunction()), position: start)
            try grow(over: leftHeight)
        }
        return left
    }

    private mutating func conjunction() throws(TemplateError) -> SyntaxNode {
        var left = try negation()
        while isName("and") {
            let start = position
            let leftHeight = height
            advance()
            left = SyntaxNode(form: .and(left, try negation()), position: start)
            try grow(over: leftHeight)
        }
        return left
    }

    private mutating func negation() throws(TemplateError) -> SyntaxNode {
        var starts: [Position] = []
        while isName("not") {
            starts.append(position)
            advance()
        }
        var node = try comparison()
        for start in starts.reversed() {
            node = SyntaxNode(form: .not(node), position: start)
            try grow()
        }
        return node
    }

    private mutating func comparison() throws(TemplateError) -> SyntaxNode {
        let left = try sum()
        var tallest = height
        let start = position
        var steps: [(ComparisonOperator, SyntaxNode)] = []
        while let comparison = comparisonOperator() {
            steps.append((comparison, try sum()))
            tallest = max(tallest, height)
        }
        guard !steps.isEmpty else { return left }
        try grow(over: tallest)
        return SyntaxNode(form: .compare(left, steps), position: start)
    }

    private mutating func comparisonOperator() -> ComparisonOperator? {
        switch current.kind {
        case .symbol(let symbol):
            guard let comparison = ComparisonOperator(rawValue: symbol.rawValue) else { return nil }
            advance()
            return comparison
        case .name("in"):
            advance()
            return .contained
        case .name("not") where following.kind == .name("in"):
            next += 2
            return .notContained
        default:
            return nil
        }
    }

    private mutating func sum() throws(TemplateError) -> SyntaxNode {
        var left = try concatenation()
        while isSymbol(.plus) || isSymbol(.minus) {
            let operation: BinaryOperator = isSymbol(.plus) ? .add : .subtract
            let start = position
            let leftHeight = height
            advance()
            left = SyntaxNode(form: .binary(operation, left, try concatenation()), position: start)
            try grow(over: leftHeight)
        }
        return left
    }

    private mutating func concatenation() throws(TemplateError) -> SyntaxNode {
        let first = try product()
        guard isSymbol(.tilde) else { return first }
        var parts = [first]
        var tallest = height
        while skip(.tilde) {
            parts.append(try product())
            tallest = max(tallest, height)
        }
        try grow(over: tallest)
        return SyntaxNode(form: .concatenate(parts), position: first.position)
    }

    private mutating func product() throws(TemplateError) -> SyntaxNode {
        var left = try power()
        while case .symbol(let symbol) = current.kind, [.multiply, .divide, .floorDivide, .modulo].contains(symbol),
            let operation = BinaryOperator(rawValue: symbol.rawValue)
        {
            let start = position
            let leftHeight = height
            advance()
            left = SyntaxNode(form: .binary(operation, left, try power()), position: start)
            try grow(over: leftHeight)
        }
        return left
    }

    /// Unlike Python's, this power groups from the left, and a sign binds closer than it: both as in Jinja2.
    private mutating func power() throws(TemplateError) -> SyntaxNode {
        var left = try unary()
        while isSymbol(.power) {
            let start = position
            let leftHeight = height
            advance()
            left = SyntaxNode(form: .binary(.power, left, try unary()), position: start)
            try grow(over: leftHeight)
        }
        return left
    }

    private mutating func unary() throws(TemplateError) -> SyntaxNode {
        var signs: [(isNegative: Bool, Position)] = []
        while isSymbol(.minus) || isSymbol(.plus) {
            signs.append((isSymbol(.minus), position))
            advance()
        }
        var node = try postfix(try primary())
        for (isNegative, start) in signs.reversed() {
            node = SyntaxNode(form: .sign(isNegative: isNegative, node), position: start)
            try grow()
        }
        return try filtersAndTests(node)
    }
}
