import Domain

/// Compares what a command gave with what a case expects of it.
///
/// Objects may have more members than expected, but `outputs`, `nodes` and `metrics` must have exactly those. Lists must be
/// as long. `{contains: text}` (or a list of texts) stands for a text that holds it, `{anything: true}` for any value,
/// `{near: number}` for a number that differs by less than 1e-9.
struct ConformanceMatch {
    private static let exact: Set = ["outputs", "nodes", "metrics"]

    /// What differs, each with its place; empty if nothing does.
    private(set) var differences: [String] = []

    init(_ found: JSONValue, expected: JSONValue) { compare(found, expected, at: "", isExact: false) }

    private mutating func compare(_ found: JSONValue?, _ expected: JSONValue, at place: String, isExact: Bool) {
        guard let found else {
            differences.append("\(place): missing, expected \(expected.text())")
            return
        }
        switch (found, expected) {
        case (.object(let members), .object(let wanted)) where !Self.isRule(wanted):
            if isExact, members.count != wanted.count {
                differences.append("\(place): has \(members.keys), expected \(wanted.keys)")
            }
            for (key, value) in wanted {
                compare(members[key], value, at: "\(place).\(key)", isExact: Self.exact.contains(key))
            }
        case (.array(let elements), .array(let wanted)):
            guard elements.count == wanted.count else {
                differences.append(
                    "\(place): has \(elements.count) elements, expected \(wanted.count): \(found.text())")
                return
            }
            for (index, pair) in zip(elements, wanted).enumerated() {
                compare(pair.0, pair.1, at: "\(place)[\(index)]", isExact: false)
            }
        default:
            if !Self.matches(found, expected) {
                differences.append("\(place): \(found.text()), expected \(expected.text())")
            }
        }
    }

    private static func isRule(_ object: JSONObject) -> Bool {
        object.count == 1 && ["contains", "anything", "near"].contains(object.keys[0])
    }

    private static func matches(_ found: JSONValue, _ expected: JSONValue) -> Bool {
        if case .object(let rule) = expected, isRule(rule) {
            if let number = rule["near"]?.double { return found.double.map { abs($0 - number) < 1e-9 } ?? false }
            guard let texts = rule["contains"] else { return true }
            let whole = found.string ?? found.text()
            return (texts.array ?? [texts]).allSatisfy { whole.contains($0.string ?? $0.text()) }
        }
        if let left = found.double, let right = expected.double { return left == right || left.isNaN && right.isNaN }
        return found == expected
    }
}
