/// The names a filter, test or method takes arguments by, in order, and how many of them it needs.
struct Parameters: Sendable {
    var names: [String]
    var required: Int

    init(_ names: [String] = [], required: Int = 0) {
        self.names = names
        self.required = required
    }
}

/// The arguments of one call, in the order of its parameters; those left out are `nil`.
struct Arguments {
    var values: [TemplateValue?]
    /// The most bytes or elements a result may have.
    var limit: Int

    subscript(place: Int) -> TemplateValue? { values[place] }

    /// Whether the argument counts as true; one left out does not.
    func isTrue(_ place: Int) -> Bool { values[place]?.isTruthy ?? false }

    /// A whole number; booleans count as 0 and 1.
    func int(_ place: Int, or fallback: Int, _ name: String) throws(TemplateError) -> Int {
        guard let value = values[place] else { return fallback }
        guard let number = value.index else {
            throw .runtime("`\(name)` is a whole number, not \(value.typeName)")
        }
        return number
    }

    func text(_ place: Int, or fallback: String, _ name: String) throws(TemplateError) -> String {
        guard let value = values[place] else { return fallback }
        guard let text = value.text else { throw .runtime("`\(name)` is a string, not \(value.typeName)") }
        return text
    }

    /// The argument as Python's `str()` would write it.
    func written(_ place: Int, or fallback: String) throws(TemplateError) -> String {
        guard let value = values[place] else { return fallback }
        return try text(of: value)
    }

    /// A value as Python's `str()` would write it, within the limit.
    func text(of value: TemplateValue) throws(TemplateError) -> String {
        if let text = value.text { return text }
        var text = ""
        PythonText.append(value, to: &text, limit: limit)
        guard text.utf8.count <= limit else { throw .runtime("this text is larger than \(limit) bytes") }
        return text
    }

    /// The value of a path given as argument, or the value itself if there is none.
    func follow(_ place: Int, in value: TemplateValue) throws(TemplateError) -> TemplateValue {
        guard let path = values[place] else { return value }
        return try PythonAccess.follow(path, in: value)
    }
}

/// Something after `|`: a function of a value and arguments.
struct Filter: Sendable {
    var parameters: Parameters
    var apply: @Sendable (TemplateValue, Arguments) throws(TemplateError) -> TemplateValue

    init(
        _ names: [String] = [], required: Int = 0,
        _ apply: @escaping @Sendable (TemplateValue, Arguments) throws(TemplateError) -> TemplateValue
    ) {
        parameters = Parameters(names, required: required)
        self.apply = apply
    }

    /// All filters but those that take other filters or tests: `map`, `select` and its kin are the compiler's.
    static let named: [String: Filter] = textFilters.merging(numberFilters) { $1 }
        .merging(sequenceFilters) { $1 }
        .merging(orderFilters) { $1 }
}

extension TemplateValue {
    /// The same kind of text as this, escaped or not.
    func with(text: String) -> TemplateValue {
        isMarkup ? .markup(text) : .string(text)
    }
}
