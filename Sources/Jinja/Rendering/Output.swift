/// The text rendered so far, split by origin if that is asked for.
struct Output {
    private(set) var text = ""
    private var segments: [Segment] = []
    private let isSplitting: Bool
    private var isLiteral = true
    private var finishedBytes = 0
    private let limit: Int

    init(isSplitting: Bool, limit: Int) {
        self.isSplitting = isSplitting
        self.limit = limit
    }

    mutating func append(literal: String) throws(TemplateError) {
        if isSplitting, !isLiteral { turn(toLiteral: true) }
        text += literal
        try check()
    }

    mutating func append(value: TemplateValue) throws(TemplateError) {
        if isSplitting, isLiteral { turn(toLiteral: false) }
        switch value {
        case .string(let string), .markup(let string): text += string
        case .view(let view) where view.kind == .generator:
            throw .runtime("the elements of a filter such as `map` have no text; add `|list` or `|join`")
        default: PythonText.append(value, to: &text, limit: limit)
        }
        try check()
    }

    private func check() throws(TemplateError) {
        guard finishedBytes + text.utf8.count <= limit else {
            throw .runtime("the rendered text is larger than \(limit) bytes")
        }
    }

    private mutating func turn(toLiteral: Bool) {
        finish()
        isLiteral = toLiteral
    }

    private mutating func finish() {
        guard !text.isEmpty else { return }
        finishedBytes += text.utf8.count
        switch (segments.last, isLiteral) {
        case (.literal(let before), true): segments[segments.count - 1] = .literal(before + text)
        case (.value(let before), false): segments[segments.count - 1] = .value(before + text)
        default: segments.append(isLiteral ? .literal(text) : .value(text))
        }
        text = ""
    }

    mutating func finishedSegments() -> [Segment] {
        finish()
        return segments
    }
}
