package import Domain

/// An evaluator of the catalogue: what it needs, what it gives, and how it is made.
package struct EvaluatorDefinition: Sendable {
    /// An input by Azure's word: `response`, `ground_truth`, `query`, `context`.
    package struct Input: Sendable, Equatable {
        package let name: String
        package let isRequired: Bool
    }

    package let name: String
    /// Other names it is known by, among them Azure's and promptfoo's.
    package let aliases: [String]
    package let summary: String
    /// Changes whenever the same line could get another score: part of every cache key.
    package let version: String
    package let inputs: [Input]
    package let parameters: [EvaluatorParameter]
    package let metrics: [MetricDefinition]
    /// Makes the function that scores one line.
    let makeScorer: @Sendable (EvaluatorSettings) throws -> LineScorer
    /// Makes what gathers a metric of the whole set that is no mean of lines, such as corpus BLEU.
    let makeSetScorer: (@Sendable (EvaluatorSettings) -> any SetScorer)?

    init(
        _ name: String, aliases: [String] = [], summary: String, version: String = "1",
        needs inputs: [String] = ["response", "ground_truth"], optional: [String] = [],
        parameters: [EvaluatorParameter] = [], metrics: [MetricDefinition],
        set makeSetScorer: (@Sendable (EvaluatorSettings) -> any SetScorer)? = nil,
        scorer makeScorer: @escaping @Sendable (EvaluatorSettings) throws -> LineScorer
    ) {
        self.name = name
        self.aliases = aliases
        self.summary = summary
        self.version = version
        self.inputs =
            inputs.map { Input(name: $0, isRequired: true) } + optional.map { Input(name: $0, isRequired: false) }
        self.parameters = parameters
        self.metrics = metrics
        self.makeScorer = makeScorer
        self.makeSetScorer = makeSetScorer
    }
}

/// Scores one line.
///
/// Throws ``NotScored``.
typealias LineScorer = @Sendable (ScoringRow) throws -> [Finding]

/// Gathers metrics of a whole set.
protocol SetScorer: Sendable {
    mutating func add(_ row: ScoringRow)
    /// The metrics by name; none where nothing could be gathered.
    func metrics() -> [(name: String, value: Double)]
}

/// A parameter of an evaluator.
package struct EvaluatorParameter: Sendable, Equatable {
    /// What values it takes.
    package enum Kind: Sendable, Equatable {
        case flag
        case number
        case integer
        case text
        case texts
        case choice([String])
        /// Any JSON value, such as a schema.
        case value
    }

    package let name: String
    package let kind: Kind
    /// What it is when not given; `nil` makes it required.
    package let fallback: JSONValue?
    package let summary: String

    init(_ name: String, _ kind: Kind, default fallback: JSONValue?, _ summary: String) {
        self.name = name
        self.kind = kind
        self.fallback = fallback
        self.summary = summary
    }

    /// What is expected, for messages.
    package var expectation: String {
        switch kind {
        case .flag: "true or false"
        case .number: "a number"
        case .integer: "a whole number"
        case .text: "a text"
        case .texts: "a text or a list of texts"
        case .choice(let words): "one of \(words.joined(separator: ", "))"
        case .value: "a value"
        }
    }

    func accepts(_ value: JSONValue) -> Bool {
        switch kind {
        case .flag: value.bool != nil
        case .number: value.double?.isFinite ?? false
        case .integer: value.int != nil
        case .text: value.string != nil
        case .texts: value.string != nil || value.array?.allSatisfy { $0.string != nil } ?? false
        case .choice(let words): value.string.map(words.contains) ?? false
        case .value: true
        }
    }
}

/// What is wrong with how an evaluator is used.
package struct EvaluatorError: Failure, Equatable {
    package enum Kind: String, Sendable {
        case unknown = "EvaluatorUnknown"
        case parameter = "EvaluatorParameterInvalid"
        case definition = "EvaluatorInvalid"
    }

    package let kind: Kind
    package let message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package var code: String { kind.rawValue }
    package var blame: Blame { .request }
}

/// The parameters of one use of an evaluator, checked and completed with defaults.
package struct EvaluatorSettings: Sendable, Equatable {
    package let values: JSONObject

    /// Checks `given` against the declared parameters.
    ///
    /// `threshold` is known to every evaluator.
    package init(_ given: JSONObject, for definition: EvaluatorDefinition) throws(EvaluatorError) {
        try self.init(given, of: definition.name, parameters: definition.parameters)
    }

    init(_ given: JSONObject, of name: String, parameters: [EvaluatorParameter]) throws(EvaluatorError) {
        var values = JSONObject()
        for (key, value) in given where key != "threshold" {
            guard let parameter = parameters.first(where: { $0.name == key }) else {
                let hint = NearestName.hint(for: key, among: parameters.map(\.name) + ["threshold"])
                throw EvaluatorError(.parameter, "Evaluator `\(name)` has no parameter `\(key)`\(hint)")
            }
            guard parameter.accepts(value) else {
                throw EvaluatorError(
                    .parameter,
                    "Parameter `\(key)` of evaluator `\(name)` must be \(parameter.expectation), not \(value.text()).")
            }
        }
        for parameter in parameters {
            guard let value = given[parameter.name] ?? parameter.fallback else {
                throw EvaluatorError(
                    .parameter, "Evaluator `\(name)` needs the parameter `\(parameter.name)`: \(parameter.summary).")
            }
            values[parameter.name] = value
        }
        if let threshold = given["threshold"] {
            guard threshold.double?.isFinite ?? false else {
                throw EvaluatorError(.parameter, "Parameter `threshold` of evaluator `\(name)` must be a number.")
            }
            values["threshold"] = threshold
        }
        self.values = values
    }

    func flag(_ name: String) -> Bool { values[name]?.bool ?? false }
    func text(_ name: String) -> String { values[name]?.string ?? "" }
    func integer(_ name: String) -> Int { values[name]?.int ?? 0 }
    func number(_ name: String) -> Double? { values[name]?.double }
    func texts(_ name: String) -> [String] {
        values[name]?.array?.compactMap(\.string) ?? values[name]?.string.map { [$0] } ?? []
    }
}
