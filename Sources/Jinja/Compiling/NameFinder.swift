/// Goes through statements as Jinja2 looks for names: everything in the scope itself, not the bodies of inner scopes.
struct NameFinder {
    let scope: Scope

    func visit(_ statements: [Statement], in slots: inout SlotPool) {
        for statement in statements { visit(statement, in: &slots) }
    }

    private func visit(_ statement: Statement, in slots: inout SlotPool) {
        switch statement {
        case .text: break
        case .output(let node): visit(node, in: &slots)
        case .loop(let loop): visit(loop.iterable, in: &slots)
        case .conditional(let branches, let otherwise):
            visit(branches[...], otherwise: otherwise, in: &slots)
        case .assign(let target, let node):
            visit(node, in: &slots)
            store(target, in: &slots)
        case .capture(let target, _): store(target, in: &slots)
        case .with(let bindings, _):
            for (_, node) in bindings { visit(node, in: &slots) }
        }
    }

    /// One test and its body beside everything that follows it, which Jinja2 treats as nested conditions.
    private func visit(
        _ branches: ArraySlice<(test: SyntaxNode, body: [Statement])>, otherwise: [Statement],
        in slots: inout SlotPool
    ) {
        guard let first = branches.first else { return }
        visit(first.test, in: &slots)
        let body = table(in: &slots) { visit(first.body, in: &$0) }
        let following = table(in: &slots) { slots in
            for branch in branches.dropFirst() { visit([branch], otherwise: [], in: &slots) }
        }
        let last = table(in: &slots) { visit(otherwise, in: &$0) }
        scope.merge([body, following, last])
    }

    private func table(in slots: inout SlotPool, _ visit: (inout SlotPool) -> Void) -> Scope.Table {
        let before = scope.table
        visit(&slots)
        defer { scope.table = before }
        return scope.table
    }

    func store(_ target: AssignmentTarget, in slots: inout SlotPool) {
        switch target {
        case .name(let name, _): scope.store(name, in: &slots)
        case .tuple(let targets, _):
            for target in targets { store(target, in: &slots) }
        }
    }

    func declare(_ target: AssignmentTarget, in slots: inout SlotPool) {
        switch target {
        case .name(let name, _): scope.declareParameter(name, in: &slots)
        case .tuple(let targets, _):
            for target in targets { declare(target, in: &slots) }
        }
    }

    func visit(_ node: SyntaxNode, in slots: inout SlotPool) {
        if case .name(let name) = node.form { scope.load(name, in: &slots) }
        for child in node.children { visit(child, in: &slots) }
    }
}

extension SyntaxNode {
    /// The expressions it is made of, in the order Jinja2 looks at them.
    var children: [SyntaxNode] {
        switch form {
        case .constant, .name: []
        case .list(let nodes), .tuple(let nodes), .concatenate(let nodes): nodes
        case .map(let pairs): pairs.flatMap { [$0.key, $0.value] }
        case .not(let node), .sign(_, let node), .attribute(let node, _): [node]
        case .binary(_, let left, let right), .and(let left, let right), .or(let left, let right),
            .item(let left, let right):
            [left, right]
        case .compare(let left, let steps): [left] + steps.map(\.1)
        case .conditional(let test, let then, let otherwise): [test, then] + (otherwise.map { [$0] } ?? [])
        case .slice(let node, let start, let stop, let step): [node] + [start, stop, step].compactMap { $0 }
        case .call(let node, let call), .filter(let node, _, let call), .test(let node, _, let call):
            [node] + call.positional + call.keywords.map(\.value)
        }
    }

    func mentions(_ name: String) -> Bool {
        if case .name(name) = form { return true }
        return children.contains { $0.mentions(name) }
    }

    /// Calls back for each name, with its place.
    func forEachName(_ visit: (String, Position) -> Void) {
        if case .name(let name) = form { visit(name, position) }
        for child in children { child.forEachName(visit) }
    }
}

extension Statement {
    /// The expressions of this statement itself and the statements inside it.
    var parts: (nodes: [SyntaxNode], targets: [AssignmentTarget], inner: [Statement]) {
        switch self {
        case .text: ([], [], [])
        case .output(let node): ([node], [], [])
        case .loop(let loop):
            (
                [loop.iterable] + (loop.test.map { [$0] } ?? []), [loop.target], loop.body + loop.otherwise
            )
        case .conditional(let branches, let otherwise):
            (branches.map(\.test), [], branches.flatMap(\.body) + otherwise)
        case .assign(let target, let node): ([node], [target], [])
        case .capture(let target, let body): ([], [target], body)
        case .with(let bindings, let body): (bindings.map(\.1), bindings.map(\.0), body)
        }
    }

    /// Calls back for each name mentioned or assigned, with its place.
    func forEachName(_ visit: (_ name: String, _ position: Position, _ isAssigned: Bool) -> Void) {
        let (nodes, targets, inner) = parts
        for node in nodes { node.forEachName { visit($0, $1, false) } }
        for target in targets { target.forEachName { visit($0, $1, true) } }
        for statement in inner { statement.forEachName(visit) }
    }

    func mentions(_ name: String) -> Bool {
        let (nodes, _, inner) = parts
        return nodes.contains { $0.mentions(name) } || inner.contains { $0.mentions(name) }
    }
}

extension AssignmentTarget {
    func forEachName(_ visit: (String, Position) -> Void) {
        switch self {
        case .name(let name, let position): visit(name, position)
        case .tuple(let targets, _):
            for target in targets { target.forEachName(visit) }
        }
    }
}
