package import Domain
import Foundation

/// One row of a dataset.
package struct DatasetRow: Sendable, Equatable {
    /// The row's position in the dataset, from 0.
    package var lineNumber: Int
    package var values: JSONObject

    package init(lineNumber: Int, values: JSONObject) {
        self.lineNumber = lineNumber
        self.values = values
    }
}

/// A dataset on disk: one file, or every file of a folder in order of name.
///
/// Rows are read as they are asked for.
package struct Dataset: Sendable, Equatable {
    /// The path it was opened with.
    package let path: String
    /// The files it consists of.
    package let files: [String]

    /// Finds the files.
    ///
    /// Throws if there are none; their content is not looked at yet.
    package init(path: String) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw DatasetError(.notFound, file: path, "there is no such file or folder")
        }
        self.path = path
        guard isFolder.boolValue else {
            files = [path]
            return
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: path).filter { !$0.hasPrefix(".") }.sorted()
        files = names.map { path.hasSuffix("/") ? path + $0 : path + "/" + $0 }.filter {
            FileManager.default.fileExists(atPath: $0, isDirectory: &isFolder) && !isFolder.boolValue
        }
        guard !files.isEmpty else { throw DatasetError(.empty, file: path, "the folder has no files") }
    }

    /// Starts reading at the first row.
    package func rows() -> DatasetRows { DatasetRows(dataset: self) }

    /// The first `count` rows.
    package func head(_ count: Int) throws -> [DatasetRow] {
        var rows = rows()
        var first: [DatasetRow] = []
        while first.count < count, let row = try rows.next() { first.append(row) }
        return first
    }

    /// The digest of the content: rows in order, whatever the order of their keys and the layout of the file.
    package func digest() throws -> Digest {
        var rows = rows()
        var stream = DigestStream()
        var writer = JSONWriter(options: .init(sortedKeys: true))
        while let row = try rows.next() {
            writer.append(.object(row.values))
            writer.append(raw: "\n")
            if writer.bytes.count >= DatasetLimits.chunkBytes {
                stream.update(writer.bytes)
                writer.removeAll()
            }
        }
        stream.update(writer.bytes)
        return stream.finish()
    }
}

/// Reads a dataset row by row, in memory that depends only on the longest row.
///
/// Throws a ``DatasetError`` at the first row that cannot be read, and at the end if there was none at all.
package struct DatasetRows {
    private let dataset: Dataset
    private var nextFile = 0
    private var reader: Reader?
    private var count = 0

    private enum Reader {
        case lines(JSONLinesReader)
        case list(JSONListReader)
        case table(DelimitedReader)
    }

    init(dataset: Dataset) { self.dataset = dataset }

    /// The next row, or `nil` behind the last one.
    package mutating func next() throws -> DatasetRow? {
        while true {
            if let values = try nextFromReader() {
                defer { count += 1 }
                return DatasetRow(lineNumber: count, values: values)
            }
            guard nextFile < dataset.files.count else {
                guard count > 0 else { throw DatasetError(.empty, file: dataset.path, "the dataset has no rows") }
                return nil
            }
            reader = try Self.open(dataset.files[nextFile])
            nextFile += 1
        }
    }

    private mutating func nextFromReader() throws -> JSONObject? {
        // The reader is taken out while it works: a copy in the enumeration would double its buffer.
        switch reader.take() {
        case .lines(var lines):
            defer { reader = .lines(lines) }
            return try lines.next()
        case .list(var list):
            defer { reader = .list(list) }
            return try list.next()
        case .table(var table):
            defer { reader = .table(table) }
            return try table.next()
        case nil:
            return nil
        }
    }

    private static func open(_ path: String) throws -> Reader {
        switch DatasetFormat(path: path) {
        case .jsonl: .lines(try JSONLinesReader(path: path))
        case .json: .list(try JSONListReader(path: path))
        case .csv: .table(try DelimitedReader(path: path, delimiter: UInt8(ascii: ",")))
        case .tsv: .table(try DelimitedReader(path: path, delimiter: UInt8(ascii: "\t")))
        }
    }
}
