/// One rendering of a program: slots, loops under way, and the output.
struct Renderer {
    private let program: Program
    var slots: [TemplateValue]
    var loops: [LoopState]
    var output: Output
    private var iterations = 0
    let limit: Int

    init(program: Program, values: [String: TemplateValue], isSplitting: Bool) {
        self.program = program
        limit = program.options.maximumOutputBytes
        slots = Array(repeating: .undefined, count: program.slotCount)
        loops = Array(repeating: LoopState(), count: program.loopCount)
        output = Output(isSplitting: isSplitting, limit: limit)
        for (name, slot) in program.inputs {
            if let value = values[name] { slots[slot] = value }
        }
    }

    mutating func run() throws(TemplateError) {
        enter(program.entry)
        try render(program.body)
    }

    /// The name of what an expression reads, for messages.
    func name(of expression: Expression) -> String? {
        switch expression {
        case .slot(let slot): program.slotNames[slot]
        case .attribute(let base, let attribute, _): name(of: base).map { "\($0).\(attribute.text)" }
        default: nil
        }
    }

    private mutating func enter(_ entry: [SlotEntry]) {
        for copy in entry { slots[copy.slot] = copy.source.map { slots[$0] } ?? .undefined }
    }

    private mutating func render(_ nodes: [Node]) throws(TemplateError) {
        for node in nodes { try render(node) }
    }

    private mutating func render(_ node: Node) throws(TemplateError) {
        switch node {
        case .text(let text):
            try output.append(literal: text)
        case .output(let expression, let position):
            do throws(TemplateError) {
                try output.append(value: try evaluate(expression))
            } catch { throw error.located(at: position) }
        case .loop(let loop):
            try render(loop)
        case .conditional(let branches, let otherwise):
            for branch in branches where try evaluate(branch.test, at: branch.position).isTruthy {
                return try render(branch.body)
            }
            try render(otherwise)
        case .assign(let target, let expression, let position):
            let value = try evaluate(expression, at: position)
            try assign(value, to: target, at: position)
        case .capture(let target, let entry, let body, let position):
            let outer = output
            output = Output(isSplitting: false, limit: limit)
            enter(entry)
            try render(body)
            let captured = output.text
            output = outer
            try assign(.string(captured), to: target, at: position)
        case .scope(let entry, let bindings, let body):
            enter(entry)
            for binding in bindings {
                let value = try evaluate(binding.value, at: binding.position)
                try assign(value, to: binding.target, at: binding.position)
            }
            try render(body)
        }
    }

    private mutating func evaluate(
        _ expression: Expression, at position: Position
    ) throws(TemplateError) -> TemplateValue {
        do throws(TemplateError) { return try evaluate(expression) } catch { throw error.located(at: position) }
    }

    // MARK: Loops

    private mutating func render(_ loop: Node.Loop) throws(TemplateError) {
        var elements: [TemplateValue]
        do throws(TemplateError) {
            elements = try evaluate(loop.iterable).elements()
            if let test = loop.test { elements = try filtered(elements, by: test, at: loop.position) }
        } catch { throw error.located(at: loop.position) }
        guard !elements.isEmpty else {
            enter(loop.elseEntry)
            return try render(loop.otherwise)
        }
        loops[loop.identifier] = LoopState(elements: elements)
        for index in elements.indices {
            try countIteration(at: loop.position)
            loops[loop.identifier].index = index
            try assign(elements[index], to: loop.target, at: loop.position)
            enter(loop.entry)
            try render(loop.body)
        }
    }

    private mutating func filtered(
        _ elements: [TemplateValue], by test: Node.LoopTest, at position: Position
    ) throws(TemplateError) -> [TemplateValue] {
        var kept: [TemplateValue] = []
        enter(test.entry)
        for element in elements {
            try countIteration(at: position)
            try assign(element, to: test.target, at: position)
            if try evaluate(test.condition).isTruthy { kept.append(unpacked(into: test.target)) }
        }
        return kept
    }

    /// What Jinja2 hands on from a filtered loop: the tuple of what was unpacked, not the element it came from.
    private func unpacked(into target: Target) -> TemplateValue {
        switch target {
        case .slot(let slot): slots[slot]
        case .tuple(let targets): .tuple(targets.map { unpacked(into: $0) })
        }
    }

    private mutating func countIteration(at position: Position) throws(TemplateError) {
        iterations += 1
        guard iterations <= program.options.maximumIterations else {
            throw .runtime("the loops of this template run more than \(program.options.maximumIterations) times")
                .located(at: position)
        }
    }

    private mutating func assign(
        _ value: TemplateValue, to target: Target, at position: Position
    ) throws(TemplateError) {
        switch target {
        case .slot(let slot):
            slots[slot] = value
        case .tuple(let targets):
            let parts: [TemplateValue]
            do throws(TemplateError) { parts = try value.elements() } catch { throw error.located(at: position) }
            guard parts.count == targets.count else {
                throw .runtime("\(targets.count) names cannot take \(parts.count) values").located(at: position)
            }
            for (target, part) in zip(targets, parts) { try assign(part, to: target, at: position) }
        }
    }
}

/// Where a loop is.
struct LoopState {
    var elements: [TemplateValue] = []
    var index = 0
    /// What `loop.changed` was last asked about.
    var lastSeen: [TemplateValue]?
}
