package import Domain

/// The variables of a `.env` file.
///
/// A line is `NAME=value`, possibly after `export`; `#` begins a comment at the start of a line or after a space.
/// Values may stand in single quotes, taken as they are, or in double quotes, in which `\n`, `\r`, `\t`, `\"`, `\\` and
/// `\$` are escapes and lines may end. Other values are trimmed. Of a repeated name the last value counts.
package struct DotEnvFile: Sendable {
    /// Values by name.
    ///
    /// They may be secrets.
    package private(set) var values: [String: Secret] = [:]

    /// No variables.
    package init() {}

    /// Parses the text of a file.
    ///
    /// Throws with file and line; never shows a value.
    package init(parsing text: String, file: String) throws {
        var parser = Parser(bytes: Array(text.utf8), file: file)
        while let (name, value) = try parser.next() { values[name] = Secret(value) }
    }

    private struct Parser {
        let bytes: [UInt8]
        let file: String
        private var place = 0
        private var line = 1

        init(bytes: [UInt8], file: String) {
            self.file = file
            self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        }

        private var current: UInt8? { place < bytes.count ? bytes[place] : nil }

        private mutating func advance() {
            if bytes[place] == 0x0A { line += 1 }
            place += 1
        }

        private func failure(_ sentence: String, line: Int) -> PlainFailure {
            PlainFailure("EnvironmentFileInvalid", "\(file):\(line): \(sentence)")
        }

        mutating func next() throws -> (name: String, value: String)? {
            while let byte = current {
                if byte == 0x0A || Self.isBlank(byte) {
                    advance()
                } else if byte == UInt8(ascii: "#") {
                    skipLine()
                } else {
                    return try assignment()
                }
            }
            return nil
        }

        private mutating func assignment() throws -> (name: String, value: String) {
            var name = word()
            skipBlanks()
            if name == "export", let byte = current, byte != UInt8(ascii: "=") {
                name = word()
                skipBlanks()
            }
            guard !name.isEmpty, current == UInt8(ascii: "=") else {
                throw failure("expected `NAME=value` here.", line: line)
            }
            advance()
            skipBlanks()
            switch current {
            case UInt8(ascii: "'"): return (name, try quoted(by: UInt8(ascii: "'"), name: name))
            case UInt8(ascii: "\""): return (name, try quoted(by: UInt8(ascii: "\""), name: name))
            default: return (name, plain())
            }
        }

        private mutating func word() -> String {
            let start = place
            while let byte = current, Self.isNameByte(byte) { advance() }
            return String(decoding: bytes[start..<place], as: UTF8.self)
        }

        private mutating func plain() -> String {
            let start = place
            while let byte = current, byte != 0x0A {
                if byte == UInt8(ascii: "#"), place == start || Self.isBlank(bytes[place - 1]) { break }
                advance()
            }
            var end = place
            while end > start, Self.isBlank(bytes[end - 1]) { end -= 1 }
            skipLine()
            return String(decoding: bytes[start..<end], as: UTF8.self)
        }

        private mutating func quoted(by quote: UInt8, name: String) throws -> String {
            let first = line
            advance()
            var value: [UInt8] = []
            while let byte = current, byte != quote {
                if byte == 0x0A, quote == UInt8(ascii: "'") { break }
                advance()
                guard byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\""), let escaped = current else {
                    value.append(byte)
                    continue
                }
                advance()
                switch escaped {
                case UInt8(ascii: "n"): value.append(0x0A)
                case UInt8(ascii: "r"): value.append(0x0D)
                case UInt8(ascii: "t"): value.append(0x09)
                case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "$"): value.append(escaped)
                default: value += [byte, escaped]
                }
            }
            guard current == quote else { throw failure("the quotes of `\(name)` are not closed.", line: first) }
            advance()
            skipBlanks()
            if let byte = current, byte != 0x0A, byte != UInt8(ascii: "#") {
                throw failure("only a comment may follow the quotes of `\(name)`.", line: line)
            }
            skipLine()
            return String(decoding: value, as: UTF8.self)
        }

        private mutating func skipBlanks() { while let byte = current, Self.isBlank(byte) { advance() } }

        private mutating func skipLine() { while let byte = current, byte != 0x0A { advance() } }

        private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

        private static func isNameByte(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }
}
