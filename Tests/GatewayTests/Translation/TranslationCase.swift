import Domain
import Foundation
import Gateway
import Testing

/// One recorded translation: what comes in, and what has to come out.
///
/// The cases stand in `Data/translation/*.jsonl`, one a line. With `PAWANG_RECORD` naming a folder, what really comes out is
/// written there instead of being compared; `Tests/gateway/translation_check.py` shows recorded answers to the official SDKs.
struct TranslationCase: CustomTestStringConvertible {
    let line: JSONObject

    var testDescription: String { line["name"]?.string ?? "" }
    var body: JSONValue { line["in"] ?? .null }
    var to: String { line["to"]?.string ?? "" }

    /// The cases of a file.
    static func all(_ name: String, at file: String = #filePath) throws -> [TranslationCase] {
        let text = try String(contentsOf: folder(file).appending(path: name + ".jsonl"), encoding: .utf8)
        return try text.split(separator: "\n").map { line in
            TranslationCase(line: try #require(try JSONValue(parsing: String(line)).object))
        }
    }

    private static func folder(_ file: String) -> URL {
        URL(filePath: file).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Data/translation")
    }

    /// The members that say what comes out: all but the way in.
    var expected: JSONObject {
        var expected = line
        for key in ["name", "from", "to", "usage", "stream", "in"] { expected[key] = nil }
        return expected
    }

    /// Compares what comes out of every case of a file with what is recorded.
    static func check(_ name: String, with run: (TranslationCase) throws -> JSONObject) throws {
        var recorded = ""
        for testCase in try all(name) {
            let outcome = try run(testCase)
            var line = testCase.line
            for key in testCase.expected.keys { line[key] = nil }
            line.merge(outcome)
            recorded += JSONValue.object(line).text() + "\n"
            guard recordFolder == nil else { continue }
            #expect(
                JSONValue.object(outcome).text(sortedKeys: true)
                    == JSONValue.object(testCase.expected).text(sortedKeys: true),
                "\(name): \(testCase.testDescription)")
        }
        if let recordFolder { try Data(recorded.utf8).write(to: recordFolder.appending(path: name + ".jsonl")) }
    }

    private static var recordFolder: URL? {
        ProcessInfo.processInfo.environment["PAWANG_RECORD"].map { URL(filePath: $0) }
    }

    /// A failure as it is recorded.
    static func outcome(of failure: GatewayFailure) -> JSONObject {
        var error: JSONObject = ["kind": .string(failure.kind.rawValue), "message": .string(failure.message)]
        if let parameter = failure.parameter { error["parameter"] = .string(parameter) }
        return ["error": .object(error)]
    }
}
