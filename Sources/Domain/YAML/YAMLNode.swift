/// A parsed YAML value that knows where it stands, so that messages can say so.
package struct YAMLNode: Sendable {
    /// What stands there.
    package enum Content: Sendable {
        case scalar(JSONValue)
        case list([YAMLNode])
        case map(YAMLMap)
    }

    package let content: Content
    package let location: SourceLocation

    package init(_ content: Content, at location: SourceLocation) {
        self.content = content
        self.location = location
    }

    /// The value without its places.
    package var json: JSONValue {
        switch content {
        case .scalar(let value): value
        case .list(let elements): .array(elements.map(\.json))
        case .map(let map): .object(map.json)
        }
    }

    /// Whether nothing, `~` or `null` stands here.
    package var isNull: Bool { if case .scalar(.null) = content { true } else { false } }

    /// The map here.
    ///
    /// Throws ``DocumentError`` naming `what` if it is none.
    package func map(_ what: String) throws(DocumentError) -> YAMLMap {
        guard case .map(let map) = content else { throw mismatch(what, "a map of keys and values") }
        return map
    }

    /// The list here.
    ///
    /// Throws ``DocumentError`` naming `what` if it is none.
    package func list(_ what: String) throws(DocumentError) -> [YAMLNode] {
        guard case .list(let elements) = content else { throw mismatch(what, "a list") }
        return elements
    }

    /// The text here; numbers and truth values count as their text.
    ///
    /// Throws ``DocumentError`` naming `what` otherwise.
    package func text(_ what: String) throws(DocumentError) -> String {
        switch content {
        case .scalar(.string(let text)): return text
        case .scalar(.int(let number)): return String(number)
        case .scalar(.double(let number)): return String(number)
        case .scalar(.bool(let flag)): return flag ? "true" : "false"
        default: throw mismatch(what, "a text")
        }
    }

    /// The truth value here; Throws ``DocumentError`` naming `what` otherwise.
    package func flag(_ what: String) throws(DocumentError) -> Bool {
        guard case .scalar(.bool(let flag)) = content else { throw mismatch(what, "true or false") }
        return flag
    }

    /// The number here.
    ///
    /// Throws ``DocumentError`` naming `what` otherwise.
    package func number(_ what: String) throws(DocumentError) -> Double {
        guard case .scalar(let value) = content, let number = value.double else { throw mismatch(what, "a number") }
        return number
    }

    /// The whole number here.
    ///
    /// Throws ``DocumentError`` naming `what` otherwise.
    package func integer(_ what: String) throws(DocumentError) -> Int {
        guard case .scalar(.int(let number)) = content else { throw mismatch(what, "a whole number") }
        return number
    }

    private func mismatch(_ what: String, _ expected: String) -> DocumentError {
        DocumentError(
            "`\(what)` must be \(expected), but is \(json.kindName == "object" ? "a map" : json.kindName)", at: location
        )
    }
}

/// The keys and values of a YAML map, in order.
///
/// Keys are texts.
package struct YAMLMap: Sendable {
    /// One key with its value.
    package struct Entry: Sendable {
        package let key: String
        package let location: SourceLocation
        package let value: YAMLNode
    }

    package let entries: [Entry]
    package let location: SourceLocation

    package init(_ entries: [Entry], at location: SourceLocation) {
        self.entries = entries
        self.location = location
    }

    /// The value of `key`, or `nil` if the key is not there.
    package subscript(key: String) -> YAMLNode? { entries.first { $0.key == key }?.value }

    /// The value of `key`, or `nil` if the key is not there or its value is null.
    package func present(_ key: String) -> YAMLNode? { self[key].flatMap { $0.isNull ? nil : $0 } }

    /// The value of `key`.
    ///
    /// Throws ``DocumentError`` if it is missing or null.
    package func required(_ key: String, in what: String) throws(DocumentError) -> YAMLNode {
        guard let value = present(key) else { throw DocumentError("\(what) needs `\(key)`", at: location) }
        return value
    }

    /// The map without places.
    package var json: JSONObject { JSONObject(entries.lazy.map { ($0.key, $0.value.json) }) }

    /// Throws ``DocumentError`` for the first key that is not in `known`, with the nearest known name.
    ///
    /// Keys that begin with `x-` belong to the reader and pass.
    package func check(known: [String], in what: String) throws(DocumentError) {
        for entry in entries where !known.contains(entry.key) && !entry.key.hasPrefix("x-") {
            let hint = NearestName.hint(for: entry.key, among: known)
            throw DocumentError("\(what) has no key `\(entry.key)`\(hint)", at: entry.location)
        }
    }
}

/// What is wrong with a file, and where.
package struct DocumentError: Failure, Equatable {
    package let detail: String
    package let location: SourceLocation?
    package var code: String { "DocumentInvalid" }
    package var blame: Blame { .request }

    package init(_ detail: String, at location: SourceLocation?) {
        self.detail = detail
        self.location = location
    }

    package var message: String { location.map { "\($0): \(detail)" } ?? detail }
}

/// Finds the known name that a misspelt one was meant to be.
package enum NearestName {
    /// The nearest of `names`, or `nil` if none is near: more than a third of the letters would have to change.
    package static func find(_ name: String, among names: some Sequence<String>) -> String? {
        let wanted = Array(name.lowercased().unicodeScalars.prefix(100))
        var best: (name: String, distance: Int)?
        for candidate in names {
            let other = Array(candidate.lowercased().unicodeScalars.prefix(100))
            let distance = distance(wanted, other)
            if distance <= max(1, max(wanted.count, other.count) / 3), distance < best?.distance ?? .max {
                best = (candidate, distance)
            }
        }
        return best?.name
    }

    /// `; did you mean …?` or the list of what is known, for the end of a message.
    package static func hint(for name: String, among names: [String]) -> String {
        if let nearest = find(name, among: names) { return "; did you mean `\(nearest)`?" }
        guard !names.isEmpty else { return "" }
        return "; known are \(names.prefix(30).map { "`\($0)`" }.joined(separator: ", "))"
    }

    private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let above = row[j + 1]
                row[j + 1] = min(above + 1, row[j] + 1, diagonal + (a == b ? 0 : 1))
                diagonal = above
            }
        }
        return row[right.count]
    }
}
