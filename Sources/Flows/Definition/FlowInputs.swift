import Domain

/// Checks the values of one line against a flow's inputs: defaults, presence, types.
struct FlowInputs: Sendable {
    let declared: [FlowInput]

    /// The inputs of a line by name.
    ///
    /// Those the flow does not declare pass through. A `lineNumber` puts "in line N of input data" into messages.
    func resolve(_ given: JSONObject, lineNumber: Int?) throws(FlowFailure) -> JSONObject {
        var resolved = given
        for input in declared {
            guard let value = given[input.name] else {
                guard let value = input.fallback else { throw missing(input, lineNumber: lineNumber) }
                // A parameter of a Python flow may default to None whatever its type.
                resolved[input.name] = value.isNull ? value : try coerce(value, for: input, lineNumber: lineNumber)
                continue
            }
            resolved[input.name] = try coerce(value, for: input, lineNumber: lineNumber)
        }
        return resolved
    }

    private func coerce(_ value: JSONValue, for input: FlowInput, lineNumber: Int?) throws(FlowFailure) -> JSONValue {
        let place = lineNumber.map { " in line \($0) of input data" } ?? ""
        do {
            return try input.type.coerce(value)
        } catch {
            switch error {
            case .type:
                throw FlowFailure(
                    "InputTypeError",
                    "The value for flow input '\(input.name)'\(place) does not match the expected type '\(input.type.rawValue)': it is \(article(value)). "
                        + "Change the input's type in the flow or the value in the data.")
            case .json(let detail):
                throw FlowFailure(
                    "InputParseError",
                    "The value for flow input '\(input.name)'\(place) is read as JSON since its type is '\(input.type.rawValue)', but it is \(detail). "
                        + "Write it as JSON.")
            }
        }
    }

    private func missing(_ input: FlowInput, lineNumber: Int?) -> FlowFailure {
        let place = lineNumber.map { " in line \($0) of input data" } ?? ""
        return FlowFailure(
            "InputNotFound",
            "The input '\(input.name)' of the flow is missing\(place). Give it a value, a default, or a column mapping."
        )
    }

    private func article(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .string: "a text that cannot be read as one"
        case .object: "an object"
        case .array: "a list"
        case .bool: "a truth value"
        case .int, .double: "a number"
        }
    }
}
