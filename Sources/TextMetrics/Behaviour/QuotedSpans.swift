/// Whether what an answer quotes stands in its sources.
package struct QuotedSpans: Sendable, Equatable {
    /// The quoted spans, in order.
    package let spans: [String]
    /// Those that are in no source.
    package let missing: [String]

    /// The share of spans that a source has, or `nil` without any span.
    package var presence: Double? {
        spans.isEmpty ? nil : Double(spans.count - missing.count) / Double(spans.count)
    }

    /// Looks for the quotations of an answer in the sources; case and white space do not count.
    ///
    /// A span lies between two quotation marks of any kind on one line and has at least `minimumWords` words.
    package init(answer: String, sources: [String], minimumWords: Int = 3) {
        let source = Self.normalized(ScalarText(sources.joined(separator: " ")).scalars[...])
        var spans: [String] = []
        var missing: [String] = []
        for span in Self.quotations(in: ScalarText(answer).scalars) {
            guard span.split(whereSeparator: PythonCharacter.isSpace).count >= minimumWords else { continue }
            let text = ScalarText.string(Array(span).withoutOuterSpace)
            spans.append(text)
            if !Containment.contains(Self.normalized(span), in: source) { missing.append(text) }
        }
        self.spans = spans
        self.missing = missing
    }

    private static func quotations(in text: [UInt32]) -> [ArraySlice<UInt32>] {
        var result: [ArraySlice<UInt32>] = []
        var open: Int?
        for (index, scalar) in text.enumerated() {
            if scalar == 0x0A {
                open = nil
            } else if isQuotationMark(scalar) {
                if let start = open {
                    result.append(text[(start + 1)..<index])
                    open = nil
                } else {
                    open = index
                }
            }
        }
        return result
    }

    private static func normalized(_ text: ArraySlice<UInt32>) -> [UInt32] {
        PythonLowercase.lowercased(
            Array(text.split(whereSeparator: PythonCharacter.isSpace).joined(separator: [0x20])))
    }

    private static func isQuotationMark(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x22, 0x27, 0x60, 0xB4, 0x2018, 0x2019, 0x201C, 0x201D, 0x201E, 0x201F: true
        default: false
        }
    }
}
