import Foundation

/// Runs a Python script beside the tests with the interpreter that has the reference packages.
enum ReferenceProcess {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// What the script writes to standard output.
    static func run(script: String, testFile: String = #filePath) throws -> Data {
        guard let python = ProcessInfo.processInfo.environment["PAWANG_TEST_PYTHON"] else {
            throw Failure(
                description: "PAWANG_TEST_PYTHON is not set, so nothing can be compared. Run the tests with `bin/test`."
            )
        }
        let folder = URL(fileURLWithPath: testFile).deletingLastPathComponent().appending(path: "Reference")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [folder.appending(path: script).path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "\(script) ended with status \(process.terminationStatus); see its error above.")
        }
        return data
    }
}
