package import Domain

/// Where the inputs of a flow or evaluator come from, by prompt flow's rules.
///
/// `${data.question}` reads a column; sources are named `data`, `run.inputs` and `run.outputs`, and the shortest name
/// that fits is tried first. Anything that is not one whole reference is a literal.
package struct ColumnMapping: Sendable, Equatable {
    /// An input as far as mapping has to know it.
    package struct Input: Sendable, Equatable {
        package var name: String
        package var hasDefault: Bool

        package init(_ name: String, hasDefault: Bool = false) {
            self.name = name
            self.hasDefault = hasDefault
        }
    }

    /// Where one input's value comes from.
    package enum Origin: Sendable, Equatable {
        case literal(JSONValue)
        /// What stands between `${` and `}`, in its parts.
        case reference([String])
    }

    /// The reserved column that aligns sources; never mapped.
    package static let lineNumberKey = "line_number"

    /// The inputs that get a value, with its origin, in order.
    package let origins: [(input: String, origin: Origin)]

    /// Completes `mapping` with `${data.NAME}` for every input that is neither mapped nor has a default.
    package init(_ mapping: JSONObject, inputs: [Input] = []) {
        var complete = JSONObject()
        for input in inputs where !input.hasDefault { complete[input.name] = .string("${data.\(input.name)}") }
        complete.merge(mapping)
        origins = complete.filter { $0.0 != Self.lineNumberKey }.map { ($0.0, Self.origin(of: $0.1)) }
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.origins.elementsEqual(right.origins) { $0.input == $1.input && $0.origin == $1.origin }
    }

    private static func origin(of value: JSONValue) -> Origin {
        guard case .string(let text) = value, text.hasPrefix("${"), text.hasSuffix("}") else { return .literal(value) }
        let path = text.dropFirst(2).dropLast()
        guard !path.isEmpty, !path.utf8.contains(where: { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "}") }) else {
            return .literal(value)
        }
        return .reference(path.split(separator: ".", omittingEmptySubsequences: false).map(String.init))
    }

    /// The inputs of one line.
    ///
    /// Throws one error that names every reference that leads nowhere.
    package func apply(to sources: JSONObject) throws(InputMappingError) -> JSONObject {
        var inputs = JSONObject()
        var missing: [String] = []
        for (input, origin) in origins {
            switch origin {
            case .literal(let value): inputs[input] = value
            case .reference(let path):
                if let value = Self.find(path, in: sources) {
                    inputs[input] = value
                } else {
                    missing.append("${\(path.joined(separator: "."))}")
                }
            }
        }
        guard missing.isEmpty else { throw InputMappingError(.missingRelations(missing)) }
        return inputs
    }

    /// The inputs of one line, and those of `optional` that are not mapped but have a column of their name in the data.
    ///
    /// Evaluators know inputs that may be missing; unlike a flow's defaults, data is better than nothing for them.
    func apply(to sources: JSONObject, optional: [String]) throws(InputMappingError) -> JSONObject {
        var inputs = try apply(to: sources)
        for name in optional where !inputs.contains(name) {
            if let value = sources["data"]?.object?[name] { inputs[name] = value }
        }
        return inputs
    }

    /// Tries the source with the fewest dots first; an empty name or column is a name like any other.
    private static func find(_ path: [String], in sources: JSONObject) -> JSONValue? {
        for length in 1..<max(path.count, 1) {
            let source = path[..<length].joined(separator: ".")
            let column = path[length...].joined(separator: ".")
            if let value = sources[source]?.object?[column] { return value }
        }
        return nil
    }
}

/// Why lines cannot be made from the sources.
package struct InputMappingError: Failure, Equatable {
    package enum Reason: Sendable, Equatable {
        /// References, as written, that no source has.
        case missingRelations([String])
        /// A source without rows.
        case emptySource(String)
        /// Sources without line numbers have different lengths.
        case differentLengths([String: Int])
        /// No line is in every source.
        case noCompleteLine
    }

    package let reason: Reason

    package init(_ reason: Reason) { self.reason = reason }

    package var code: String { "InputMappingError" }
    package var blame: Blame { .request }

    package var message: String {
        switch reason {
        case .missingRelations(let relations):
            "The data has no value for \(relations.joined(separator: ", ")). "
                + "Map these inputs to existing columns, for example with `--map 'NAME=${data.COLUMN}'`."
        case .emptySource(let source):
            "The source `\(source)` has no rows, so no line can be made."
        case .differentLengths(let lengths):
            "Rows without `\(ColumnMapping.lineNumberKey)` are joined by position, but the sources have different lengths: "
                + lengths.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ") + "."
        case .noCompleteLine:
            "No line is present in every source. Check that the data and the earlier run belong together."
        }
    }
}
