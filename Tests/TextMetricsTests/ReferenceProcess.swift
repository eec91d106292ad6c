import Foundation

/// Runs `Benchmarks/text-metrics/reference.py`, which scores the same rows with the Python packages.
enum ReferenceProcess {
    struct Unavailable: Error, CustomStringConvertible {
        let description: String
    }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Benchmarks/text-metrics")

    /// What the script prints, one value per line.
    static func output<Value: Decodable>(_ arguments: String..., as type: Value.Type) throws -> [Value] {
        guard let python = ProcessInfo.processInfo.environment["PAWANG_TEST_PYTHON"] else {
            throw Unavailable(
                description: "PAWANG_TEST_PYTHON is not set. Run `bin/test`, which prepares the reference packages.")
        }
        let file = FileManager.default.temporaryDirectory.appending(path: "text-metrics-\(UUID().uuidString).jsonl")
        try Data().write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = [folder.appending(path: "reference.py").path] + arguments
        process.standardOutput = try FileHandle(forWritingTo: file)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Unavailable(
                description: "`reference.py \(arguments.joined(separator: " "))` failed. Run it by hand to see why.")
        }
        let decoder = JSONDecoder()
        return try Data(contentsOf: file).split(separator: 0x0A).map { try decoder.decode(type, from: Data($0)) }
    }

    /// Rows of a data file beside the script.
    static func data<Value: Decodable>(_ name: String, as type: Value.Type) throws -> [Value] {
        let decoder = JSONDecoder()
        return try Data(contentsOf: folder.appending(path: "data/\(name).jsonl")).split(separator: 0x0A)
            .map { try decoder.decode(type, from: Data($0)) }
    }
}

/// A row with the scores of the reference packages.
struct ReferenceRow: Decodable, Sendable {
    let prediction: String
    let references: [String]
    let tokens: [String]
    let words: [String]
    let f1, sacreBLEU, nltkBleu, gleu, meteor, chrF, chrFPlusPlus: Double
    let rouge, rougeStemmed: [[Double]]
    let levenshtein, hamming: Int
    let levenshteinSimilarity, jaroWinkler: Double
    let readability, repetition: [Double]

    /// All rows; the script runs once for all suites.
    static let all = Result { try ReferenceProcess.output("rows", "700", as: ReferenceRow.self) }
}

/// Rows on which ours and the reference differ, for a message that names the first ones.
struct Differences: CustomStringConvertible {
    private(set) var count = 0
    private(set) var compared = 0
    private var examples: [String] = []

    var description: String { "\(count) of \(compared) differ: " + examples.joined(separator: "\n") }

    mutating func compare(_ ours: Double, _ theirs: Double, _ row: ReferenceRow, _ note: String = "") {
        compared += 1
        guard !(abs(ours - theirs) <= 1e-9) else { return }
        add("\(note) ours \(ours), theirs \(theirs)", row)
    }

    mutating func compare(_ ours: [String], _ theirs: [String], _ row: ReferenceRow) {
        compared += 1
        guard ours.map({ Array($0.unicodeScalars) }) != theirs.map({ Array($0.unicodeScalars) }) else { return }
        let place = zip(ours, theirs).enumerated().first { $1.0 != $1.1 }?.offset ?? min(ours.count, theirs.count)
        add("at \(place): ours \(ours.dropFirst(place).prefix(6)), theirs \(theirs.dropFirst(place).prefix(6))", row)
    }

    private mutating func add(_ text: String, _ row: ReferenceRow) {
        count += 1
        if examples.count < 4 {
            let reference = row.references.first?.prefix(80).debugDescription ?? ""
            examples.append("\(text) for \(row.prediction.prefix(160).debugDescription) / \(reference)")
        }
    }
}
