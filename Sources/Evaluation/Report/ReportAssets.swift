import Domain
import Foundation

/// The page, style and scripts that a report carries inside itself.
///
/// Their digests are the only styles and scripts that the page's Content-Security-Policy lets run, so nothing that
/// comes from data can.
package struct ReportAssets: Sendable {
    /// The pieces of the page around what a report fills in, in the order of ``Slot``.
    let pieces: [String]
    /// What stands in the slots that do not depend on the report.
    let fixed: [Slot: String]

    /// A place in the page, in the order in which they stand there.
    enum Slot: String, CaseIterable {
        case scriptHashes = "script-hashes"
        case styleHashes = "style-hashes"
        case title
        case style
        case summary
        case chart
        case script
        case lines

        var marker: String { "{{\(rawValue)}}" }
    }

    /// Takes the page (`report.html`), its style, the chart library, and its scripts in ``scriptNames`` order.
    ///
    /// Throws ``ReportError/assets(_:)`` if the page lacks a marker or a text would end its element early.
    package init(page: String, style: String, chart: String, scripts: [String]) throws {
        let script = scripts.joined(separator: "\n")
        for (name, text) in [("style", style), ("chart", chart), ("script", script)] {
            let lowercased = text.lowercased()
            guard !lowercased.contains("</\(name == "style" ? "style" : "script")"), !lowercased.contains("<!--") else {
                throw ReportError.assets("the \(name) of the report would end its own element")
            }
        }
        var pieces: [String] = []
        var rest = page[...]
        for slot in Slot.allCases {
            guard let range = rest.range(of: slot.marker) else {
                throw ReportError.assets("the page of the report lacks \(slot.marker), or has it out of order")
            }
            pieces.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        self.pieces = pieces + [String(rest)]
        fixed = [
            .scriptHashes: "\(Self.source(of: chart)) \(Self.source(of: script))",
            .styleHashes: Self.source(of: style), .style: style, .chart: chart, .script: script,
        ]
    }

    /// The scripts of the page without their extension, in the order in which they are joined.
    package static let scriptNames = [
        "format", "data", "diff", "summary", "charts", "selection", "list", "line", "report",
    ]

    /// The source expression by which a Content-Security-Policy names this text: `'sha256-…'`.
    private static func source(of text: String) -> String {
        let digits = Array(Digest(of: text).description.utf8.dropFirst("sha256:".utf8.count))
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).map {
            nibble(digits[$0]) << 4 | nibble(digits[$0 + 1])
        }
        return "'sha256-\(Data(bytes).base64EncodedString())'"
    }

    private static func nibble(_ digit: UInt8) -> UInt8 {
        digit >= UInt8(ascii: "a") ? digit - UInt8(ascii: "a") + 10 : digit - UInt8(ascii: "0")
    }
}
