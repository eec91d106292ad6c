/// Why a template could not be compiled or rendered, and where in its source.
package struct TemplateError: Error, Sendable, Equatable {
    /// What kind of trouble it is.
    package enum Kind: Sendable, Equatable {
        /// The source is not a template.
        case syntax
        /// The source is a Jinja template, but uses what we leave out; the name is what was used, such as `macro`.
        case unsupported(String)
        /// The template is fine, but not with these values, or it went past a limit.
        case runtime
    }

    package var kind: Kind
    /// A sentence for a person, without the place.
    package var message: String
    /// Lines count from 1; 0 if the place is unknown.
    package var line: Int
    /// Columns count Unicode scalars from 1; 0 if the place is unknown.
    package var column: Int

    package init(kind: Kind, message: String, line: Int, column: Int) {
        self.kind = kind
        self.message = message
        self.line = line
        self.column = column
    }
}

extension TemplateError: CustomStringConvertible {
    package var description: String {
        line == 0 ? message : "\(message); line \(line), column \(column)"
    }
}

extension TemplateError {
    static func syntax(_ message: String, at position: Position) -> TemplateError {
        TemplateError(kind: .syntax, message: message, line: position.line, column: position.column)
    }

    /// Refuses something by name: `what` says which kind of thing it is, such as "filter".
    static func unsupported(_ name: String, _ what: String = "", at position: Position) -> TemplateError {
        let message = (what.isEmpty ? "" : "the \(what) ") + "`\(name)` is not supported in templates"
        return TemplateError(
            kind: .unsupported(name), message: message, line: position.line, column: position.column)
    }

    /// Trouble with values, whose place the renderer fills in.
    static func runtime(_ message: String) -> TemplateError {
        TemplateError(kind: .runtime, message: message, line: 0, column: 0)
    }

    /// Fills in the place unless a place nearer to the cause is already known.
    func located(at position: Position) -> TemplateError {
        guard line == 0 else { return self }
        var error = self
        error.line = position.line
        error.column = position.column
        return error
    }
}

/// A place in a template's source: line and column, both from 1.
struct Position: Sendable, Equatable {
    var line: Int
    var column: Int

    func precedes(_ other: Position) -> Bool { (line, column) < (other.line, other.column) }
}
