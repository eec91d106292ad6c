/// Writes metrics as text for Prometheus: its own format 0.0.4, or OpenMetrics 1.0 with exemplars.
package struct Exposition: Sendable {
    package enum Format: Sendable, CaseIterable {
        case prometheus
        case openMetrics

        /// The content type of an answer in this format.
        package var contentType: String {
            switch self {
            case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
        }

        /// The format for an `Accept` header: OpenMetrics where it is asked for.
        package init(accept: String) {
            self = accept.contains("application/openmetrics-text") ? .openMetrics : .prometheus
        }
    }

    enum Kind: String {
        case counter
        case gauge
        case histogram
    }

    typealias Label = (name: String, value: String)

    let format: Format
    private(set) var bytes: [UInt8] = []
    private var name = ""
    private var kind = Kind.gauge

    init(format: Format) { self.format = format }

    /// Begins a family of metrics.
    ///
    /// The name comes without `_total`, which a counter's samples get; it ends with the unit, if there is one.
    mutating func begin(_ name: String, _ kind: Kind, unit: String? = nil, help: String) {
        self.name = name
        self.kind = kind
        let written = kind == .counter && format == .prometheus ? "\(name)_total" : name
        append("# HELP \(written) \(help)\n# TYPE \(written) \(kind.rawValue)\n")
        if let unit, format == .openMetrics { append("# UNIT \(written) \(unit)\n") }
    }

    /// A counter's or gauge's value: an integer.
    mutating func sample(_ labels: [Label], _ value: Int) { sample(labels, text: String(value)) }

    /// The only value of a counter or gauge.
    mutating func sample(_ value: Int) { sample([], text: String(value)) }

    /// A counter's or gauge's value in billionths.
    mutating func sample(_ labels: [Label] = [], nano value: Int) { sample(labels, text: Self.decimal(nano: value)) }

    private mutating func sample(_ labels: [Label], text: String) {
        append(name)
        if kind == .counter { append("_total") }
        append(labels: labels)
        append(" \(text)\n")
    }

    /// A histogram's values at some of its boundaries.
    ///
    /// - Parameter isNano: whether values are billionths of the metric's unit, as nanoseconds are of seconds.
    mutating func histogram(
        _ labels: [Label], _ histogram: Histogram, at boundaries: [Int], isNano: Bool, exemplar: Exemplar? = nil
    ) {
        let counts = histogram.cumulative(at: boundaries)
        let total = histogram.count
        // An exemplar stands at the bucket its value falls in.
        let place = exemplar.map { exemplar in
            boundaries.firstIndex { exemplar.value <= $0 } ?? boundaries.count
        }
        for (index, count) in (counts + [total]).enumerated() {
            let bound = index < boundaries.count ? Self.bound(boundaries[index], isNano: isNano) : "+Inf"
            append("\(name)_bucket")
            append(labels: labels + [("le", bound)])
            append(" \(count)")
            if format == .openMetrics, index == place, let exemplar {
                let value = isNano ? Self.decimal(nano: exemplar.value) : String(exemplar.value)
                append(
                    " # {trace_id=\"\(Self.escaped(exemplar.trace))\"} \(value) \(Self.decimal(nano: exemplar.time))")
            }
            append("\n")
        }
        append("\(name)_sum")
        append(labels: labels)
        append(" \(isNano ? Self.decimal(nano: histogram.sum) : String(histogram.sum))\n\(name)_count")
        append(labels: labels)
        append(" \(total)\n")
    }

    /// The whole text.
    mutating func finish() -> [UInt8] {
        if format == .openMetrics { append("# EOF\n") }
        return bytes
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func append(labels: [Label]) {
        // An empty label is the same as none.
        let labels = labels.filter { !$0.value.isEmpty }
        guard !labels.isEmpty else { return }
        append("{")
        for (index, label) in labels.enumerated() {
            append("\(index == 0 ? "" : ",")\(label.name)=\"\(Self.escaped(label.value))\"")
        }
        append("}")
    }

    private static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") || $0 == 10 }) else {
            return text
        }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A number of billionths, exactly and without trailing zeros.
    static func decimal(nano value: Int) -> String {
        let fraction = String(value.magnitude % 1_000_000_000)
        var text = "\(value < 0 ? "-" : "")\(value.magnitude / 1_000_000_000)"
        guard fraction != "0" else { return text }
        text += "." + String(repeating: "0", count: 9 - fraction.count) + fraction
        while text.hasSuffix("0") { text.removeLast() }
        return text
    }

    /// A bucket's upper end; both formats get OpenMetrics' form, so that the series do not change with the format.
    private static func bound(_ value: Int, isNano: Bool) -> String {
        let text = isNano ? decimal(nano: value) : String(value)
        return text.contains(".") ? text : text + ".0"
    }
}
