import Domain

/// The index of a report: what the list of lines shows, filters and sorts by, without parsing any line.
struct ReportIndex {
    private let datasets: [String: Int]
    private let primaryMetric: String?
    let variants: Int

    /// Characters of the first input that the list shows.
    static let previewLength = 120

    init(_ summary: ReportSummary) {
        datasets = Dictionary(
            summary.experiment.datasets.enumerated().map { ($0.element.name, $0.offset) },
            uniquingKeysWith: { first, _ in first })
        primaryMetric = summary.primaryMetric
        variants = summary.variants.count
    }

    /// `[dataset, line, repetition, cluster, preview, status letters, primary scores, latencies]`.
    func row(of line: ReportLine) throws -> JSONValue {
        guard let dataset = datasets[line.dataset] else { throw ReportError.unknownDataset(line.dataset) }
        guard line.results.count == variants else {
            throw ReportError.wrongNumberOfResults(line: line.line, expected: variants, found: line.results.count)
        }
        let scores = line.results.map { result -> JSONValue in
            let value = result.scores.first { $0.metric == primaryMetric }?.value
            return JSONValue(number: value.map { abs($0) < 1e9 ? ($0 * 1e6).rounded() / 1e6 : $0 })
        }
        let latencies = line.results.map { JSONValue(number: $0.latency.map { $0.rounded() }) }
        return [
            .int(dataset), .int(line.line), .int(line.repetition), line.cluster.map { .string($0) } ?? .null,
            .string(Self.preview(of: line.inputs)), .string(String(line.results.map(\.status.letter))),
            .array(scores), .array(latencies),
        ]
    }

    /// The start of the first input that is text, in one line.
    static func preview(of inputs: JSONObject) -> String {
        for (_, value) in inputs {
            guard let text = value.string, !text.hasPrefix("data:") else { continue }
            var preview = ""
            var isSpaced = false
            var length = 0
            for character in text {
                if character.isWhitespace {
                    isSpaced = !preview.isEmpty
                    continue
                }
                if isSpaced { preview.append(" ") }
                isSpaced = false
                preview.append(character)
                length += 1
                // One character may be many scalars; a preview of one such character must stay short too.
                if length >= previewLength || preview.utf8.count >= 8 * previewLength { break }
            }
            if !preview.isEmpty { return preview }
        }
        return inputs.values.first { $0.double != nil }.map { String(decoding: $0.bytes(), as: UTF8.self) } ?? ""
    }
}
