internal import CYYJSON
internal import Crypto

/// Names a request by what decides its answer, for the exact cache.
///
/// Two requests have the same key if they ask for the same operation and public model, in the same way (streamed or
/// not), on account of the same key (unless the cache is shared), and their bodies are equal as JSON with `stream`,
/// `user` and `metadata` left out. The order of members does not count, the notation of numbers does. `stream_options`
/// counts for streams only, where it decides whether the usage is sent.
package struct AnswerKey: Sendable, Hashable {
    private let words: [UInt64]

    /// The key of a request.
    ///
    /// - Parameters:
    ///   - keyID: the id of the caller's key; `nil` where answers may be given to other keys.
    ///   - headers: values of header fields that change the answer, such as `anthropic-beta`, in a fixed order.
    ///
    /// `nil` if the body is no JSON object or is nested deeper than 512 levels.
    package init?(
        operation: Operation, model: String, isStream: Bool, keyID: String?, headers: [String] = [],
        body: UnsafeRawBufferPointer
    ) {
        var canonical = CanonicalJSON(capacity: body.count + 256)
        canonical.append(text: operation.rawValue)
        canonical.append(text: model)
        canonical.append(text: isStream ? "stream" : "body")
        canonical.append(text: keyID.map { "key \($0)" } ?? "shared")
        canonical.append(count: headers.count)
        for header in headers { canonical.append(text: header) }
        guard canonical.append(requestBody: body, isStream: isStream) else { return nil }
        words = ContentHash.words(of: canonical.bytes)
    }
}

/// SHA-256 as four words, which hash and compare faster than text.
enum ContentHash {
    static func words(of bytes: [UInt8]) -> [UInt64] { bytes.withUnsafeBytes { words(of: $0) } }

    static func words(of bytes: UnsafeRawBufferPointer) -> [UInt64] {
        SHA256.hash(data: bytes).withUnsafeBytes { digest in
            (0..<4).map { digest.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self) }
        }
    }
}

/// Bytes that are equal if and only if the JSON values they were made from are.
///
/// Each value begins with its kind; texts and containers with their length, so that nothing can be mistaken for another.
private struct CanonicalJSON {
    private(set) var bytes: [UInt8] = []
    private static let maximumDepth = 512
    /// Members of a request that do not decide its answer; the model counts by its public name.
    private static let ignored: Set<String> = ["stream", "user", "metadata", "model"]

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func append(count: Int) {
        withUnsafeBytes(of: UInt64(count).littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(text: String) {
        append(count: text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    /// Appends a request's body; false if it cannot be read.
    mutating func append(requestBody body: UnsafeRawBufferPointer, isStream: Bool) -> Bool {
        guard let base = body.baseAddress, !body.isEmpty else { return false }
        // The parser only writes to its input with the in-situ flag, which is not set.
        let input = UnsafeMutableRawPointer(mutating: base).assumingMemoryBound(to: CChar.self)
        // Numbers stay as they are written: as doubles, two that differ could look the same.
        guard let document = yyjson_read_opts(input, body.count, YYJSON_READ_NUMBER_AS_RAW, nil, nil) else {
            return false
        }
        defer { yyjson_doc_free(document) }
        let root = yyjson_doc_get_root(document)
        guard yyjson_is_obj(root) else { return false }
        return append(object: root, depth: 0) { name in
            !Self.ignored.contains(name) && (isStream || name != "stream_options")
        }
    }

    private mutating func append(_ value: UnsafeMutablePointer<yyjson_val>?, depth: Int) -> Bool {
        guard depth <= Self.maximumDepth else { return false }
        switch yyjson_get_type(value) {
        case UInt8(YYJSON_TYPE_OBJ): return append(object: value, depth: depth)
        case UInt8(YYJSON_TYPE_ARR):
            bytes.append(UInt8(ascii: "["))
            append(count: yyjson_arr_size(value))
            var iterator = yyjson_arr_iter()
            yyjson_arr_iter_init(value, &iterator)
            while let element = yyjson_arr_iter_next(&iterator) {
                guard append(element, depth: depth + 1) else { return false }
            }
        case UInt8(YYJSON_TYPE_STR):
            bytes.append(UInt8(ascii: "\""))
            append(raw: yyjson_get_str(value), count: yyjson_get_len(value))
        case UInt8(YYJSON_TYPE_RAW):
            bytes.append(UInt8(ascii: "0"))
            append(raw: yyjson_get_raw(value), count: yyjson_get_len(value))
        case UInt8(YYJSON_TYPE_BOOL): bytes.append(UInt8(ascii: yyjson_get_bool(value) ? "t" : "f"))
        default: bytes.append(UInt8(ascii: "n"))
        }
        return true
    }

    private mutating func append(
        object: UnsafeMutablePointer<yyjson_val>?, depth: Int, where isKept: (String) -> Bool = { _ in true }
    ) -> Bool {
        var members: [String: UnsafeMutablePointer<yyjson_val>?] = [:]
        members.reserveCapacity(yyjson_obj_size(object))
        var iterator = yyjson_obj_iter()
        yyjson_obj_iter_init(object, &iterator)
        while let key = yyjson_obj_iter_next(&iterator) {
            let name = Self.text(of: key)
            // Of a repeated member the last counts, as everywhere.
            if isKept(name) { members[name] = yyjson_obj_iter_get_val(key) }
        }
        bytes.append(UInt8(ascii: "{"))
        append(count: members.count)
        for (name, value) in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            append(text: name)
            guard append(value, depth: depth + 1) else { return false }
        }
        return true
    }

    private mutating func append(raw start: UnsafePointer<CChar>?, count: Int) {
        append(count: count)
        bytes.append(contentsOf: UnsafeRawBufferPointer(start: start, count: count))
    }

    private static func text(of key: UnsafeMutablePointer<yyjson_val>) -> String {
        String(
            decoding: UnsafeRawBufferPointer(start: yyjson_get_str(key), count: yyjson_get_len(key)), as: UTF8.self)
    }
}
