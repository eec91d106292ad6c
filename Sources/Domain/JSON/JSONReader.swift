import CYYJSON

/// Why a text is not JSON, and where.
package struct JSONSyntaxError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was wrong, in the parser's words.
    package let message: String
    /// The byte offset at which it was seen.
    package let offset: Int

    package var description: String { "invalid JSON at byte \(offset): \(message)" }
}

extension JSONValue {
    /// Arrays and objects nested deeper than this are refused: turning them into values recurses.
    package static let maximumDepth = 512

    /// Reads one JSON text.
    ///
    /// Accepts `NaN`, `Infinity` and `-Infinity` as Python's `json` does.
    ///
    /// Integers that do not fit 64 bits become floating-point numbers; of repeated keys the last counts.
    package init(parsing text: String) throws(JSONSyntaxError) {
        var text = text
        let result: Result<JSONValue, JSONSyntaxError> = text.withUTF8 { Self.parse($0) }
        self = try result.get()
    }

    /// Reads one JSON text from UTF-8 bytes.
    package init(parsing bytes: some Collection<UInt8>) throws(JSONSyntaxError) {
        let result: Result<JSONValue, JSONSyntaxError> =
            bytes.withContiguousStorageIfAvailable { Self.parse($0) }
            ?? Array(bytes).withUnsafeBufferPointer { Self.parse($0) }
        self = try result.get()
    }

    private static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<JSONValue, JSONSyntaxError> {
        guard let base = bytes.baseAddress, !bytes.isEmpty else {
            return .failure(JSONSyntaxError(message: "the text is empty", offset: 0))
        }
        var problem = yyjson_read_err()
        // The parser only writes to its input with the in-situ flag, which is not set.
        let input = UnsafeMutableRawPointer(mutating: base).assumingMemoryBound(to: CChar.self)
        guard let document = yyjson_read_opts(input, bytes.count, YYJSON_READ_ALLOW_INF_AND_NAN, nil, &problem) else {
            let message = problem.msg.map { String(cString: $0) } ?? "unknown error"
            return .failure(JSONSyntaxError(message: message, offset: problem.pos))
        }
        defer { yyjson_doc_free(document) }
        guard let value = Self.value(of: yyjson_doc_get_root(document), depth: 0) else {
            return .failure(JSONSyntaxError(message: "nested deeper than \(maximumDepth) levels", offset: 0))
        }
        return .success(value)
    }

    /// The value of a parsed node, or `nil` if it is nested too deeply.
    private static func value(of node: UnsafeMutablePointer<yyjson_val>?, depth: Int) -> JSONValue? {
        guard depth <= maximumDepth else { return nil }
        switch yyjson_get_type(node) {
        case UInt8(YYJSON_TYPE_BOOL):
            return .bool(yyjson_get_bool(node))
        case UInt8(YYJSON_TYPE_NUM):
            if yyjson_is_real(node) { return .double(yyjson_get_real(node)) }
            if yyjson_is_sint(node) { return .int(Int(yyjson_get_sint(node))) }
            let unsigned = yyjson_get_uint(node)
            return Int(exactly: unsigned).map { .int($0) } ?? .double(Double(unsigned))
        case UInt8(YYJSON_TYPE_STR):
            return .string(text(of: node))
        case UInt8(YYJSON_TYPE_ARR):
            var elements: [JSONValue] = []
            elements.reserveCapacity(yyjson_arr_size(node))
            var iterator = yyjson_arr_iter()
            yyjson_arr_iter_init(node, &iterator)
            while let element = yyjson_arr_iter_next(&iterator) {
                guard let value = value(of: element, depth: depth + 1) else { return nil }
                elements.append(value)
            }
            return .array(elements)
        case UInt8(YYJSON_TYPE_OBJ):
            var object = JSONObject()
            var iterator = yyjson_obj_iter()
            yyjson_obj_iter_init(node, &iterator)
            while let key = yyjson_obj_iter_next(&iterator) {
                guard let value = value(of: yyjson_obj_iter_get_val(key), depth: depth + 1) else { return nil }
                object[text(of: key)] = value
            }
            return .object(object)
        default:
            return .null
        }
    }

    private static func text(of node: UnsafeMutablePointer<yyjson_val>?) -> String {
        guard let start = yyjson_get_str(node) else { return "" }
        let count = yyjson_get_len(node)
        return start.withMemoryRebound(to: UInt8.self, capacity: count) {
            String(decoding: UnsafeBufferPointer(start: $0, count: count), as: UTF8.self)
        }
    }
}
