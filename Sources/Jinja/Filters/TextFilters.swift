extension Filter {
    /// Filters that make text.
    static let textFilters: [String: Filter] = [
        "capitalize": text { PythonString.capitalize($0) },
        "e": escape,
        "escape": escape,
        "indent": indent,
        "lower": text { PythonString.lower($0) },
        "replace": replace,
        "safe": Filter { value, arguments throws(TemplateError) in .markup(try arguments.text(of: value)) },
        "string": text { $0 },
        // Jinja2 puts the words together anew, which loses the mark of escaped text.
        "title": Filter { value, arguments throws(TemplateError) in
            .string(PythonString.titleWords(try arguments.text(of: value)))
        },
        "tojson": toJSON,
        "trim": trim,
        "truncate": truncate,
        "upper": text { PythonString.upper($0) },
        "wordcount": Filter { value, arguments throws(TemplateError) in
            .int(PythonString.words(try arguments.text(of: value)))
        },
    ]

    private static func text(_ change: @escaping @Sendable (String) -> String) -> Filter {
        Filter { value, arguments throws(TemplateError) in value.with(text: change(try arguments.text(of: value))) }
    }

    private static let escape = Filter { value, arguments throws(TemplateError) in
        value.isMarkup ? value : .markup(Markup.escape(try arguments.text(of: value)))
    }

    private static let trim = Filter(["chars"]) { value, arguments throws(TemplateError) in
        let characters: String? =
            switch arguments[0] {
            case nil, .some(.none): nil
            default: try arguments.text(0, or: "", "chars")
            }
        return value.with(text: PythonString.strip(try arguments.text(of: value), characters))
    }

    private static let replace = Filter(["old", "new", "count"], required: 2) {
        value, arguments throws(TemplateError) in
        let count = arguments[2] == .some(.none) ? -1 : try arguments.int(2, or: -1, "count")
        return .string(
            try PythonString.replace(
                try arguments.text(of: value), try arguments.written(0, or: ""), try arguments.written(1, or: ""),
                count: count,
                limit: arguments.limit))
    }

    private static let indent = Filter(["width", "first", "blank"]) { value, arguments throws(TemplateError) in
        guard let text = value.text else { throw .runtime("only text can be indented, not \(value.typeName)") }
        let indentation: String
        if let given = arguments[0]?.text {
            indentation = given
        } else {
            let width = try arguments.int(0, or: 4, "width")
            guard width <= 10_000 else { throw .runtime("`width` is at most 10000") }
            indentation = String(repeating: " ", count: max(width, 0))
        }
        let lines = PythonString.lines(text + "\n")
        let (size, overflow) = indentation.utf8.count.multipliedReportingOverflow(by: lines.count)
        guard !overflow, size <= arguments.limit else { throw .runtime("this indentation is too large") }
        let indentsBlank = arguments.isTrue(2)
        var result = arguments.isTrue(1) ? indentation : ""
        for (number, line) in lines.enumerated() {
            if number > 0 {
                result += "\n"
                if indentsBlank || !line.isEmpty { result += indentation }
            }
            result += line
        }
        return value.with(text: result)
    }

    private static let truncate = Filter(["length", "killwords", "end", "leeway"]) {
        value, arguments throws(TemplateError) in
        let length = try arguments.int(0, or: 255, "length")
        let end = Array(try arguments.text(2, or: "...", "end").unicodeScalars)
        let leeway = arguments[3] == .some(.none) ? 5 : try arguments.int(3, or: 5, "leeway")
        guard length >= end.count, leeway >= 0 else {
            throw .runtime("`length` is at least that of the end, and `leeway` at least 0")
        }
        let (most, overflow) = length.addingReportingOverflow(leeway)
        guard !overflow, try value.length() > most else { return value }
        guard let text = value.text else { throw .runtime("only text can be truncated, not \(value.typeName)") }
        var kept = Array(text.unicodeScalars)[..<(length - end.count)]
        if !arguments.isTrue(1), let space = kept.lastIndex(of: " ") { kept = kept[..<space] }
        return value.with(text: PythonString.string(kept + end))
    }
}
