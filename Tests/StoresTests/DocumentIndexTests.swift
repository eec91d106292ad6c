import Domain
import Foundation
import Synchronization
import Testing

@testable import Stores

@Suite("Searching documents")
struct DocumentIndexTests {
    /// A vector of how often three words occur: enough to tell passages apart.
    private final class FakeEmbedder: Sendable {
        private let seen = Mutex<[String]>([])

        var texts: [String] { seen.withLock { $0 } }

        func embed(_ texts: [String]) -> [[Float]] {
            seen.withLock { $0 += texts }
            return texts.map { text in
                ["bread", "train", "rain"].map { Float(text.components(separatedBy: $0).count) - 1 }
            }
        }
    }

    private struct Place {
        let folder = try? TemporaryFolder()
        let index: SQLiteDocumentIndex

        init() throws { index = SQLiteDocumentIndex(try SQLiteDatabase()) }

        var path: String { folder?.path ?? "" }
        func write(_ name: String, _ text: String) throws { try folder?.write(name, text) }
        func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }
        func found(_ words: String, below folder: String = "", limit: Int = 10) async throws -> [String] {
            let name = try await index.prepare(folder: path + folder, embeddingModel: nil, embed: nil)
            return try await index.search(words: words, in: name, limit: limit).map(\.document)
        }
    }

    @Test("Passages come by BM25: the word more often in the shorter passage first, and rare words count more")
    func order() async throws {
        let place = try Place()
        let filler = "many other words stand here that nobody looks for at all"
        try place.write("a.md", "oven \(filler) \(filler)")
        try place.write("b.md", "oven oven oven")
        try place.write("c.md", filler)
        #expect(try await place.found("oven") == ["b.md", "a.md"])
        try place.write("d.md", "oven station")
        #expect(try await place.found("oven station").first == "d.md")
        let name = try await place.index.prepare(folder: place.path, embeddingModel: nil, embed: nil)
        let scores = try await place.index.search(words: "oven", in: name, limit: 10).map(\.score)
        #expect(scores == scores.sorted(by: >))
        #expect(try await place.index.search(words: "oven", in: name, limit: 1).count == 1)
    }

    @Test(
        "Words fold case, and no query is taken for syntax",
        arguments: ["OVEN", "\"oven", "oven*", "oven AND", "(oven)"])
    func queries(words: String) async throws {
        let place = try Place()
        try place.write("a.md", "An oven.")
        #expect(try await place.found(words) == ["a.md"])
    }

    @Test("A query without words finds nothing", arguments: ["", "  ", "?!", "\"\""])
    func nothing(words: String) async throws {
        let place = try Place()
        try place.write("a.md", "An oven.")
        #expect(try await place.found(words).isEmpty)
    }

    @Test("What is changed is found by its new words only, and what is removed not at all")
    func changes() async throws {
        let place = try Place()
        try place.write("a.md", "bread")
        try place.write("sub/b.txt", "train")
        try place.write("c.png", "bread")
        #expect(try await place.found("bread train").sorted() == ["a.md", "sub/b.txt"])
        try place.write("a.md", "rain")
        #expect(try await place.found("bread").isEmpty)
        #expect(try await place.found("rain") == ["a.md"])
        try place.remove("sub/b.txt")
        #expect(try await place.found("train").isEmpty)
        try place.write("sub/b.txt", "train again")
        #expect(try await place.found("train") == ["sub/b.txt"])
    }

    @Test("Folders that share a prefix or lie in each other stay apart")
    func folders() async throws {
        let place = try Place()
        try place.write("docs/a.md", "bread a")
        try place.write("docs2/b.md", "bread b")
        try place.write("docs/old/c.md", "bread c")
        #expect(try await place.found("bread", below: "/docs").sorted() == ["a.md", "old/c.md"])
        #expect(try await place.found("bread", below: "/docs2") == ["b.md"])
        #expect(try await place.found("bread", below: "/docs/old") == ["c.md"])
        #expect(try await place.found("bread", below: "/docs/").count == 2)
        #expect(try await place.found("bread", below: "/docs2/../docs").count == 2)
    }

    @Test("Vectors find by direction, are made once a passage, and again only for what changed")
    func vectors() async throws {
        let place = try Place(), embedder = FakeEmbedder()
        func prepare(_ model: String = "m") async throws -> String {
            try await place.index.prepare(folder: place.path, embeddingModel: model) { embedder.embed($0) }
        }
        try place.write("a.md", "bread bread bread")
        try place.write("b.md", "train rain")
        let name = try await prepare()
        let found = try await place.index.search(vector: [1, 0, 0], in: name, limit: 10)
        #expect(found.map(\.document) == ["a.md", "b.md"])
        #expect(abs((found.first?.score ?? 0) - 1) < 1e-6)
        #expect(abs((found.last?.score ?? 1) - 0) < 1e-6)
        #expect(try await place.index.search(vector: [0, 2, 2], in: name, limit: 1).map(\.document) == ["b.md"])
        #expect(embedder.texts.count == 2)
        _ = try await prepare()
        #expect(embedder.texts.count == 2)
        try place.write("a.md", "rain")
        _ = try await prepare()
        #expect(embedder.texts.count == 3)
        #expect(try await place.index.search(vector: [1, 0, 0], in: name, limit: 10).first?.score ?? 1 < 1e-6)
        let other = try await prepare("another model")
        #expect(embedder.texts.count == 5)
        #expect(try await place.index.search(vector: [0, 0, 1], in: other, limit: 1).map(\.document) == ["a.md"])
    }

    @Test("Vectors of another length are left out rather than compared")
    func length() async throws {
        let place = try Place(), embedder = FakeEmbedder()
        try place.write("a.md", "bread")
        let name = try await place.index.prepare(folder: place.path, embeddingModel: "m") { embedder.embed($0) }
        #expect(try await place.index.search(vector: [1, 0], in: name, limit: 10).isEmpty)
        #expect(try await place.index.search(vector: [0, 0, 0], in: name, limit: 10).map(\.score) == [0])
    }

    @Test("A model that gives too few vectors is an error, and so is a folder that is not there")
    func refusals() async throws {
        let place = try Place()
        try place.write("a.md", "bread")
        await #expect(throws: StoreFailure.self) {
            try await place.index.prepare(folder: place.path, embeddingModel: "m") { _ in [] }
        }
        await #expect(throws: DocumentError.self) {
            try await place.index.prepare(folder: place.path + "/none", embeddingModel: nil, embed: nil)
        }
    }

    @Test("A long document becomes passages that together hold all of it, none too long")
    func passages() {
        let words = (0..<5000).map { "word\($0)" }
        let text = stride(from: 0, to: words.count, by: 50).map { words[$0..<$0 + 50].joined(separator: " ") }
            .joined(separator: "\n\n")
        let passages = PassageSplitter.passages(of: text)
        #expect(passages.count > 10)
        #expect(passages.flatMap { $0.split(whereSeparator: \.isWhitespace).map(String.init) } == words)
        let unbroken = PassageSplitter.passages(of: String(repeating: "x", count: 100_000))
        #expect(unbroken.reduce(0) { $0 + $1.count } == 100_000)
        #expect(unbroken.allSatisfy { $0.count <= 4000 })
        #expect(PassageSplitter.passages(of: " \n\n \n").isEmpty)
    }
}
