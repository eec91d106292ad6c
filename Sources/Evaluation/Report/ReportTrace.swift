import Domain

/// The spans of a line as the rows of a tree: a parent before its children, siblings by their start.
enum ReportTrace {
    /// More rows than this are left out of the page; a loop may have thousands.
    static let maximumRows = 500

    static func rows(of spans: [Span]) -> [JSONValue] {
        guard let begin = spans.map(\.start).min() else { return [] }
        let known = Set(spans.map(\.id))
        var children: [String: [Span]] = [:]
        var roots: [Span] = []
        for span in spans {
            // A span whose parent is not among them, as after a crash, stands at the top instead of getting lost.
            if let parent = span.parentID, known.contains(parent), parent != span.id {
                children[parent, default: []].append(span)
            } else {
                roots.append(span)
            }
        }
        var rows: [JSONValue] = []
        var waiting = sorted(roots).reversed().map { (span: $0, depth: 0) }
        while let (span, depth) = waiting.popLast(), rows.count < maximumRows {
            rows.append(row(of: span, begin: begin, depth: depth))
            // Taking the children out also ends a cycle of parents.
            let below = children.removeValue(forKey: span.id) ?? []
            waiting.append(contentsOf: sorted(below).reversed().map { (span: $0, depth: depth + 1) })
        }
        return rows
    }

    private static func sorted(_ spans: [Span]) -> [Span] {
        spans.enumerated().sorted { ($0.element.start, $0.offset) < ($1.element.start, $1.offset) }.map(\.element)
    }

    private static func row(of span: Span, begin: Int, depth: Int) -> JSONValue {
        var row: JSONObject = [
            "name": .string(span.name), "kind": .string(span.kind.rawValue),
            "start_ms": .double(Double(span.start - begin) / 1e6), "duration_ms": .double(Double(span.duration) / 1e6),
            "status": span.error == nil ? "completed" : "failed", "depth": .int(depth),
        ]
        let input = span.attributes[Vocabulary.inputTokens]?.int
        let output = span.attributes[Vocabulary.outputTokens]?.int
        if input != nil || output != nil { row["tokens"] = .int((input ?? 0) + (output ?? 0)) }
        if span.kind == .model { row["cost_nano_usd"] = span.attributes[Vocabulary.cost] ?? .null }
        if let error = span.error { row["error"] = error.json }
        return .object(row)
    }
}
