extension Parser {
    /// Tags of Jinja2 and its usual extensions that are refused by name.
    private static let unsupportedTags: Set<String> = [
        "autoescape", "block", "break", "call", "continue", "debug", "do", "extends", "filter", "from", "import",
        "include", "macro", "pluralize", "print", "trans",
    ]

    /// Statements up to a tag that begins with one of `ends`, whose name becomes the current token;
    /// with no `ends`, up to the end of the template.
    mutating func statements(until ends: [String]) throws(TemplateError) -> [Statement] {
        try enter()
        defer { leave() }
        var body: [Statement] = []
        while true {
            switch current.kind {
            case .text(let text):
                body.append(.text(text))
                advance()
            case .outputStart:
                advance()
                body.append(.output(try tupleExpression()))
                try expect(.outputEnd, "`}}`")
            case .tagStart:
                advance()
                guard case .name(let name) = current.kind else { throw unexpected("the name of a tag") }
                if ends.contains(name) { return body }
                body.append(try statement(name, ends: ends))
                try expect(.tagEnd, "`%}`")
            default:
                guard ends.isEmpty else { throw unexpected("`{% \(ends[ends.count - 1]) %}`") }
                return body
            }
        }
    }

    private mutating func statement(_ tag: String, ends: [String]) throws(TemplateError) -> Statement {
        let start = position
        switch tag {
        case "for":
            advance()
            return try loop(at: start)
        case "if":
            advance()
            return try conditional()
        case "set":
            advance()
            return try assignment()
        case "with":
            advance()
            return try with()
        default:
            if Self.unsupportedTags.contains(tag) { throw .unsupported(tag, at: start) }
            if tag.hasPrefix("end") || tag == "else" || tag == "elif" {
                let wanted = ends.last.map { ", expected `\($0)`" } ?? ""
                throw .syntax("`\(tag)` closes nothing here\(wanted)", at: start)
            }
            throw .unsupported(tag, "tag", at: start)
        }
    }

    /// The body of a tag, after its head: `%}`, statements, `{% end`.
    private mutating func body(until ends: [String]) throws(TemplateError) -> [Statement] {
        _ = skip(.colon)
        try expect(.tagEnd, "`%}`")
        return try statements(until: ends)
    }

    private mutating func loop(at start: Position) throws(TemplateError) -> Statement {
        let target = try assignmentTarget(isLoop: true)
        guard skip(name: "in") else { throw unexpected("`in`") }
        let iterable = try tupleExpression(allowsCondition: false, endsAtRecursive: true)
        var test: SyntaxNode?
        if skip(name: "if") { test = try expression() }
        if isName("recursive") { throw .unsupported("recursive", "loop modifier", at: position) }
        let inner = try body(until: ["else", "endfor"])
        var otherwise: [Statement] = []
        if skip(name: "else") { otherwise = try body(until: ["endfor"]) }
        advance()
        return .loop(
            LoopStatement(
                target: target, iterable: iterable, test: test, body: inner, otherwise: otherwise, position: start))
    }

    private mutating func conditional() throws(TemplateError) -> Statement {
        var branches: [(test: SyntaxNode, body: [Statement])] = []
        var otherwise: [Statement] = []
        repeat {
            let test = try tupleExpression(allowsCondition: false)
            branches.append((test, try body(until: ["elif", "else", "endif"])))
        } while skip(name: "elif")
        if skip(name: "else") { otherwise = try body(until: ["endif"]) }
        advance()
        return .conditional(branches, otherwise: otherwise)
    }

    private mutating func assignment() throws(TemplateError) -> Statement {
        if case .name = current.kind, following.kind == .symbol(.dot) {
            throw .unsupported("namespace", at: position)
        }
        let target = try assignmentTarget(isLoop: false)
        if skip(.assign) { return .assign(target, try tupleExpression()) }
        if isSymbol(.pipe) { throw .unsupported("set with a filter", at: position) }
        let captured = try body(until: ["endset"])
        advance()
        return .capture(target, captured)
    }

    private mutating func with() throws(TemplateError) -> Statement {
        var bindings: [(AssignmentTarget, SyntaxNode)] = []
        while current.kind != .tagEnd, current.kind != .end {
            if !bindings.isEmpty { try expect(.comma) }
            let start = position
            let name = try expectName()
            try checkAssignable(name, at: start)
            try expect(.assign)
            bindings.append((.name(name, start), try expression()))
        }
        let inner = try body(until: ["endwith"])
        advance()
        return .with(bindings, inner)
    }

    // MARK: Targets

    /// A name, or names parted by commas, with or without parentheses.
    private mutating func assignmentTarget(isLoop: Bool) throws(TemplateError) -> AssignmentTarget {
        let start = position
        var targets: [AssignmentTarget] = []
        var isTuple = false
        while !(isLoop ? isName("in") : isSymbol(.assign) || current.kind == .tagEnd), !isSymbol(.rightParenthesis) {
            targets.append(try singleTarget())
            guard skip(.comma) else { break }
            isTuple = true
        }
        if let first = targets.first, !isTuple { return first }
        guard !targets.isEmpty else { throw unexpected("a name to assign to") }
        return .tuple(targets, start)
    }

    private mutating func singleTarget() throws(TemplateError) -> AssignmentTarget {
        let start = position
        if skip(.leftParenthesis) {
            try enter()
            defer { leave() }
            let target = try assignmentTarget(isLoop: false)
            try expect(.rightParenthesis)
            return target
        }
        guard case .name(let name) = current.kind else { throw unexpected("a name to assign to") }
        advance()
        try checkAssignable(name, at: start)
        return .name(name, start)
    }

    private func checkAssignable(_ name: String, at position: Position) throws(TemplateError) {
        guard !["true", "false", "none", "True", "False", "None"].contains(name) else {
            throw .syntax("`\(name)` cannot be assigned to", at: position)
        }
    }
}
