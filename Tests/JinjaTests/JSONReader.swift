import Foundation
import Jinja

/// Reads JSON as Python writes it: keys keep their order, `1` and `1.0` stay apart, NaN and Infinity are numbers.
struct JSONReader {
    private let bytes: [UInt8]
    private var at = 0

    struct Failure: Error {
        var offset: Int
    }

    init(_ data: some Sequence<UInt8>) {
        bytes = Array(data)
    }

    mutating func value() throws -> TemplateValue {
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"): return .map(try map())
        case UInt8(ascii: "["): return .list(try list())
        case UInt8(ascii: "\""): return .string(try string())
        default: return try word()
        }
    }

    private var peek: UInt8 { at < bytes.count ? bytes[at] : 0 }

    private mutating func skipSpace() {
        while peek == UInt8(ascii: " ") { at += 1 }
    }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard peek == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    private mutating func map() throws -> TemplateMap {
        var pairs: [(key: String, value: TemplateValue)] = []
        _ = skip("{")
        while !skip("}") {
            skipSpace()
            let key = try string()
            guard skip(":") else { throw Failure(offset: at) }
            pairs.append((key, try value()))
            _ = skip(",")
        }
        return TemplateMap(pairs)
    }

    private mutating func list() throws -> [TemplateValue] {
        var elements: [TemplateValue] = []
        _ = skip("[")
        while !skip("]") {
            elements.append(try value())
            _ = skip(",")
        }
        return elements
    }

    private mutating func string() throws -> String {
        let start = at
        at += 1
        while at < bytes.count, peek != UInt8(ascii: "\"") { at += peek == UInt8(ascii: "\\") ? 2 : 1 }
        at += 1
        guard at <= bytes.count else { throw Failure(offset: start) }
        if !bytes[start..<at].contains(UInt8(ascii: "\\")) {
            return String(decoding: bytes[(start + 1)..<(at - 1)], as: UTF8.self)
        }
        return try JSONDecoder().decode(String.self, from: Data(bytes[start..<at]))
    }

    private mutating func word() throws -> TemplateValue {
        let start = at
        while at < bytes.count, !" ,]}".utf8.contains(peek) { at += 1 }
        let word = String(decoding: bytes[start..<at], as: UTF8.self)
        switch word {
        case "null": return .none
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "NaN": return .double(.nan)
        case "Infinity": return .double(.infinity)
        default:
            if let number = Int(word) { return .int(number) }
            guard let number = Double(word) else { throw Failure(offset: start) }
            return .double(number)
        }
    }
}
