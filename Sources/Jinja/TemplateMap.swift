/// A mapping that remembers the order its keys came in, as a Python `dict` does; keys are strings.
package struct TemplateMap: Sendable {
    /// One key and its value.
    package struct Entry: Sendable, Equatable {
        package var key: String
        package var value: TemplateValue
    }

    /// The entries in the order of first insertion.
    package private(set) var entries: [Entry]
    /// Where each key is; only kept once a linear search would be slower.
    private var places: [ExactText: Int]

    /// Up to this many entries a search from the front beats hashing the key.
    private static let linearLimit = 12

    package init() {
        entries = []
        places = [:]
    }

    /// A key that comes again replaces the value and keeps its place.
    package init(_ pairs: some Sequence<(key: String, value: TemplateValue)>) {
        self.init()
        entries.reserveCapacity(pairs.underestimatedCount)
        for (key, value) in pairs { set(key, to: value) }
    }

    package var count: Int { entries.count }
    package var isEmpty: Bool { entries.isEmpty }

    package subscript(key: String) -> TemplateValue? {
        place(of: key).map { entries[$0].value }
    }

    /// Adds an entry, or replaces the value of one.
    package mutating func set(_ key: String, to value: TemplateValue) {
        if let place = place(of: key) {
            entries[place].value = value
            return
        }
        entries.append(Entry(key: key, value: value))
        if entries.count == Self.linearLimit + 1 {
            for (place, entry) in entries.enumerated() { places[ExactText(entry.key)] = place }
        } else if entries.count > Self.linearLimit {
            places[ExactText(key)] = entries.count - 1
        }
    }

    private func place(of key: String) -> Int? {
        guard entries.count <= Self.linearLimit else { return places[ExactText(key)] }
        return entries.firstIndex { ExactText.same($0.key, key) }
    }
}

extension TemplateMap: Equatable {
    package static func == (left: TemplateMap, right: TemplateMap) -> Bool {
        left.entries == right.entries
    }
}

extension TemplateMap: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, TemplateValue)...) {
        self.init(elements.lazy.map { (key: $0.0, value: $0.1) })
    }
}

/// Text that is equal only if its code points are, as in Python; Swift's `String` also equates é with e + ´.
struct ExactText: Hashable, Sendable {
    let text: String

    init(_ text: String) {
        self.text = text
    }

    static func == (left: ExactText, right: ExactText) -> Bool {
        same(left.text, right.text)
    }

    func hash(into hasher: inout Hasher) {
        let isHashed: Void? = text.utf8.withContiguousStorageIfAvailable {
            hasher.combine(bytes: UnsafeRawBufferPointer($0))
        }
        if isHashed == nil { for byte in text.utf8 { hasher.combine(byte) } }
    }

    static func same(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && left.utf8.elementsEqual(right.utf8)
    }

    /// Python's order of strings is by code point, which is the order of the UTF-8 bytes.
    static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
