extension Method {
    /// Python's `str` methods.
    func callText(_ text: String, _ arguments: Arguments) throws(TemplateError) -> TemplateValue? {
        switch self {
        case .capitalize: return .string(PythonString.capitalize(text))
        case .lower: return .string(PythonString.lower(text))
        case .title: return .string(PythonString.title(text))
        case .upper: return .string(PythonString.upper(text))
        case .strip: return .string(PythonString.strip(text, try characters(arguments)))
        case .lstrip: return .string(PythonString.strip(text, try characters(arguments), right: false))
        case .rstrip: return .string(PythonString.strip(text, try characters(arguments), left: false))
        case .removeprefix:
            let prefix = try arguments.text(0, or: "", "prefix")
            return .string(
                text.utf8.starts(with: prefix.utf8) ? Self.drop(prefix.utf8.count, first: true, of: text) : text)
        case .removesuffix:
            let suffix = try arguments.text(0, or: "", "suffix")
            return .string(
                text.utf8.reversed().starts(with: suffix.utf8.reversed())
                    ? Self.drop(suffix.utf8.count, first: false, of: text) : text)
        case .startswith: return .bool(try affixes(arguments).contains { text.utf8.starts(with: $0.utf8) })
        case .endswith:
            return .bool(try affixes(arguments).contains { text.utf8.reversed().starts(with: $0.utf8.reversed()) })
        case .replace:
            return .string(
                try PythonString.replace(
                    text, try arguments.text(0, or: "", "old"), try arguments.text(1, or: "", "new"),
                    count: try arguments.int(2, or: -1, "count"), limit: arguments.limit))
        case .split, .rsplit: return .list(try split(text, arguments).map { .string($0) })
        case .splitlines: return .list(PythonString.lines(text).map { .string($0) })
        case .join: return .string(try joined(by: text, arguments))
        case .count: return .int(PythonString.count(text, try arguments.text(0, or: "", "value")))
        case .find: return .int(PythonString.index(text, of: try arguments.text(0, or: "", "value")))
        case .index:
            let place = PythonString.index(text, of: try arguments.text(0, or: "", "value"))
            guard place >= 0 else { throw .runtime("`index` found no such text") }
            return .int(place)
        case .isalnum: return every(text) { PythonCharacter.isAlphanumeric($0) }
        case .isalpha: return every(text) { PythonCharacter.isAlphabetic($0) }
        case .isdigit: return every(text) { PythonCharacter.isDigit($0) }
        case .isspace: return every(text) { PythonCharacter.isSpace($0) }
        case .islower: return .bool(PythonString.isLower(text))
        case .isupper: return .bool(PythonString.isUpper(text))
        case .get, .items, .keys, .values: return nil
        }
    }

    private static func drop(_ bytes: Int, first: Bool, of text: String) -> String {
        let view = text.utf8
        return String(decoding: first ? view.dropFirst(bytes) : view.dropLast(bytes), as: UTF8.self)
    }

    private func every(_ text: String, _ holds: (Unicode.Scalar) -> Bool) -> TemplateValue {
        .bool(!text.isEmpty && text.unicodeScalars.allSatisfy(holds))
    }

    private func characters(_ arguments: Arguments) throws(TemplateError) -> String? {
        switch arguments[0] {
        case nil, .some(.none): nil
        default: try arguments.text(0, or: "", "chars")
        }
    }

    /// One text, or a tuple of several.
    private func affixes(_ arguments: Arguments) throws(TemplateError) -> [String] {
        guard case .some(.tuple(let choices)) = arguments[0] else { return [try arguments.text(0, or: "", "value")] }
        var affixes: [String] = []
        for choice in choices {
            guard let text = choice.text else { throw .runtime("`\(rawValue)` takes strings") }
            affixes.append(text)
        }
        return affixes
    }

    private func split(_ text: String, _ arguments: Arguments) throws(TemplateError) -> [String] {
        let separator = try characters(arguments)
        guard separator != "" else { throw .runtime("the separator is empty") }
        return PythonString.split(
            text, separator, limit: try arguments.int(1, or: -1, "maxsplit"), fromRight: self == .rsplit)
    }

    private func joined(by separator: String, _ arguments: Arguments) throws(TemplateError) -> String {
        var result = ""
        for (number, element) in try (arguments[0] ?? .undefined).elements().enumerated() {
            guard let part = element.text else { throw .runtime("`join` takes strings, not \(element.typeName)") }
            if number > 0 { result += separator }
            result += part
            guard result.utf8.count <= arguments.limit else {
                throw .runtime("`join` makes more than \(arguments.limit) bytes")
            }
        }
        return result
    }
}
