package import Domain
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Divides a dataset into parts that never share a row, or a group of rows.
///
/// A row's part depends only on its content (or its group) and the seed: adding rows moves no other row, and equal rows
/// always land together, so that a training part cannot leak into a test part. Shares are therefore met on average.
package struct DatasetSplit: Sendable, Equatable {
    /// A part's name, and the share of all rows or groups it gets.
    package struct Part: Sendable, Equatable {
        package let name: String
        package let share: Double

        package init(name: String, share: Double) {
            self.name = name
            self.share = share
        }
    }

    package let parts: [Part]
    package let seed: Int
    /// The column whose equal values stay together, or `nil` to go by the whole row.
    package let group: String?

    /// Throws unless shares are positive and add up to 1, and names are different and fit for files.
    package init(parts: [Part], seed: Int = 0, group: String? = nil) throws {
        func wrong(_ problem: String) -> DatasetError { DatasetError(.invalidRequest, file: "split", problem) }
        guard !parts.isEmpty, parts.allSatisfy({ $0.share > 0 && $0.share.isFinite }) else {
            throw wrong("every part needs a share above 0")
        }
        let total = parts.reduce(0) { $0 + $1.share }
        guard abs(total - 1) < 1e-9 else { throw wrong("the shares add up to \(total), but must add up to 1") }
        guard Set(parts.map(\.name)).count == parts.count else { throw wrong("two parts have the same name") }
        for part in parts where part.name.isEmpty || part.name.hasPrefix(".") || part.name.contains("/") {
            throw wrong("`\(part.name)` cannot be the name of a file")
        }
        self.parts = parts
        self.seed = seed
        self.group = group
    }

    /// The index of the part that a row belongs to, or `nil` if it lacks the group's column.
    package func part(of row: JSONObject) -> Int? {
        let key: JSONValue
        if let group {
            guard let value = row[group] else { return nil }
            key = value
        } else {
            key = .object(row)
        }
        let digest = Digest(of: Array("\(seed)\n".utf8) + key.bytes(sortedKeys: true)).description
        let bits = UInt64(digest.dropFirst("sha256:".count).prefix(16), radix: 16) ?? 0
        let place = Double(bits >> 11) * 0x1p-53
        var edge = 0.0
        for (index, part) in parts.enumerated() {
            edge += part.share
            if place < edge { return index }
        }
        return parts.count - 1
    }

    /// Writes each part to `folder/NAME.jsonl`.
    ///
    /// Files appear, or replace older ones, only when all are complete.
    ///
    /// Returns the number of rows of each part.
    package func write(_ dataset: Dataset, to folder: String) throws -> [Int] {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var files: [AtomicFile] = []
        for part in parts { files.append(try AtomicFile(path: "\(folder)/\(part.name).jsonl")) }
        var counts = [Int](repeating: 0, count: parts.count)
        var rows = dataset.rows()
        while let row = try rows.next() {
            guard let index = part(of: row.values) else {
                throw DatasetError(
                    .invalidRequest, file: dataset.path,
                    "row \(row.lineNumber) has no column `\(group ?? "")` to split by")
            }
            try files[index].append(line: .object(row.values))
            counts[index] += 1
        }
        for file in files { try file.finish() }
        for file in files { try file.publish() }
        return counts
    }
}

/// A file of JSON lines that is written beside its place and then moved there.
final class AtomicFile {
    private let path: String
    private let temporary: String
    private let handle: FileHandle
    private var writer = JSONWriter()
    private var isPublished = false

    init(path: String) throws {
        self.path = path
        temporary = path + ".partial-\(UInt64.random(in: 0...UInt64.max))"
        guard FileManager.default.createFile(atPath: temporary, contents: nil),
            let handle = FileHandle(forWritingAtPath: temporary)
        else { throw DatasetError(.unreadable, file: path, "the file cannot be written") }
        self.handle = handle
    }

    deinit {
        try? handle.close()
        if !isPublished { try? FileManager.default.removeItem(atPath: temporary) }
    }

    func append(line value: JSONValue) throws {
        writer.append(value)
        writer.append(raw: "\n")
        if writer.bytes.count >= DatasetLimits.chunkBytes { try flush() }
    }

    private func flush() throws {
        do {
            try handle.write(contentsOf: Data(writer.bytes))
        } catch {
            throw DatasetError(.unreadable, file: path, "writing failed: \(error.localizedDescription)")
        }
        writer.removeAll()
    }

    /// Brings everything to the disk.
    func finish() throws {
        try flush()
        try handle.synchronize()
    }

    /// Moves the file to its place, over an older one.
    func publish() throws {
        guard rename(temporary, path) == 0 else {
            throw DatasetError(
                .unreadable, file: path, "the file cannot be put in place: \(String(cString: strerror(errno)))")
        }
        isPublished = true
    }
}
