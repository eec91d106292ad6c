/// Writes JSON as UTF-8 bytes, without Foundation: this is on every hot path.
package struct JSONWriter: Sendable {
    /// How values are laid out.
    package struct Options: Sendable {
        /// Spaces per level; 0 writes one line without spaces.
        package var indent = 0
        /// Members in the order of their keys' scalars instead of their own: for digests.
        package var sortedKeys = false
        /// Escapes `<`, `>` and `&`, so that the text can stand inside HTML.
        package var escapesHTML = false
        /// Writes `NaN` and the infinities as Python does; otherwise they become `null`.
        package var allowsNonFinite = true

        package init(indent: Int = 0, sortedKeys: Bool = false, escapesHTML: Bool = false, allowsNonFinite: Bool = true)
        {
            self.indent = indent
            self.sortedKeys = sortedKeys
            self.escapesHTML = escapesHTML
            self.allowsNonFinite = allowsNonFinite
        }
    }

    /// What has been written so far.
    package private(set) var bytes: [UInt8] = []
    private let options: Options

    package init(options: Options = Options()) {
        self.options = options
    }

    /// Appends bytes as they are: separators between values, line ends.
    package mutating func append(raw text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    /// Forgets what was written and keeps the memory.
    package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Appends one value.
    package mutating func append(_ value: JSONValue) { append(value, level: 0) }

    private mutating func append(_ value: JSONValue, level: Int) {
        switch value {
        case .null: append(raw: "null")
        case .bool(let flag): append(raw: flag ? "true" : "false")
        case .int(let number): append(ascii: number.description)
        case .double(let number): append(number)
        case .string(let text): append(quoted: text)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (place, element) in elements.enumerated() {
                separate(place, level: level + 1)
                append(element, level: level + 1)
            }
            close(UInt8(ascii: "]"), isEmpty: elements.isEmpty, level: level)
        case .object(let object):
            bytes.append(UInt8(ascii: "{"))
            var place = 0
            if options.sortedKeys {
                for (key, member) in object.sorted(by: {
                    $0.0.unicodeScalars.lexicographicallyPrecedes($1.0.unicodeScalars)
                }) {
                    append(member, named: key, place: place, level: level + 1)
                    place += 1
                }
            } else {
                for (key, member) in object {
                    append(member, named: key, place: place, level: level + 1)
                    place += 1
                }
            }
            close(UInt8(ascii: "}"), isEmpty: object.isEmpty, level: level)
        }
    }

    private mutating func append(_ member: JSONValue, named key: String, place: Int, level: Int) {
        separate(place, level: level)
        append(quoted: key)
        bytes.append(UInt8(ascii: ":"))
        if options.indent > 0 { bytes.append(UInt8(ascii: " ")) }
        append(member, level: level)
    }

    private mutating func separate(_ place: Int, level: Int) {
        if place > 0 { bytes.append(UInt8(ascii: ",")) }
        breakLine(level: level)
    }

    private mutating func close(_ bracket: UInt8, isEmpty: Bool, level: Int) {
        if !isEmpty { breakLine(level: level) }
        bytes.append(bracket)
    }

    private mutating func breakLine(level: Int) {
        guard options.indent > 0 else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: options.indent * level))
    }

    private mutating func append(_ number: Double) {
        if number.isFinite {
            append(ascii: number.description)
        } else if !options.allowsNonFinite {
            append(raw: "null")
        } else {
            append(ascii: number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity")
        }
    }

    private mutating func append(ascii text: String) { bytes.append(contentsOf: text.utf8) }

    /// Appends a string with quotes and escapes.
    package mutating func append(quoted text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { buffer in
            var start = 0
            for place in buffer.indices {
                let byte = buffer[place]
                guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || needsHTMLEscape(byte)
                else {
                    continue
                }
                bytes.append(contentsOf: buffer[start..<place])
                start = place + 1
                append(escaped: byte)
            }
            bytes.append(contentsOf: buffer[start...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private func needsHTMLEscape(_ byte: UInt8) -> Bool {
        options.escapesHTML
            && (byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "&"))
    }

    private mutating func append(escaped byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append(raw: "\\\"")
        case UInt8(ascii: "\\"): append(raw: "\\\\")
        case 0x0A: append(raw: "\\n")
        case 0x0D: append(raw: "\\r")
        case 0x09: append(raw: "\\t")
        default:
            let digits = Array("0123456789abcdef".utf8)
            append(raw: "\\u00")
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        }
    }
}

extension JSONValue {
    /// This value as JSON text; one line unless `indent` is above 0.
    package func text(indent: Int = 0, sortedKeys: Bool = false) -> String {
        String(decoding: bytes(indent: indent, sortedKeys: sortedKeys), as: UTF8.self)
    }

    /// This value as UTF-8 JSON bytes.
    package func bytes(indent: Int = 0, sortedKeys: Bool = false) -> [UInt8] {
        var writer = JSONWriter(options: .init(indent: indent, sortedKeys: sortedKeys))
        writer.append(self)
        return writer.bytes
    }
}
