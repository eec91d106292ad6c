import Domain

/// Reads what `ast.literal_eval` reads of lists, dictionaries, strings, numbers and names: tool calls in prompts.
enum PythonLiteral {
    /// The value, or `nil` if the text is no literal.
    static func parse(_ text: String) -> JSONValue? {
        if let value = try? JSONValue(parsing: text) { return value }
        var reader = Reader(scalars: Array(text.unicodeScalars))
        guard let value = reader.value(depth: 0), reader.isAtEnd() else { return nil }
        return value
    }

    private struct Reader {
        let scalars: [Unicode.Scalar]
        var place = 0

        mutating func isAtEnd() -> Bool {
            skipSpace()
            return place == scalars.count
        }

        mutating func value(depth: Int) -> JSONValue? {
            skipSpace()
            guard depth < 64, place < scalars.count else { return nil }
            switch scalars[place] {
            case "[", "(": return list(closing: scalars[place] == "[" ? "]" : ")", depth: depth)
            case "{": return dictionary(depth: depth)
            case "'", "\"": return string().map { .string($0) }
            default: return word()
            }
        }

        private mutating func list(closing: Unicode.Scalar, depth: Int) -> JSONValue? {
            place += 1
            var elements: [JSONValue] = []
            while !take(closing) {
                guard let element = value(depth: depth + 1) else { return nil }
                elements.append(element)
                if !take(",") {
                    guard take(closing) else { return nil }
                    break
                }
            }
            return .array(elements)
        }

        private mutating func dictionary(depth: Int) -> JSONValue? {
            place += 1
            var object = JSONObject()
            while !take("}") {
                skipSpace()
                guard let key = string(), take(":"), let value = value(depth: depth + 1) else { return nil }
                object[key] = value
                if !take(",") {
                    guard take("}") else { return nil }
                    break
                }
            }
            return .object(object)
        }

        private mutating func string() -> String? {
            guard place < scalars.count, scalars[place] == "'" || scalars[place] == "\"" else { return nil }
            let quote = scalars[place]
            place += 1
            var text = String.UnicodeScalarView()
            while place < scalars.count {
                let scalar = scalars[place]
                place += 1
                if scalar == quote { return String(text) }
                guard scalar == "\\" else {
                    text.append(scalar)
                    continue
                }
                guard place < scalars.count else { return nil }
                let escaped = scalars[place]
                place += 1
                switch escaped {
                case "n": text.append("\n")
                case "t": text.append("\t")
                case "r": text.append("\r")
                case "\\", "'", "\"": text.append(escaped)
                case "u", "x":
                    let count = escaped == "u" ? 4 : 2
                    guard place + count <= scalars.count,
                        let code = UInt32(
                            String(String.UnicodeScalarView(scalars[place..<(place + count)])), radix: 16),
                        let value = Unicode.Scalar(code)
                    else { return nil }
                    text.append(value)
                    place += count
                default:
                    text.append("\\")
                    text.append(escaped)
                }
            }
            return nil
        }

        private mutating func word() -> JSONValue? {
            var text = ""
            while place < scalars.count, !",]})({[: \n\t\r".unicodeScalars.contains(scalars[place]) {
                text.unicodeScalars.append(scalars[place])
                place += 1
            }
            switch text {
            case "None": return .null
            case "True": return .bool(true)
            case "False": return .bool(false)
            default: return Int(text).map { .int($0) } ?? Double(text).map { .double($0) }
            }
        }

        private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
            skipSpace()
            guard place < scalars.count, scalars[place] == scalar else { return false }
            place += 1
            return true
        }

        private mutating func skipSpace() {
            while place < scalars.count, scalars[place].properties.isWhitespace { place += 1 }
        }
    }
}
