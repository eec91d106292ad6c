/// A compiled template: the part of Jinja2 that prompts use, rendering what Jinja2 3.1 renders.
///
/// Whatever lies outside that part is refused by ``init(_:options:)``, by name, line and column; nothing is skipped.
package struct Template: Sendable {
    private let program: Program

    /// Compiles the source once; rendering never parses again.
    package init(_ source: String, options: TemplateOptions = TemplateOptions()) throws(TemplateError) {
        var lexer = Lexer(source, options: options)
        let tokens = try lexer.tokens()
        var parser = Parser(tokens: tokens, source: lexer.source)
        var compiler = Compiler(options: options)
        program = try compiler.compile(parser.template())
    }

    /// The variables the template takes from its caller, in order of first use.
    ///
    /// As a set this is what `jinja2.meta.find_undeclared_variables` finds.
    package var variables: [String] { program.variables }

    /// Renders with these values; what is missing is undefined and prints as nothing.
    package func render(_ values: [String: TemplateValue]) throws(TemplateError) -> String {
        var renderer = Renderer(program: program, values: values, isSplitting: false)
        try renderer.run()
        return renderer.output.text
    }

    /// Renders, and tells apart what the template's author wrote and what values brought in.
    ///
    /// Joined, the segments are what ``render(_:)`` gives; neighbours are never of the same kind and never empty.
    package func segments(_ values: [String: TemplateValue]) throws(TemplateError) -> [Segment] {
        var renderer = Renderer(program: program, values: values, isSplitting: true)
        try renderer.run()
        return renderer.output.finishedSegments()
    }
}

/// A stretch of rendered text with its origin.
package enum Segment: Sendable, Equatable {
    /// Text outside all tags of the template.
    case literal(String)
    /// Text an expression gave, even one that only holds a constant.
    case value(String)
}
