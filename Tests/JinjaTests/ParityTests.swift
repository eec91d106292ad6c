import Foundation
import Jinja
import Testing

@Suite("Parity with Jinja2")
struct ParityTests {
    @Test("Templates written by hand render as Jinja2 3.1 renders them, or fail where it fails")
    func written() throws {
        try compare(ReferenceCase.all("written"), atLeast: 800, rendering: 600)
    }

    @Test("Generated templates render as Jinja2 3.1 renders them, or fail where it fails")
    func generated() throws {
        try compare(ReferenceCase.all("generated"), atLeast: 1500, rendering: 1000)
    }

    private func compare(_ cases: [ReferenceCase], atLeast count: Int, rendering: Int) throws {
        #expect(cases.count >= count)
        #expect(cases.count { $0.text != nil } >= rendering, "too few of the templates render at all")
        for reference in cases {
            if let difference = difference(from: reference) {
                Issue.record("\(reference)\n  ours: \(difference)")
            }
        }
    }

    /// How ours differs, if it does; not an expectation for each case, since recording thousands takes seconds.
    private func difference(from reference: ReferenceCase) -> String? {
        do throws(TemplateError) {
            let template = try Template(reference.template)
            if let variables = reference.variables, template.variables.sorted(by: precedes) != variables {
                return "variables \(template.variables), not \(variables)"
            }
            let text = try template.render(reference.values)
            guard let wanted = reference.text, wanted.utf8.elementsEqual(text.utf8) else {
                return text.debugDescription
            }
            let segments = try template.segments(reference.values).map { segment in
                switch segment {
                case .literal(let text), .value(let text): text
                }
            }
            return segments.joined().utf8.elementsEqual(text.utf8) ? nil : "segments \(segments)"
        } catch {
            return reference.text == nil ? nil : "\(error)"
        }
    }

    /// Python sorts by code point.
    private func precedes(_ left: String, _ right: String) -> Bool {
        left.unicodeScalars.lexicographicallyPrecedes(right.unicodeScalars)
    }
}

/// A template and what the real Jinja2 made of it.
struct ReferenceCase: CustomStringConvertible {
    var template: String
    var values: [String: TemplateValue]
    /// None if Jinja2 failed.
    var text: String?
    var error: String
    /// None if it could not be parsed.
    var variables: [String]?

    var description: String {
        "\(template.debugDescription)\n  Jinja2: \(text?.debugDescription ?? error)\n  values: \(values)"
    }

    enum Failure: Error {
        case setUp(String)
    }

    /// Runs `reference.py` and reads its lines.
    static func all(_ set: String) throws -> [ReferenceCase] {
        guard let python = ProcessInfo.processInfo.environment["PAWANG_TEST_PYTHON"] else {
            throw Failure.setUp("PAWANG_TEST_PYTHON names no Python that has Jinja2; run `bin/test`, which sets it.")
        }
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Parity/reference.py")
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = ["-B", script.path()] + set.split(separator: " ").map(String.init)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure.setUp("reference.py failed; run `bin/test`, which installs what it imports.")
        }
        return try data.split(separator: UInt8(ascii: "\n")).map { try ReferenceCase(line: $0) }
    }

    private init(line: Data) throws {
        var reader = JSONReader(line)
        guard case .map(let fields) = try reader.value(), case .string(let template) = fields["template"],
            case .map(let values) = fields["values"]
        else { throw Failure.setUp("reference.py wrote something else than a case") }
        self.template = template
        self.values = Dictionary(values.entries.map { ($0.key, $0.value) }) { $1 }
        text = if case .string(let text) = fields["text"] { text } else { nil }
        error = if case .string(let error) = fields["error"] { error } else { "" }
        if case .list(let names) = fields["variables"] {
            variables = names.compactMap { if case .string(let name) = $0 { name } else { nil } }
        }
    }
}
