package import Domain
import Foundation
import GRDB

/// Folders of documents, split into passages, searched by SQLite's full-text index and by vectors.
package struct SQLiteDocumentIndex: DocumentIndex {
    private static let extensions: Set<String> = ["txt", "md", "markdown", "rst", "html", "json", "jsonl", "csv"]
    private static let maximumFiles = 20_000
    private static let maximumFileBytes = 8 << 20
    private let database: SQLiteDatabase

    package init(_ database: SQLiteDatabase) { self.database = database }

    package func prepare(
        folder: String, embeddingModel: String?, embed: (@Sendable ([String]) async throws -> [[Float]])?
    ) async throws -> String {
        let files = try Self.files(in: folder)
        let folderKey = URL(fileURLWithPath: folder).standardizedFileURL.path
        let known = try await database.readSQLite { database in
            try Row.fetchAll(
                database, sql: "SELECT path, digest FROM documents WHERE folder = ?", arguments: [folderKey]
            )
            .reduce(into: [String: String]()) { $0[$1["path"]] = $1["digest"] }
        }
        var changed: [(path: String, digest: String, passages: [String])] = []
        for file in files {
            let text = try TextFile.read(path: "\(folder)/\(file)", shownAs: file, limit: Self.maximumFileBytes)
            let digest = Digest(of: text).description
            if known[file] != digest { changed.append((file, digest, PassageSplitter.passages(of: text))) }
        }
        let removed = Set(known.keys).subtracting(files)
        if !changed.isEmpty || !removed.isEmpty { try await replace(changed, removed: removed, in: folderKey) }
        if let embeddingModel, let embed { try await addVectors(to: folderKey, model: embeddingModel, embed: embed) }
        return folderKey + "\n" + (embeddingModel ?? "")
    }

    private static func files(in folder: String) throws -> [String] {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isDirectory), isDirectory.boolValue,
            let walker = FileManager.default.enumerator(atPath: folder)
        else { throw DocumentError("the folder of documents `\(folder)` does not exist", at: nil) }
        var files: [String] = []
        for case let path as String in walker where extensions.contains((path as NSString).pathExtension.lowercased()) {
            files.append(path)
            guard files.count <= maximumFiles else {
                throw DocumentError("the folder `\(folder)` has more than \(maximumFiles) documents", at: nil)
            }
        }
        return files.sorted()
    }

    private func replace(
        _ changed: [(path: String, digest: String, passages: [String])], removed: Set<String>, in folder: String
    ) async throws {
        try await database.writeSQLite { database in
            try PassageTable.create(database)
            for path in changed.map(\.path) + removed {
                try database.execute(
                    sql:
                        "DELETE FROM passage_words WHERE rowid IN (SELECT id FROM passages WHERE folder = ? AND path = ?)",
                    arguments: [folder, path])
                try database.execute(
                    sql: "DELETE FROM passages WHERE folder = ? AND path = ?", arguments: [folder, path])
                try database.execute(
                    sql: "DELETE FROM documents WHERE folder = ? AND path = ?", arguments: [folder, path])
            }
            for document in changed {
                try database.execute(
                    sql: "INSERT INTO documents VALUES (?, ?, ?)", arguments: [folder, document.path, document.digest])
                for (place, text) in document.passages.enumerated() {
                    try database.execute(
                        sql: "INSERT INTO passages (folder, path, place, text) VALUES (?, ?, ?, ?)",
                        arguments: [folder, document.path, place, text])
                    try database.execute(
                        sql: "INSERT INTO passage_words (rowid, text) VALUES (?, ?)",
                        arguments: [database.lastInsertedRowID, text])
                }
            }
        }
    }

    private func addVectors(to folder: String, model: String, embed: @Sendable ([String]) async throws -> [[Float]])
        async throws
    {
        let missing = try await database.readSQLite { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT id, text FROM passages WHERE folder = ?
                    AND NOT EXISTS (SELECT 1 FROM vectors WHERE passage = passages.id AND model = ?) ORDER BY id
                    """,
                arguments: [folder, model]
            ).map { (id: $0["id"] as Int64, text: $0["text"] as String) }
        }
        // In batches, so that what is done survives an interruption.
        for start in stride(from: 0, to: missing.count, by: 64) {
            let batch = Array(missing[start..<min(start + 64, missing.count)])
            let vectors = try await embed(batch.map(\.text))
            guard vectors.count == batch.count else {
                throw StoreFailure(
                    .other, "an embedding model gave \(vectors.count) vectors for \(batch.count) passages")
            }
            try await database.writeSQLite { database in
                for (passage, vector) in zip(batch, vectors) {
                    let bytes = Self.normalized(vector).withUnsafeBytes { Data($0) }
                    try database.execute(
                        sql: "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", arguments: [passage.id, model, bytes])
                }
            }
        }
    }

    package func search(words: String, in index: String, limit: Int) async throws -> [FoundPassage] {
        let folder = String(index.prefix { $0 != "\n" })
        let terms = PassageSplitter.terms(of: words)
        guard !terms.isEmpty else { return [] }
        return try await database.readSQLite { database in
            guard try database.tableExists("passage_words") else { return [] }
            return try Row.fetchAll(
                database,
                sql: """
                    SELECT path, place, passages.text AS text, bm25(passage_words) AS score FROM passage_words
                    JOIN passages ON passages.id = passage_words.rowid
                    WHERE passage_words MATCH ? AND folder = ? ORDER BY score, path, place LIMIT ?
                    """,
                arguments: [terms.map { "\"\($0)\"" }.joined(separator: " OR "), folder, limit]
            ).map {
                // SQLite's bm25() is smaller for better matches.
                FoundPassage(
                    document: $0["path"], passage: $0["place"], text: $0["text"], score: -($0["score"] as Double))
            }
        }
    }

    package func search(vector: [Float], in index: String, limit: Int) async throws -> [FoundPassage] {
        let parts = index.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let wanted = Self.normalized(vector)
        return try await database.readSQLite { database in
            var best: [(id: Int64, score: Double)] = []
            let rows = try Row.fetchCursor(
                database,
                sql:
                    "SELECT passage, vector FROM vectors JOIN passages ON passages.id = passage WHERE folder = ? AND model = ?",
                arguments: [parts[0], parts.count > 1 ? parts[1] : ""])
            while let row = try rows.next() {
                let data: Data = row["vector"]
                let stored = data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
                guard stored.count == wanted.count else { continue }
                best.append((row["passage"], Double(zip(stored, wanted).reduce(0) { $0 + $1.0 * $1.1 })))
            }
            best.sort { ($1.score, $0.id) < ($0.score, $1.id) }
            return try best.prefix(limit).compactMap { entry in
                try Row.fetchOne(
                    database, sql: "SELECT path, place, text FROM passages WHERE id = ?", arguments: [entry.id]
                ).map {
                    FoundPassage(document: $0["path"], passage: $0["place"], text: $0["text"], score: entry.score)
                }
            }
        }
    }

    private static func normalized(_ vector: [Float]) -> [Float] {
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return length > 0 ? vector.map { $0 / length } : vector
    }
}

/// The full-text index; made at first use, since not every store has documents.
enum PassageTable {
    static func create(_ database: Database) throws {
        try database.execute(
            sql:
                "CREATE VIRTUAL TABLE IF NOT EXISTS passage_words USING fts5(text, tokenize = 'unicode61 remove_diacritics 2')"
        )
    }
}

/// Splits documents into passages of a few paragraphs.
enum PassageSplitter {
    /// Passages end at a paragraph once they have this many characters.
    private static let target = 800
    /// They are cut where a paragraph is longer than this.
    private static let maximum = 1600

    static func passages(of text: String) -> [String] {
        var passages: [String] = []
        var current = ""
        func close() {
            let trimmed = current.trimmingCharacters(in: .whitespacesAndNewlines)
            if !trimmed.isEmpty { passages.append(trimmed) }
            current = ""
        }
        for paragraph in text.replacing("\r\n", with: "\n").split(separator: "\n\n", omittingEmptySubsequences: true) {
            var rest = paragraph[...]
            while !rest.isEmpty {
                let piece = rest.prefix(maximum)
                let end =
                    piece.endIndex == rest.endIndex
                    ? piece.endIndex : piece.lastIndex(where: \.isWhitespace) ?? piece.endIndex
                let cut = end == rest.startIndex ? piece.endIndex : end
                if current.count + rest[..<cut].count > maximum { close() }
                current += (current.isEmpty ? "" : "\n\n") + rest[..<cut]
                rest = rest[cut...]
            }
            if current.count >= target { close() }
        }
        close()
        return passages
    }

    /// The words of a query, quoted marks removed, at most 64.
    static func terms(of query: String) -> [String] {
        query.lowercased().split { !$0.isLetter && !$0.isNumber }.prefix(64).map(String.init)
    }
}
