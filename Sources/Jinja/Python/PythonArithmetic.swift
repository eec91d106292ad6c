/// A number as Python sees it: booleans count as 0 and 1.
enum PythonNumber {
    case int(Int)
    case double(Double)

    init?(_ value: TemplateValue) {
        switch value {
        case .int(let value): self = .int(value)
        case .bool(let value): self = .int(value ? 1 : 0)
        case .double(let value): self = .double(value)
        default: return nil
        }
    }

    var double: Double {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        }
    }
}

/// Python's operators on values.
enum PythonArithmetic {
    /// Applies the operator; what it makes may have at most `limit` bytes or elements.
    static func apply(
        _ operation: BinaryOperator, _ left: TemplateValue, _ right: TemplateValue, limit: Int
    ) throws(TemplateError) -> TemplateValue {
        if let one = PythonNumber(left), let other = PythonNumber(right) {
            if case .int(let one) = one, case .int(let other) = other { return try apply(operation, one, other) }
            return .double(try apply(operation, one.double, other.double))
        }
        switch operation {
        case .add: if let sum = try joined(left, right) { return sum }
        case .multiply:
            if let count = right.index { return try repeated(left, count, limit: limit) }
            if let count = left.index { return try repeated(right, count, limit: limit) }
        case .modulo where left.text != nil:
            throw .runtime("formatting a string with `%` is not supported")
        default: break
        }
        throw .runtime("`\(operation.rawValue)` cannot work on \(left.typeName) and \(right.typeName)")
    }

    private static func apply(
        _ operation: BinaryOperator, _ left: Int, _ right: Int
    ) throws(TemplateError) -> TemplateValue {
        let result: (partialValue: Int, overflow: Bool)
        switch operation {
        case .add: result = left.addingReportingOverflow(right)
        case .subtract: result = left.subtractingReportingOverflow(right)
        case .multiply: result = left.multipliedReportingOverflow(by: right)
        case .divide:
            guard right != 0 else { throw .runtime("division by zero") }
            return .double(Double(left) / Double(right))
        case .floorDivide:
            guard right != 0 else { throw .runtime("division by zero") }
            let (quotient, overflow) = left.dividedReportingOverflow(by: right)
            let isRoundedUp = !overflow && quotient &* right != left && (left < 0) != (right < 0)
            result = (isRoundedUp ? quotient - 1 : quotient, overflow)
        case .modulo:
            guard right != 0 else { throw .runtime("division by zero") }
            let remainder = left.remainderReportingOverflow(dividingBy: right).partialValue
            return .int(remainder != 0 && (remainder < 0) != (right < 0) ? remainder + right : remainder)
        case .power:
            return try power(left, right)
        }
        guard !result.overflow else { throw .runtime(overflowMessage) }
        return .int(result.partialValue)
    }

    static let overflowMessage = "this number does not fit into 64 bits"

    private static func power(_ base: Int, _ exponent: Int) throws(TemplateError) -> TemplateValue {
        guard exponent >= 0 else {
            guard base != 0 else { throw .runtime("zero cannot be raised to a negative power") }
            return .double(PythonFloat.power(Double(base), Double(exponent)))
        }
        var result = 1
        var square = base
        var rest = exponent
        while rest > 0 {
            if rest & 1 == 1 {
                let (product, overflow) = result.multipliedReportingOverflow(by: square)
                guard !overflow else { throw .runtime(overflowMessage) }
                result = product
            }
            rest >>= 1
            guard rest > 0 else { break }
            let (next, overflow) = square.multipliedReportingOverflow(by: square)
            guard !overflow else { throw .runtime(overflowMessage) }
            square = next
        }
        return .int(result)
    }

    private static func apply(
        _ operation: BinaryOperator, _ left: Double, _ right: Double
    ) throws(TemplateError) -> Double {
        switch operation {
        case .add: return left + right
        case .subtract: return left - right
        case .multiply: return left * right
        case .divide, .floorDivide, .modulo:
            guard right != 0 else { throw .runtime("division by zero") }
            if operation == .divide { return left / right }
            let (quotient, remainder) = PythonFloat.divide(left, right)
            return operation == .modulo ? remainder : quotient
        case .power:
            guard left != 0 || right >= 0 else { throw .runtime("zero cannot be raised to a negative power") }
            let result = PythonFloat.power(left, right)
            if result.isNaN, !left.isNaN, !right.isNaN { throw .runtime("this power is no real number") }
            if result.isInfinite, left.isFinite, right.isFinite { throw .runtime("this power is too large") }
            return result
        }
    }

    private static func joined(
        _ left: TemplateValue, _ right: TemplateValue
    ) throws(TemplateError) -> TemplateValue? {
        switch (left, right) {
        case (.string(let one), .string(let other)): .string(one + other)
        case (.markup(let one), .markup(let other)): .markup(one + other)
        case (.markup(let one), .string(let other)): .markup(one + Markup.escape(other))
        case (.string(let one), .markup(let other)): .markup(Markup.escape(one) + other)
        case (.list(let one), .list(let other)): .list(one + other)
        case (.tuple(let one), .tuple(let other)): .tuple(one + other)
        default: nil
        }
    }

    private static func repeated(
        _ value: TemplateValue, _ count: Int, limit: Int
    ) throws(TemplateError) -> TemplateValue {
        let times = max(count, 0)
        func check(_ size: Int, _ limit: Int) throws(TemplateError) {
            let (total, overflow) = size.multipliedReportingOverflow(by: times)
            guard !overflow, total <= limit else {
                throw .runtime("this repetition is larger than \(limit)")
            }
        }
        switch value {
        case .string(let text), .markup(let text):
            try check(text.utf8.count, limit)
            let repeated = String(repeating: text, count: times)
            return value.isMarkup ? .markup(repeated) : .string(repeated)
        case .list(let elements), .tuple(let elements):
            try check(elements.count, limit / MemoryLayout<TemplateValue>.stride)
            let repeated = Array(repeatElement(elements, count: times).joined())
            if case .list = value { return .list(repeated) }
            return .tuple(repeated)
        default:
            throw .runtime("`*` cannot work on \(value.typeName) and int")
        }
    }

    static func sign(isNegative: Bool, _ value: TemplateValue) throws(TemplateError) -> TemplateValue {
        switch PythonNumber(value) {
        case .int(let number):
            guard isNegative else { return .int(number) }
            let (result, overflow) = 0.subtractingReportingOverflow(number)
            guard !overflow else { throw .runtime(overflowMessage) }
            return .int(result)
        case .double(let number): return .double(isNegative ? -number : number)
        case nil: throw .runtime("`\(isNegative ? "-" : "+")` cannot work on \(value.typeName)")
        }
    }
}
