/// Turns statements into nodes: resolves names to slots, and filters, tests and methods to what carries them out.
struct Compiler {
    private let options: TemplateOptions
    private var slots = SlotPool()
    private var loopCount = 0
    /// The slots that stand for `loop`, with the loop each belongs to.
    private var loopSlots: [Int: Int] = [:]
    /// How many loops are open; inside them nothing may be assigned to `loop`.
    private var openLoops = 0

    /// Names Jinja2 itself gives a meaning to; they are no inputs.
    private static let globals: Set<String> = ["cycler", "dict", "joiner", "lipsum", "namespace", "range"]

    init(options: TemplateOptions) {
        self.options = options
    }

    mutating func compile(_ statements: [Statement]) throws(TemplateError) -> Program {
        let scope = Scope(parent: nil)
        NameFinder(scope: scope).visit(statements, in: &slots)
        let entry = scope.settle(in: &slots)
        let body = try nodes(statements, in: scope)
        return Program(
            body: body, options: options, slotCount: slots.names.count, loopCount: loopCount, inputs: slots.inputs,
            entry: entry, slotNames: slots.names, variables: variables(of: statements))
    }

    /// The inputs in order of first mention; one that is only ever assigned comes last.
    private func variables(of statements: [Statement]) -> [String] {
        var first: [ExactText: Position] = [:]
        for statement in statements {
            statement.forEachName { name, position, isAssigned in
                guard !isAssigned else { return }
                let known = first[ExactText(name)]
                if known.map({ position.precedes($0) }) ?? true { first[ExactText(name)] = position }
            }
        }
        let end = Position(line: .max, column: 0)
        let names = slots.inputs.map(\.name).filter { !Self.globals.contains($0) }
        return names.sorted { left, right in
            (first[ExactText(left)] ?? end).precedes(first[ExactText(right)] ?? end)
        }
    }

    // MARK: Statements

    private mutating func nodes(_ statements: [Statement], in scope: Scope) throws(TemplateError) -> [Node] {
        var nodes: [Node] = []
        for statement in statements { nodes.append(try node(statement, in: scope)) }
        return nodes
    }

    private mutating func node(_ statement: Statement, in scope: Scope) throws(TemplateError) -> Node {
        switch statement {
        case .text(let text):
            return .text(text)
        case .output(let syntax):
            return .output(try expression(syntax, in: scope), syntax.position)
        case .loop(let loop):
            return .loop(try self.loop(loop, in: scope))
        case .conditional(let branches, let otherwise):
            var compiled: [Node.Branch] = []
            for branch in branches {
                let test = try expression(branch.test, in: scope)
                let body = try nodes(branch.body, in: scope)
                compiled.append(Node.Branch(test: test, position: branch.test.position, body: body))
            }
            return .conditional(compiled, otherwise: try nodes(otherwise, in: scope))
        case .assign(let syntax, let value):
            let compiled = try expression(value, in: scope)
            return .assign(try target(syntax, in: scope), compiled, value.position)
        case .capture(let syntax, let body):
            let inner = Scope(parent: scope)
            NameFinder(scope: inner).visit(body, in: &slots)
            let entry = inner.settle(in: &slots)
            let compiled = try nodes(body, in: inner)
            return .capture(try target(syntax, in: scope), entry: entry, body: compiled, syntax.position)
        case .with(let bindings, let body):
            return try with(bindings, body, in: scope)
        }
    }

    private mutating func with(
        _ bindings: [(AssignmentTarget, SyntaxNode)], _ body: [Statement], in scope: Scope
    ) throws(TemplateError) -> Node {
        let inner = Scope(parent: scope)
        let finder = NameFinder(scope: inner)
        for (target, _) in bindings { finder.declare(target, in: &slots) }
        finder.visit(body, in: &slots)
        let entry = inner.settle(in: &slots)
        var compiled: [Node.Binding] = []
        for (syntax, value) in bindings {
            let value = try (node: expression(value, in: scope), position: value.position)
            compiled.append(
                Node.Binding(target: try target(syntax, in: inner), value: value.node, position: value.position))
        }
        return .scope(entry: entry, bindings: compiled, body: try nodes(body, in: inner))
    }

