import Domain
import Jinja

/// Renders a template to a text.
struct PromptNode: ImmediateNode {
    let template: PromptTemplate
    /// Whether an llm node reads this one, so that roles written in this template stay roles there.
    let isReadByModel: Bool

    func run(_ inputs: JSONObject, context: LineContext) throws -> JSONValue {
        guard isReadByModel else { return .string(try template.text(inputs)) }
        let segments = try template.segments(inputs)
        let text = segments.map(\.text).joined()
        context.remember(prompt: text, segments: segments)
        return .string(text)
    }
}

/// A compiled template with the file it came from, for messages.
struct PromptTemplate: Sendable {
    private let template: Template
    private let file: String
    /// Lines of the file before the template's first.
    private let lineOffset: Int
    /// Bytes of the template's text.
    let size: Int

    init(source: String, file: String, lineOffset: Int = 0) throws(FlowFailure) {
        self.file = file
        self.lineOffset = lineOffset
        size = source.utf8.count
        do {
            template = try Template(source)
        } catch {
            throw Self.failure(error, file: file, lineOffset: lineOffset, code: "TemplateInvalid")
        }
    }

    /// The variables the template reads.
    var variables: [String] { template.variables }

    func text(_ inputs: JSONObject) throws(FlowFailure) -> String {
        do { return try template.render(values(inputs)) } catch { throw failure(error) }
    }

    func segments(_ inputs: JSONObject) throws(FlowFailure) -> [Segment] {
        do { return try template.segments(values(inputs)) } catch { throw failure(error) }
    }

    func segments(values: [String: TemplateValue]) throws(FlowFailure) -> [Segment] {
        do { return try template.segments(values) } catch { throw failure(error) }
    }

    private func values(_ inputs: JSONObject) -> [String: TemplateValue] {
        var values: [String: TemplateValue] = [:]
        for (name, value) in inputs { values[name] = value.templateValue }
        return values
    }

    private func failure(_ error: TemplateError) -> FlowFailure {
        Self.failure(error, file: file, lineOffset: lineOffset, code: "TemplateRenderError")
    }

    private static func failure(_ error: TemplateError, file: String, lineOffset: Int, code: String) -> FlowFailure {
        let location =
            error.line == 0 ? nil : SourceLocation(file: file, line: error.line + lineOffset, column: error.column)
        return FlowFailure(code, error.message, at: location)
    }
}

extension Segment {
    var text: String {
        switch self {
        case .literal(let text), .value(let text): text
        }
    }
}
