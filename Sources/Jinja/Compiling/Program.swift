/// A compiled template: nodes whose names are resolved to slots.
struct Program: Sendable {
    var body: [Node]
    var options: TemplateOptions
    var slotCount: Int
    var loopCount: Int
    /// What is copied from the caller's values into slots before rendering.
    var inputs: [(name: String, slot: Int)]
    /// What the outermost scope starts with.
    var entry: [SlotEntry]
    /// Names of slots, for messages.
    var slotNames: [String]
    var variables: [String]
}

/// What a slot holds when its scope is entered.
struct SlotEntry: Sendable {
    var slot: Int
    /// The slot to copy from; none makes it undefined.
    var source: Int?
}

/// Something to render.
indirect enum Node: Sendable {
    case text(String)
    case output(Expression, Position)
    case loop(Loop)
    case conditional([Branch], otherwise: [Node])
    case assign(Target, Expression, Position)
    case capture(Target, entry: [SlotEntry], body: [Node], Position)
    case scope(entry: [SlotEntry], bindings: [Binding], body: [Node])

    struct Branch: Sendable {
        var test: Expression
        var position: Position
        var body: [Node]
    }

    struct Binding: Sendable {
        var target: Target
        var value: Expression
        var position: Position
    }

    struct Loop: Sendable {
        var identifier: Int
        var target: Target
        var iterable: Expression
        var test: LoopTest?
        var entry: [SlotEntry]
        var body: [Node]
        var elseEntry: [SlotEntry]
        var otherwise: [Node]
        var position: Position
    }

    struct LoopTest: Sendable {
        var target: Target
        var entry: [SlotEntry]
        var condition: Expression
    }
}

indirect enum Target: Sendable {
    case slot(Int)
    case tuple([Target])
}

/// Something that has a value.
indirect enum Expression: Sendable {
    case constant(TemplateValue)
    case slot(Int)
    /// A name Jinja2 gives a function to; the caller may give it a value.
    case globalName(slot: Int, String)
    case list([Expression])
    case tuple([Expression])
    case map([MapItem])
    case not(Expression)
    case sign(isNegative: Bool, Expression, Position)
    case binary(BinaryOperator, Expression, Expression, Position)
    case and(Expression, Expression)
    case or(Expression, Expression)
    case compare(Expression, [Comparison], Position)
    case concatenate([Expression])
    case conditional(test: Expression, then: Expression, otherwise: Expression?)
    case attribute(Expression, AttributeName, Position)
    case item(Expression, Expression, Position)
    case slice(Expression, SliceBounds, Position)
    case filter(Expression, FilterCall, Position)
    case transform(Expression, Transformation, Position)
    case select(Expression, Selection, Position)
    case test(Expression, TestCall, Position)
    case method(Expression, MethodCall, Position)
    case function(TemplateFunction, [Expression], keywords: [MapItem], Position)
    case loop(Int, LoopField, [Expression], Position)

    struct MapItem: Sendable {
        var key: Expression
        var value: Expression
        var position: Position
    }

    struct Comparison: Sendable {
        var operation: ComparisonOperator
        var right: Expression
    }

    struct SliceBounds: Sendable {
        var start: Expression?
        var stop: Expression?
        var step: Expression?
    }
}

/// A filter with its arguments in the order of its parameters.
struct FilterCall: Sendable {
    var filter: Filter
    var arguments: [Expression?]
}

/// A test with its arguments in the order of its parameters.
struct TestCall: Sendable {
    var test: ValueTest
    var arguments: [Expression?]
}

/// A method with its arguments in the order of its parameters.
struct MethodCall: Sendable {
    var method: Method
    var arguments: [Expression?]
}

/// What `map` does to each element.
enum Transformation: Sendable {
    case attribute(Expression, fallback: Expression?)
    case filter(FilterCall)
}

/// What `select`, `reject`, `selectattr` and `rejectattr` look at.
struct Selection: Sendable {
    var attribute: Expression?
    var test: TestCall?
    var keepsMatches: Bool
}

/// Functions templates may call.
enum TemplateFunction: String, Sendable {
    case range
    case dict
}

/// What a loop tells about itself.
enum LoopField: String, Sendable {
    case index, index0, revindex, revindex0, first, last, length, previtem, nextitem, depth, depth0
    case cycle, changed
}