    private mutating func loop(_ loop: LoopStatement, in scope: Scope) throws(TemplateError) -> Node.Loop {
        let identifier = loopCount
        loopCount += 1
        openLoops += 1
        defer { openLoops -= 1 }

        let bodyScope = Scope(parent: scope)
        let finder = NameFinder(scope: bodyScope)
        if loop.body.contains(where: { $0.mentions("loop") }) {
            bodyScope.declareParameter("loop", in: &slots)
            if let slot = bodyScope.slot(of: "loop") { loopSlots[slot] = identifier }
        }
        finder.declare(loop.target, in: &slots)
        finder.visit(loop.body, in: &slots)
        let entry = bodyScope.settle(in: &slots)

        let elseScope = Scope(parent: scope)
        NameFinder(scope: elseScope).visit(loop.otherwise, in: &slots)
        let elseEntry = elseScope.settle(in: &slots)

        return Node.Loop(
            identifier: identifier, target: try target(loop.target, in: bodyScope),
            iterable: try expression(loop.iterable, in: scope), test: try loopTest(loop, in: scope), entry: entry,
            body: try nodes(loop.body, in: bodyScope), elseEntry: elseEntry,
            otherwise: try nodes(loop.otherwise, in: elseScope), position: loop.position)
    }

    private mutating func loopTest(_ loop: LoopStatement, in scope: Scope) throws(TemplateError) -> Node.LoopTest? {
        guard let syntax = loop.test else { return nil }
        let testScope = Scope(parent: scope)
        let finder = NameFinder(scope: testScope)
        finder.declare(loop.target, in: &slots)
        finder.visit(syntax, in: &slots)
        let entry = testScope.settle(in: &slots)
        return Node.LoopTest(
            target: try target(loop.target, in: testScope), entry: entry,
            condition: try expression(syntax, in: testScope))
    }

    private func target(_ syntax: AssignmentTarget, in scope: Scope) throws(TemplateError) -> Target {
        switch syntax {
        case .name(let name, let position):
            guard name != "loop" || openLoops == 0 else {
                throw .syntax("`loop` cannot be assigned to inside a loop", at: position)
            }
            guard let slot = scope.slot(of: name) else { throw .syntax("`\(name)` is unknown here", at: position) }
            return .slot(slot)
        case .tuple(let targets, _):
            var compiled: [Target] = []
            for syntax in targets { compiled.append(try target(syntax, in: scope)) }
            return .tuple(compiled)
        }
    }

    // MARK: Names

    func name(_ name: String, at position: Position, in scope: Scope) throws(TemplateError) -> Expression {
        guard let slot = scope.slot(of: name) else { throw .syntax("`\(name)` is unknown here", at: position) }
        if loopSlots[slot] != nil {
            throw .unsupported("loop", "loop object itself, used as a value,", at: position)
        }
        let isInput = slots.inputs.contains { $0.slot == slot }
        return isInput && Self.globals.contains(name) ? .globalName(slot: slot, name) : .slot(slot)
    }

    /// The loop this expression names, if it names one.
    func loop(namedBy syntax: SyntaxNode, in scope: Scope) -> Int? {
        guard case .name(let name) = syntax.form, let slot = scope.slot(of: name) else { return nil }
        return loopSlots[slot]
    }

    /// Whether the name means what Jinja2 gives it, and not a variable of the template.
    func isGlobal(_ name: String, in scope: Scope) -> Bool {
        guard Self.globals.contains(name), let slot = scope.slot(of: name) else { return false }
        return slots.inputs.contains { $0.slot == slot }
    }
}
