/// Something after `is`: a question about a value.
struct ValueTest: Sendable {
    var parameters: Parameters
    var holds: @Sendable (TemplateValue, Arguments) throws(TemplateError) -> Bool

    private init(
        _ names: [String] = [],
        _ holds: @escaping @Sendable (TemplateValue, Arguments) throws(TemplateError) -> Bool
    ) {
        parameters = Parameters(names, required: names.count)
        self.holds = holds
    }

    static let named: [String: ValueTest] = kinds.merging(numbers) { $1 }.merging(comparisons) { $1 }

    private static let kinds: [String: ValueTest] = [
        "boolean": ValueTest { value, _ throws(TemplateError) in if case .bool = value { true } else { false } },
        "defined": ValueTest { value, _ throws(TemplateError) in !value.isUndefined },
        "escaped": ValueTest { value, _ throws(TemplateError) in value.isMarkup },
        "false": ValueTest { value, _ throws(TemplateError) in value == .bool(false) },
        "float": ValueTest { value, _ throws(TemplateError) in if case .double = value { true } else { false } },
        "integer": ValueTest { value, _ throws(TemplateError) in if case .int = value { true } else { false } },
        "iterable": ValueTest { value, _ throws(TemplateError) in
            switch value {
            case .none, .bool, .int, .double: false
            default: true
            }
        },
        "lower": ValueTest { value, arguments throws(TemplateError) in
            try PythonString.isLower(arguments.text(of: value))
        },
        "mapping": ValueTest { value, _ throws(TemplateError) in if case .map = value { true } else { false } },
        "none": ValueTest { value, _ throws(TemplateError) in value == .none },
        "number": ValueTest { value, _ throws(TemplateError) in PythonNumber(value) != nil },
        "sequence": ValueTest { value, _ throws(TemplateError) in
            switch value {
            case .none, .bool, .int, .double: false
            case .view(let view):
                switch view.kind {
                case .range, .lines: true
                default: false
                }
            default: true
            }
        },
        "string": ValueTest { value, _ throws(TemplateError) in value.text != nil },
        "true": ValueTest { value, _ throws(TemplateError) in value == .bool(true) },
        "undefined": ValueTest { value, _ throws(TemplateError) in value.isUndefined },
        "upper": ValueTest { value, arguments throws(TemplateError) in
            try PythonString.isUpper(arguments.text(of: value))
        },
    ]

    private static let numbers: [String: ValueTest] = [
        "divisibleby": ValueTest(["num"]) { value, arguments throws(TemplateError) in
            try remainder(value, arguments[0] ?? .undefined, is: 0)
        },
        "even": ValueTest { value, _ throws(TemplateError) in try remainder(value, .int(2), is: 0) },
        "odd": ValueTest { value, _ throws(TemplateError) in try remainder(value, .int(2), is: 1) },
    ]

    private static func remainder(
        _ value: TemplateValue, _ divisor: TemplateValue, is wanted: Int
    ) throws(TemplateError) -> Bool {
        let remainder = try PythonArithmetic.apply(.modulo, value, divisor, limit: 0)
        return PythonComparison.areEqual(remainder, .int(wanted))
    }

    private static let comparisons: [String: ValueTest] = [
        "eq": comparison(.equal), "equalto": comparison(.equal), "==": comparison(.equal),
        "ne": comparison(.notEqual), "!=": comparison(.notEqual),
        "lt": comparison(.less), "lessthan": comparison(.less), "<": comparison(.less),
        "le": comparison(.lessOrEqual), "<=": comparison(.lessOrEqual),
        "gt": comparison(.greater), "greaterthan": comparison(.greater), ">": comparison(.greater),
        "ge": comparison(.greaterOrEqual), ">=": comparison(.greaterOrEqual),
        "in": comparison(.contained),
    ]

    private static func comparison(_ operation: ComparisonOperator) -> ValueTest {
        ValueTest(["other"]) { value, arguments throws(TemplateError) in
            try PythonComparison.holds(operation, value, arguments[0] ?? .undefined)
        }
    }
}
