import Domain
import Foundation
import Testing

/// The reference packages' answers, from `reference.py` beside this file.
enum Reference {
    struct Unavailable: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs one part of the script and reads its lines.
    static func rows(_ part: String, at file: String = #filePath) throws -> [JSONObject] {
        guard let python = ProcessInfo.processInfo.environment["PAWANG_TEST_PYTHON"] else {
            throw Unavailable(
                description: "PAWANG_TEST_PYTHON is not set: run bin/test, which sets up the reference packages.")
        }
        let script = URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("reference.py").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [script, part]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Unavailable(description: "reference.py \(part) failed with status \(process.terminationStatus).")
        }
        return try bytes.split(separator: 0x0A).map { line in
            try #require(try JSONValue(parsing: Array(line)).object)
        }
    }
}
