/// The members of a JSON object in their order.
///
/// A key appears once; setting it again keeps its place. Keys are the same if their scalars are, as in Python: `é` as one
/// scalar and as two are two keys.
package struct JSONObject: Sendable {
    package private(set) var keys: [String]
    package private(set) var values: [JSONValue]
    /// Positions by key; kept only for large objects, where a scan over the keys would be slow.
    private var positions: [ExactText: Int]?

    private static let scanLimit = 12

    /// An empty object.
    package init() {
        keys = []
        values = []
    }

    /// An object with these members; of a repeated key the last value counts.
    package init(_ members: some Sequence<(String, JSONValue)>) {
        self.init()
        for (key, value) in members { self[key] = value }
    }

    /// The number of members.
    package var count: Int { keys.count }

    /// Whether there are no members.
    package var isEmpty: Bool { keys.isEmpty }

    /// The value of `key`; setting `nil` removes the member.
    package subscript(key: String) -> JSONValue? {
        get { position(of: key).map { values[$0] } }
        set {
            if let place = position(of: key) {
                if let newValue {
                    values[place] = newValue
                } else {
                    keys.remove(at: place)
                    values.remove(at: place)
                    if positions != nil { index() }
                }
            } else if let newValue {
                append(key, newValue)
            }
        }
    }

    /// Adds a member that is known not to be there yet.
    package mutating func append(_ key: String, _ value: JSONValue) {
        keys.append(key)
        values.append(value)
        if positions != nil {
            positions?[ExactText(key)] = keys.count - 1
        } else if keys.count > Self.scanLimit {
            index()
        }
    }

    /// Whether there is a member named `key`.
    package func contains(_ key: String) -> Bool { position(of: key) != nil }

    /// Sets every member of `other` here.
    package mutating func merge(_ other: JSONObject) {
        for (key, value) in other { self[key] = value }
    }

    private func position(of key: String) -> Int? {
        if let positions { return positions[ExactText(key)] }
        return keys.firstIndex { ExactText.areEqual($0, key) }
    }

    private mutating func index() {
        var index: [ExactText: Int] = [:]
        for (place, key) in keys.enumerated() { index[ExactText(key)] = place }
        positions = index
    }
}

extension JSONObject: Sequence {
    package func makeIterator() -> Zip2Sequence<[String], [JSONValue]>.Iterator { zip(keys, values).makeIterator() }
}

extension JSONObject: Hashable {
    /// Two objects are equal if they have equal members, in whatever order.
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.allSatisfy { right[$0] == $1 }
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        var members = 0
        for (key, value) in self {
            var member = Hasher()
            member.combine(ExactText(key))
            member.combine(value)
            members ^= member.finalize()
        }
        hasher.combine(members)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}
