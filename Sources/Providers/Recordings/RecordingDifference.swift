import Domain

/// Explains a request without a recording by the recording that comes nearest.
enum RecordingDifference {
    /// Recordings looked at, so that a miss in a very large file stays quick.
    private static let maximumLookedAt = 2000
    private static let maximumNamed = 3
    /// The differences named take no more than this many characters: a message is no place for a prompt.
    private static let maximumLength = 200

    static func explanation(of request: ModelRequest, in file: RecordingFile) throws(ProviderFailure) -> String {
        let start = "No recording in \(file.path) answers this request (\(request.digest.short))."
        guard file.count > 0 else { return start + " The file has no recordings." }
        var best: (count: Int, agreement: Int, differences: [Difference])?
        for position in 0..<min(file.count, maximumLookedAt) {
            let recording = try file.recording(position)
            guard recording.operation == request.operation.rawValue else { continue }
            var differences: [Difference] = []
            compare(.object(request.body), .object(recording.body), at: "", into: &differences)
            let agreement = differences.reduce(0) { $0 + $1.agreement }
            if let best, (best.count, -best.agreement) <= (differences.count, -agreement) { continue }
            best = (differences.count, agreement, differences)
        }
        guard let best else {
            return start + " All recordings are of another operation than \(request.operation.rawValue)."
        }
        let all = best.differences.prefix(maximumNamed).map(\.text).joined(separator: "; ")
        let named = all.count > maximumLength ? all.prefix(maximumLength - 1) + "…" : all
        let more = best.differences.count > maximumNamed ? " and \(best.differences.count - maximumNamed) more" : ""
        return "\(start) The nearest differs in \(named)\(more). Record it with `pawang record`."
    }

    private struct Difference {
        var text: String
        /// Bytes that were equal before the difference: tells near texts from far ones.
        var agreement = 0
    }

    private static func compare(
        _ asked: JSONValue, _ recorded: JSONValue, at path: String, into list: inout [Difference]
    ) {
        switch (asked, recorded) {
        case (.object(let asked), .object(let recorded)):
            for (key, value) in asked {
                let place = path.isEmpty ? key : "\(path).\(key)"
                guard let other = recorded[key] else {
                    list.append(Difference(text: "`\(place)` (not recorded)"))
                    continue
                }
                compare(value, other, at: place, into: &list)
            }
            for key in recorded.keys where !asked.contains(key) {
                list.append(Difference(text: "`\(path.isEmpty ? key : "\(path).\(key)")` (only recorded)"))
            }
        case (.array(let asked), .array(let recorded)):
            for (place, pair) in zip(asked, recorded).enumerated() {
                compare(pair.0, pair.1, at: "\(path)[\(place)]", into: &list)
            }
            if asked.count != recorded.count {
                list.append(Difference(text: "`\(path)` (\(asked.count) elements, recorded \(recorded.count))"))
            }
        case (.string(let asked), .string(let recorded)):
            if asked != recorded { list.append(difference(asked, recorded, at: path)) }
        default:
            guard asked != recorded else { return }
            list.append(
                Difference(text: "`\(path)` (\(asked.text().prefix(30)), recorded \(recorded.text().prefix(30)))"))
        }
    }

    private static func difference(_ asked: String, _ recorded: String, at path: String) -> Difference {
        let (left, right) = (Array(asked.unicodeScalars), Array(recorded.unicodeScalars))
        var place = 0
        while place < min(left.count, right.count), left[place] == right[place] { place += 1 }
        return Difference(
            text: "`\(path)` at character \(place) (\(excerpt(left, place)), recorded \(excerpt(right, place)))",
            agreement: place)
    }

    /// The scalars around a position, as a quoted text on one line.
    private static func excerpt(_ scalars: [Unicode.Scalar], _ place: Int) -> String {
        let part = scalars[max(0, place - 30)..<min(scalars.count, place + 30)]
        var text = String.UnicodeScalarView()
        text.append(contentsOf: part)
        return JSONValue.string(String(text)).text()
    }
}
