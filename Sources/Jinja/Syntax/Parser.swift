/// Turns tokens into statements and expressions, refusing what templates here may not use.
struct Parser {
    var tokens: [Token]
    let source: TemplateSource
    var next = 0
    /// How deep expressions and statements are nested right now, and how high the last parsed expression is:
    /// both are bounded, because parsing and rendering recurse.
    var nesting = 0
    var height = 0

    static let maximumNesting = 60
    static let maximumHeight = 200

    init(tokens: [Token], source: TemplateSource) {
        self.tokens = tokens
        self.source = source
    }

    mutating func template() throws(TemplateError) -> [Statement] {
        try statements(until: [])
    }

    // MARK: Tokens

    var current: Token { tokens[min(next, tokens.count - 1)] }

    var following: Token { tokens[min(next + 1, tokens.count - 1)] }

    var position: Position { source.position(of: current.offset) }

    mutating func advance() { next += 1 }

    func isName(_ name: String) -> Bool { current.kind == .name(name) }

    func isSymbol(_ symbol: Token.Symbol) -> Bool { current.kind == .symbol(symbol) }

    mutating func skip(_ symbol: Token.Symbol) -> Bool {
        guard isSymbol(symbol) else { return false }
        advance()
        return true
    }

    mutating func skip(name: String) -> Bool {
        guard isName(name) else { return false }
        advance()
        return true
    }

    mutating func expect(_ symbol: Token.Symbol) throws(TemplateError) {
        guard skip(symbol) else { throw unexpected("`\(symbol.rawValue)`") }
    }

    mutating func expect(_ kind: Token.Kind, _ description: String) throws(TemplateError) {
        guard current.kind == kind else { throw unexpected(description) }
        advance()
    }

    mutating func expectName() throws(TemplateError) -> String {
        guard case .name(let name) = current.kind else { throw unexpected("a name") }
        advance()
        return name
    }

    func unexpected(_ wanted: String) -> TemplateError {
        .syntax("expected \(wanted), found \(current.description)", at: position)
    }

    // MARK: Bounds

    mutating func enter() throws(TemplateError) {
        nesting += 1
        guard nesting <= Self.maximumNesting else {
            throw .syntax("this is nested more than \(Self.maximumNesting) levels deep", at: position)
        }
    }

    mutating func leave() { nesting -= 1 }

    /// Notes that a node stands above what was just parsed and above `others`.
    mutating func grow(over others: Int = 0) throws(TemplateError) {
        height = max(height, others) + 1
        guard height <= Self.maximumHeight else {
            throw .syntax("this expression has more than \(Self.maximumHeight) steps in a row", at: position)
        }
    }
}
