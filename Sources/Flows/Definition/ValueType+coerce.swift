import Domain
import Jinja

extension ValueType {
    /// Why a value does not fit.
    enum Mismatch: Error {
        /// It is no value of the type.
        case type
        /// It is a text that is no JSON, where JSON was expected.
        case json(String)
    }

    /// The value as this type, by prompt flow's rules (Python's `int()`, `float()`, `str()`, JSON for lists and objects).
    func coerce(_ value: JSONValue) throws(Mismatch) -> JSONValue {
        switch self {
        case .int: try .int(Self.integer(value))
        case .double: try .double(Self.number(value))
        case .bool: try .bool(Self.flag(value))
        case .string: .string(value.pythonText)
        case .list: try Self.list(value)
        case .object: Self.object(value)
        case .image: Self.image(value)
        default: value
        }
    }

    private static func integer(_ value: JSONValue) throws(Mismatch) -> Int {
        switch value {
        case .int(let number): return number
        case .bool(let flag): return flag ? 1 : 0
        case .double(let number):
            guard let whole = Int(exactly: number.rounded(.towardZero)) else { throw .type }
            return whole
        case .string(let text):
            guard let number = Int(text.trimmingPythonSpace.replacing("_", with: "")) else { throw .type }
            return number
        default: throw .type
        }
    }

    private static func number(_ value: JSONValue) throws(Mismatch) -> Double {
        switch value {
        case .int(let number): return Double(number)
        case .double(let number): return number
        case .bool(let flag): return flag ? 1 : 0
        case .string(let text):
            let trimmed = text.trimmingPythonSpace
            guard let number = Double(trimmed), !trimmed.lowercased().hasPrefix("0x") else { throw .type }
            return number
        default: throw .type
        }
    }

    private static func flag(_ value: JSONValue) throws(Mismatch) -> Bool {
        switch value.pythonText.lowercased() {
        case "true": return true
        case "false": return false
        default: throw .type
        }
    }

    private static func list(_ value: JSONValue) throws(Mismatch) -> JSONValue {
        if case .array = value { return value }
        guard case .string(let text) = value else { throw .type }
        let parsed: JSONValue
        do { parsed = try JSONValue(parsing: text) } catch { throw .json(error.description) }
        guard case .array = parsed else { throw .type }
        return parsed
    }

    private static let imageTypes = [
        "png": "png", "jpg": "jpeg", "jpeg": "jpeg", "gif": "gif", "bmp": "bmp", "tiff": "tiff", "webp": "webp",
    ]

    /// A text as an image value: an address, a file by its ending, otherwise base64.
    private static func image(_ value: JSONValue) -> JSONValue {
        guard case .string(let text) = value, !text.isEmpty else { return value }
        if text.hasPrefix("http://") || text.hasPrefix("https://") { return ["data:image/*;url": value] }
        if text.hasPrefix("data:image/"), let comma = text.firstIndex(of: ",") {
            return .object([String(text[..<comma]): .string(String(text[text.index(after: comma)...]))])
        }
        let ending = text.split(separator: ".").last.map { $0.lowercased() } ?? ""
        if let type = imageTypes[ending] { return .object(["data:image/\(type);path": value]) }
        return ["data:image/*;base64": value]
    }

    /// JSON where the text is JSON, otherwise the text as it is.
    private static func object(_ value: JSONValue) -> JSONValue {
        guard case .string(let text) = value, let parsed = try? JSONValue(parsing: text) else { return value }
        return parsed
    }
}

extension String {
    var trimmingPythonSpace: String {
        var scalars = Substring(self).unicodeScalars
        while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        return String(Substring(scalars))
    }
}
