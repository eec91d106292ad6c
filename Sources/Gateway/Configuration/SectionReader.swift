import Domain

/// What reading has found: everything that is wrong, and every value that is in force.
final class ReadingLog {
    var problems: [DocumentError] = []
    var settings: [EffectiveSetting] = []

    func problem(_ detail: String, at location: SourceLocation?) {
        problems.append(DocumentError(detail, at: location))
    }
}

/// Reads one map of the configuration: value, default, place, and what is wrong, for each key.
///
/// A wrong value is noted and its default taken, so that all that is wrong is said at once.
struct SectionReader {
    /// `gateway.limits`; empty for none.
    let path: String
    /// The map, or `nil` where it is left out.
    let map: YAMLMap?
    let log: ReadingLog
    var overrides = SettingOverrides()

    /// A section of the node, which must be a map of no other keys than `known`.
    init(path: String, node: YAMLNode?, known: [String], log: ReadingLog, overrides: SettingOverrides = .init()) {
        self.path = path
        self.log = log
        self.overrides = overrides
        guard let node, !node.isNull else {
            map = nil
            return
        }
        do throws(DocumentError) {
            map = try node.map(path)
        } catch {
            log.problems.append(error)
            map = nil
        }
        for entry in map?.entries ?? [] where !known.contains(entry.key) && !entry.key.hasPrefix("x-") {
            let hint = NearestName.hint(for: entry.key, among: known)
            log.problem("`\(path)` has no key `\(entry.key)`\(hint)", at: entry.location)
        }
    }

    /// A section within this one.
    func section(_ key: String, known: [String]) -> SectionReader {
        SectionReader(path: "\(path).\(key)", node: map?[key], known: known, log: log, overrides: overrides)
    }

    func has(_ key: String) -> Bool { map?.present(key) != nil }

    func location(of key: String) -> SourceLocation? { map?[key]?.location ?? map?.location }

    /// Reads a key with `parse`, which throws what is wrong with a node; `text` writes the value for people.
    func read<Value>(
        _ key: String, default initial: Value, text: (Value) -> String,
        _ parse: (YAMLNode, String) throws(DocumentError) -> Value
    ) -> Value {
        let full = "\(path).\(key)"
        var value = initial
        var origin = EffectiveSetting.Origin.default
        do throws(DocumentError) {
            if let override = overrides.value(of: full) {
                origin = override.origin
                value = try parse(Self.node(of: override.text), "\(override.origin)")
            } else if let node = map?.present(key) {
                origin = .file(node.location)
                value = try parse(node, full)
            }
        } catch {
            // A value given from outside the file has no place in it.
            if case .file = origin { log.problems.append(error) } else { log.problem(error.detail, at: nil) }
        }
        log.settings.append(EffectiveSetting(path: full, text: text(value), origin: origin))
        return value
    }

    /// What a text given by a flag or a variable would be in the file.
    private static func node(of text: String) -> YAMLNode {
        let place = SourceLocation(file: "", line: 1, column: 1)
        guard let node = try? YAMLReader.read(text: text, file: ""), case .scalar = node.content else {
            return YAMLNode(.scalar(.string(text)), at: place)
        }
        return node
    }
}

extension SectionReader {
    func duration(_ key: String, default initial: Duration, in range: ClosedRange<Duration>) -> Duration {
        read(key, default: initial, text: Quantity.text(of:)) { node, what throws(DocumentError) in
            try Self.duration(node, what, in: range)
        }
    }

    func duration(_ key: String, default initial: Duration?, in range: ClosedRange<Duration>) -> Duration? {
        read(key, default: initial, text: { $0.map(Quantity.text(of:)) ?? "none" }) {
            node, what throws(DocumentError) in
            try Self.duration(node, what, in: range)
        }
    }

    private static func duration(
        _ node: YAMLNode, _ what: String, in range: ClosedRange<Duration>
    ) throws(DocumentError) -> Duration {
        let text = try node.text(what)
        guard let duration = Quantity.duration(text) else {
            throw DocumentError(
                "`\(what)` must be a time such as 250ms, 30s, 10m, 2h or 1d, but is `\(text.shown)`", at: node.location)
        }
        guard range.contains(duration) else {
            throw DocumentError(
                "`\(what)` must be from \(Quantity.text(of: range.lowerBound)) to \(Quantity.text(of: range.upperBound)), but is \(text)",
                at: node.location)
        }
        return duration
    }

    func bytes(_ key: String, default initial: Int, in range: ClosedRange<Int>) -> Int {
        read(key, default: initial, text: Quantity.text(ofBytes:)) { node, what throws(DocumentError) in
            let text = try node.text(what)
            guard let bytes = Quantity.bytes(text), range.contains(bytes) else {
                throw DocumentError(
                    "`\(what)` must be a size such as 32MiB, from \(Quantity.text(ofBytes: range.lowerBound)) to \(Quantity.text(ofBytes: range.upperBound)), but is `\(text.shown)`",
                    at: node.location)
            }
            return bytes
        }
    }

    func integer(_ key: String, default initial: Int, in range: ClosedRange<Int>) -> Int {
        read(key, default: initial, text: String.init) { node, what throws(DocumentError) in
            try Self.integer(node, what, in: range)
        }
    }

    func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        read(key, default: nil, text: { $0.map(String.init) ?? "none" }) { node, what throws(DocumentError) in
            try Self.integer(node, what, in: range)
        }
    }

    private static func integer(
        _ node: YAMLNode, _ what: String, in range: ClosedRange<Int>
    ) throws(DocumentError) -> Int {
        let number = try node.integer(what)
        guard range.contains(number) else {
            throw DocumentError(
                "`\(what)` must be from \(range.lowerBound) to \(range.upperBound), but is \(number)", at: node.location
            )
        }
        return number
    }

    func flag(_ key: String, default initial: Bool) -> Bool {
        read(key, default: initial, text: { $0 ? "true" : "false" }) { node, what throws(DocumentError) in
            try node.flag(what)
        }
    }

    func text(_ key: String) -> String? {
        read(key, default: nil, text: { $0 ?? "none" }) { node, what throws(DocumentError) in try node.text(what) }
    }

    /// One of an enumeration's words.
    func word<Choice: RawRepresentable<String> & CaseIterable>(_ key: String, default initial: Choice) -> Choice {
        read(key, default: initial, text: \.rawValue) { node, what throws(DocumentError) in
            try Self.word(node, what)
        }
    }

    static func word<Choice: RawRepresentable<String> & CaseIterable>(
        _ node: YAMLNode, _ what: String
    ) throws(DocumentError) -> Choice {
        let text = try node.text(what)
        guard let choice = Choice(rawValue: text) else {
            let words = Choice.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
            throw DocumentError("`\(what)` must be one of \(words), but is `\(text.shown)`", at: node.location)
        }
        return choice
    }

    /// One text or a list of them.
    func texts(_ key: String) -> [String] {
        read(key, default: [], text: { $0.isEmpty ? "none" : $0.joined(separator: ", ") }) {
            node, what throws(DocumentError) in
            guard case .list(let elements) = node.content else { return [try node.text(what)] }
            var texts: [String] = []
            for element in elements { texts.append(try element.text(what)) }
            return texts
        }
    }
}

extension String {
    /// At most 60 characters of it, for a message.
    var shown: String { count <= 60 ? self : "\(prefix(60))…" }
}
