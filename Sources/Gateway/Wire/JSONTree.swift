import CYYJSON

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A JSON text that has been parsed, with the memory of its nodes.
///
/// On the hot path this takes the place of `JSONValue`: nothing is turned into Swift values that is not asked for.
struct JSONTree: ~Copyable {
    private let document: UnsafeMutablePointer<yyjson_doc>

    /// Parses UTF-8 bytes; `nil` if they are no JSON text, with what is wrong in `problem`.
    ///
    /// Memory is bounded by a multiple of the text's size, so that a small text cannot ask for much.
    ///
    /// - Parameter pool: memory for small texts, which must outlive this value and serve no other meanwhile.
    init?(_ bytes: UnsafeRawBufferPointer, pool: JSONPool? = nil, problem: inout String) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else {
            problem = "it is empty"
            return nil
        }
        // The parser only writes to its input with the in-situ flag, which is not set.
        let input = UnsafeMutablePointer(mutating: base.assumingMemoryBound(to: CChar.self))
        var failure = yyjson_read_err()
        if let pool, bytes.count <= JSONPool.longestText {
            var allocator = pool.allocator()
            if let document = yyjson_read_opts(input, bytes.count, 0, &allocator, &failure) {
                self.document = document
                return
            }
        }
        guard let document = Self.parse(input, bytes.count, &failure) else {
            problem = "\(failure.msg.map { String(cString: $0) } ?? "unknown error") at byte \(failure.pos)"
            return nil
        }
        self.document = document
    }

    deinit { yyjson_doc_free(document) }

    private static func parse(
        _ input: UnsafeMutablePointer<CChar>, _ count: Int, _ failure: inout yyjson_read_err
    ) -> UnsafeMutablePointer<yyjson_doc>? {
        var limit = count * 6 + (16 << 20)
        return withUnsafeMutablePointer(to: &limit) { limit in
            // The limit is only looked at while the text is parsed; freeing does not need it.
            var allocator = yyjson_alc(
                malloc: { limit, size in JSONTree.isWithin(limit, size) ? malloc(size) : nil },
                realloc: { limit, memory, _, size in JSONTree.isWithin(limit, size) ? realloc(memory, size) : nil },
                free: { _, memory in free(memory) }, ctx: limit)
            return yyjson_read_opts(input, count, 0, &allocator, &failure)
        }
    }

    private static func isWithin(_ limit: UnsafeMutableRawPointer?, _ size: Int) -> Bool {
        size <= limit?.load(as: Int.self) ?? 0
    }

    /// The outermost value.
    var root: JSONNode { JSONNode(yyjson_doc_get_root(document)) }

    /// Every value and key, one after the other in the order of the text.
    var nodes: UnsafeMutableBufferPointer<yyjson_val> {
        UnsafeMutableBufferPointer(start: yyjson_doc_get_root(document), count: yyjson_doc_get_val_count(document))
    }

    /// Where a string's first byte stands in the text that was parsed.
    func offset(of node: JSONNode) -> Int? {
        // Strings stay where they stood in the parser's copy of the text.
        guard let copy = document.pointee.str_pool, let start = yyjson_get_str(node.value) else { return nil }
        return UnsafePointer(copy).distance(to: start)
    }
}

/// Memory in which small texts are parsed one after the other, without asking the system each time.
final class JSONPool {
    /// Longer texts get memory of their own.
    static let longestText = 1024
    private static let size = 8192
    private let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)

    deinit { memory.deallocate() }

    /// A fresh allocator over the whole pool: what it gave before is forgotten.
    func allocator() -> yyjson_alc {
        var allocator = yyjson_alc()
        yyjson_alc_pool_init(&allocator, memory, Self.size)
        return allocator
    }
}
