import CYYJSON
import Domain

/// A value in a ``JSONTree``; not to be used after the tree is gone.
struct JSONNode {
    let value: UnsafeMutablePointer<yyjson_val>?

    init(_ value: UnsafeMutablePointer<yyjson_val>?) { self.value = value }

    var isMissing: Bool { value == nil }
    var isNull: Bool { yyjson_is_null(value) }
    /// Whether it is neither missing nor `null`.
    var isGiven: Bool { value != nil && !yyjson_is_null(value) }
    var isObject: Bool { yyjson_is_obj(value) }
    var isArray: Bool { yyjson_is_arr(value) }
    var isString: Bool { yyjson_is_str(value) }
    var bool: Bool? { yyjson_is_bool(value) ? yyjson_get_bool(value) : nil }

    /// A whole number that fits; `nil` for any other value.
    var int: Int? {
        if yyjson_is_uint(value) { return Int(exactly: yyjson_get_uint(value)) }
        return yyjson_is_sint(value) ? Int(yyjson_get_sint(value)) : nil
    }

    var double: Double? { yyjson_is_num(value) ? yyjson_get_num(value) : nil }

    /// Members of an object, elements of an array, else 0.
    var count: Int { Int(yyjson_is_obj(value) ? yyjson_obj_size(value) : yyjson_arr_size(value)) }

    /// The bytes of a string, without escapes; empty for any other value.
    var bytes: UnsafeRawBufferPointer {
        guard let start = yyjson_get_str(value) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: start, count: yyjson_get_len(value))
    }

    var string: String? { isString ? String(decoding: bytes, as: UTF8.self) : nil }

    @inline(__always)
    func isString(_ text: StaticString) -> Bool {
        yyjson_is_str(value) && bytes.isText(text)
    }

    @inline(__always)
    func isString(_ text: String) -> Bool { yyjson_is_str(value) && bytes.elementsEqual(text.utf8) }

    /// Whether it is what a script would take for true: neither missing, `null`, false, 0 nor empty.
    var isTruthy: Bool {
        switch value.map({ Int32(yyjson_get_type($0)) }) {
        case Int32(YYJSON_TYPE_STR): !bytes.isEmpty
        case Int32(YYJSON_TYPE_NUM): yyjson_get_num(value) != 0
        case Int32(YYJSON_TYPE_BOOL): yyjson_get_bool(value)
        case Int32(YYJSON_TYPE_ARR), Int32(YYJSON_TYPE_OBJ): count > 0
        default: false
        }
    }

    /// A value of its own, at most eight levels deep: for the few small objects that outlive their tree.
    var copy: JSONValue { copy(depth: 8) }

    private func copy(depth: Int) -> JSONValue {
        guard depth > 0 else { return .null }
        if let string { return .string(string) }
        if let int { return .int(int) }
        if let bool { return .bool(bool) }
        if let double { return .double(double) }
        if isArray { return .array(elements.map { $0.copy(depth: depth - 1) }) }
        guard isObject else { return .null }
        var object = JSONObject()
        for (key, value) in members { object[key.string ?? ""] = value.copy(depth: depth - 1) }
        return .object(object)
    }

    /// The member of that name; of repeated ones the first.
    ///
    /// Missing if there is none or this is no object.
    subscript(name: StaticString) -> JSONNode {
        name.utf8Start.withMemoryRebound(to: CChar.self, capacity: name.utf8CodeUnitCount) {
            JSONNode(yyjson_obj_getn(value, $0, name.utf8CodeUnitCount))
        }
    }

    /// The first element of an array.
    var first: JSONNode { JSONNode(yyjson_arr_get_first(value)) }

    /// What it is, for messages.
    var kind: String {
        switch value.map({ Int32(yyjson_get_type($0)) }) {
        case Int32(YYJSON_TYPE_STR): "a string"
        case Int32(YYJSON_TYPE_NUM): yyjson_is_real(value) ? "a fraction" : "another number"
        case Int32(YYJSON_TYPE_BOOL): "true or false"
        case Int32(YYJSON_TYPE_ARR): "an array"
        case Int32(YYJSON_TYPE_OBJ): "an object"
        default: "null"
        }
    }

    /// The members of an object in order; none for any other value.
    var members: JSONMembers { JSONMembers(self) }

    /// The elements of an array in order; none for any other value.
    var elements: JSONElements { JSONElements(self) }
}

/// The members of an object, one after the other.
struct JSONMembers: Sequence, IteratorProtocol {
    private var iterator = yyjson_obj_iter()

    init(_ node: JSONNode) { yyjson_obj_iter_init(node.value, &iterator) }

    @inline(__always)
    mutating func next() -> (key: JSONNode, value: JSONNode)? {
        guard let key = yyjson_obj_iter_next(&iterator) else { return nil }
        return (JSONNode(key), JSONNode(yyjson_obj_iter_get_val(key)))
    }
}

/// The elements of an array, one after the other.
struct JSONElements: Sequence, IteratorProtocol {
    private var iterator = yyjson_arr_iter()

    init(_ node: JSONNode) { yyjson_arr_iter_init(node.value, &iterator) }

    @inline(__always)
    mutating func next() -> JSONNode? { yyjson_arr_iter_next(&iterator).map { JSONNode($0) } }
}
