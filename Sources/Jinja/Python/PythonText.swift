/// How Python 3.11 writes values: `str()` and `repr()`.
package enum PythonText {
    /// What `str(value)` gives; undefined is empty, as Jinja2 prints it.
    package static func str(_ value: TemplateValue) -> String {
        if let text = value.text { return text }
        var text = ""
        append(value, to: &text)
        return text
    }

    /// What `repr(value)` gives, with strings quoted and escaped.
    package static func repr(_ value: TemplateValue) -> String {
        var text = ""
        appendRepr(value, to: &text)
        return text
    }

    /// Appends what `str(value)` gives, and gives up a little after `limit` bytes: the caller checks the size.
    ///
    /// Values share parts, so a small template can describe a text larger than any memory.
    static func append(_ value: TemplateValue, to text: inout String, limit: Int = .max) {
        switch value {
        case .undefined: break
        case .string(let string), .markup(let string): text += string
        default: appendRepr(value, to: &text, limit: limit)
        }
    }

    private static func appendRepr(_ value: TemplateValue, to text: inout String, limit: Int = .max) {
        switch value {
        case .undefined: text += "Undefined"
        case .none: text += "None"
        case .bool(let value): text += value ? "True" : "False"
        case .int(let value): text += String(value)
        case .double(let value): text += PythonFloat.repr(value)
        case .string(let string): appendQuoted(string, to: &text)
        case .markup(let string):
            text += "Markup("
            appendQuoted(string, to: &text)
            text += ")"
        case .list(let elements): append(elements, between: "[", "]", to: &text, limit: limit)
        case .tuple(let elements):
            append(elements, between: "(", elements.count == 1 ? ",)" : ")", to: &text, limit: limit)
        case .map(let map): append(map, to: &text, limit: limit)
        case .view(let view): append(view, to: &text, limit: limit)
        }
    }

    private static func append(
        _ elements: [TemplateValue], between opening: String, _ closing: String, to text: inout String,
        limit: Int
    ) {
        text += opening
        var isFirst = true
        for element in elements {
            guard text.utf8.count <= limit else { return }
            if !isFirst { text += ", " }
            isFirst = false
            appendRepr(element, to: &text, limit: limit)
        }
        text += closing
    }

    private static func append(_ map: TemplateMap, to text: inout String, limit: Int) {
        text += "{"
        var isFirst = true
        for entry in map.entries {
            guard text.utf8.count <= limit else { return }
            if !isFirst { text += ", " }
            isFirst = false
            appendQuoted(entry.key, to: &text)
            text += ": "
            appendRepr(entry.value, to: &text, limit: limit)
        }
        text += "}"
    }

    private static func append(_ view: TemplateView, to text: inout String, limit: Int) {
        switch view.kind {
        case .items: append(view.elements, between: "dict_items([", "])", to: &text, limit: limit)
        case .keys: append(view.elements, between: "dict_keys([", "])", to: &text, limit: limit)
        case .values: append(view.elements, between: "dict_values([", "])", to: &text, limit: limit)
        case .range(let start, let stop, let step):
            text += step == 1 ? "range(\(start), \(stop))" : "range(\(start), \(stop), \(step))"
        case .generator: text += "<generator object>"
        case .lines:
            for (place, element) in view.elements.enumerated() where text.utf8.count <= limit {
                if place > 0 { text += "\n" }
                text += str(element)
            }
        }
    }

    private static func appendQuoted(_ string: String, to text: inout String) {
        var hasSingle = false
        var hasDouble = false
        var isPlain = true
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "'"): hasSingle = true
            case UInt8(ascii: "\""): hasDouble = true
            case UInt8(ascii: "\\"), 0..<0x20, 0x7F...: isPlain = false
            default: break
            }
        }
        let quote: Unicode.Scalar = hasSingle && !hasDouble ? "\"" : "'"
        text.unicodeScalars.append(quote)
        if isPlain, !(hasSingle && hasDouble) {
            text += string
        } else {
            for scalar in string.unicodeScalars { append(scalar, quote: quote, to: &text) }
        }
        text.unicodeScalars.append(quote)
    }

    private static func append(_ scalar: Unicode.Scalar, quote: Unicode.Scalar, to text: inout String) {
        switch scalar {
        case quote, "\\":
            text += "\\"
            text.unicodeScalars.append(scalar)
        case "\n": text += "\\n"
        case "\r": text += "\\r"
        case "\t": text += "\\t"
        default:
            if PythonCharacter.isPrintable(scalar) {
                text.unicodeScalars.append(scalar)
            } else if scalar.value <= 0xFF {
                text += "\\x" + hexadecimal(scalar.value, width: 2)
            } else if scalar.value <= 0xFFFF {
                text += "\\u" + hexadecimal(scalar.value, width: 4)
            } else {
                text += "\\U" + hexadecimal(scalar.value, width: 8)
            }
        }
    }

    static func hexadecimal(_ value: UInt32, width: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
