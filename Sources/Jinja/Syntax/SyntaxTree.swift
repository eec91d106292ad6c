/// A statement as it was written; names are not resolved yet.
indirect enum Statement {
    case text(String)
    case output(SyntaxNode)
    case loop(LoopStatement)
    case conditional([(test: SyntaxNode, body: [Statement])], otherwise: [Statement])
    case assign(AssignmentTarget, SyntaxNode)
    case capture(AssignmentTarget, [Statement])
    case with([(AssignmentTarget, SyntaxNode)], [Statement])
}

struct LoopStatement {
    var target: AssignmentTarget
    var iterable: SyntaxNode
    var test: SyntaxNode?
    var body: [Statement]
    var otherwise: [Statement]
    var position: Position
}

/// What a value is bound to: a name, or names to unpack into.
indirect enum AssignmentTarget {
    case name(String, Position)
    case tuple([AssignmentTarget], Position)

    var position: Position {
        switch self {
        case .name(_, let position), .tuple(_, let position): position
        }
    }
}

/// An expression as it was written, with the place where it begins, or where its operator stands.
struct SyntaxNode {
    var form: Form
    var position: Position

    indirect enum Form {
        case constant(TemplateValue)
        case name(String)
        case list([SyntaxNode])
        case tuple([SyntaxNode])
        case map([(key: SyntaxNode, value: SyntaxNode)])
        case not(SyntaxNode)
        case sign(isNegative: Bool, SyntaxNode)
        case binary(BinaryOperator, SyntaxNode, SyntaxNode)
        case and(SyntaxNode, SyntaxNode)
        case or(SyntaxNode, SyntaxNode)
        case compare(SyntaxNode, [(ComparisonOperator, SyntaxNode)])
        case concatenate([SyntaxNode])
        case conditional(test: SyntaxNode, then: SyntaxNode, otherwise: SyntaxNode?)
        case attribute(SyntaxNode, String)
        case item(SyntaxNode, SyntaxNode)
        case slice(SyntaxNode, start: SyntaxNode?, stop: SyntaxNode?, step: SyntaxNode?)
        case call(SyntaxNode, CallSyntax)
        case filter(SyntaxNode, name: String, CallSyntax)
        case test(SyntaxNode, name: String, CallSyntax)
    }
}

/// The arguments of a call, a filter or a test.
struct CallSyntax {
    var positional: [SyntaxNode] = []
    var keywords: [(name: String, value: SyntaxNode)] = []
}

enum BinaryOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case floorDivide = "//"
    case modulo = "%"
    case power = "**"
}

enum ComparisonOperator: String, Sendable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case contained = "in"
    case notContained = "not in"
}
