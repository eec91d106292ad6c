import Domain
import Foundation
import Testing

@testable import Evaluation

@Suite("What a dataset holds")
struct DatasetContentTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func digest(_ name: String, _ text: String) throws -> Digest {
        try Dataset(path: folder.write(name, text)).digest()
    }

    @Test("The digest ignores layout and the order of keys")
    func digestIgnoresLayout() throws {
        let digest = try digest("a.jsonl", "{\"a\":\"1\",\"b\":\"2\"}\n{\"a\":\"3\",\"b\":\"4\"}\n")
        #expect(try digest == self.digest("b.jsonl", "{ \"b\" : \"2\", \"a\" : \"1\" }\r\n\n{\"a\":\"3\",\"b\":\"4\"}"))
        #expect(try digest == self.digest("c.json", "[{\"a\":\"1\",\"b\":\"2\"},\n{\"b\":\"4\",\"a\":\"3\"}]"))
        #expect(try digest == self.digest("d.csv", "b,a\n\"2\",1\n4,3\n"))
    }

    @Test("The digest changes with a value, a type, a key or the order of rows")
    func digestSeesContent() throws {
        let texts = [
            "{\"a\":1}\n{\"a\":2}", "{\"a\":2}\n{\"a\":1}", "{\"a\":1}\n{\"a\":3}", "{\"a\":\"1\"}\n{\"a\":2}",
            "{\"b\":1}\n{\"a\":2}", "{\"a\":1}", "{\"a\":1,\"b\":null}\n{\"a\":2}",
        ]
        let digests = try texts.map { try digest("x.jsonl", $0) }
        #expect(Set(digests).count == texts.count)
    }

    @Test("Statistics count kinds, missing and different values, lengths and ranges")
    func statistics() throws {
        let text = """
            {"q": "ab", "n": 1, "m": [1]}
            {"q": "abcd", "n": 2.5}
            {"q": "ab", "n": null, "late": true}
            {"q": "日本語日本語", "n": -4}
            """
        let statistics = try DatasetStatistics(of: Dataset(path: folder.write("s.jsonl", text)))
        #expect(statistics.rows == 4)
        #expect(statistics.columns.map(\.name) == ["q", "n", "m", "late"])
        let (q, n, m, late) = (
            statistics.columns[0], statistics.columns[1], statistics.columns[2], statistics.columns[3]
        )
        #expect(q.kinds == ["string": 4])
        #expect(q.unique == 3)
        #expect(q.lengths.quantile(0.5) == 3)
        #expect(q.lengths.quantile(0) == 2)
        #expect(q.lengths.quantile(1) == 6)
        #expect(n.kinds == ["int": 2, "double": 1, "null": 1])
        #expect(n.missing == 1)
        #expect(n.minimum == -4)
        #expect(n.maximum == 2.5)
        #expect(m.missing == 3)
        #expect(late.missing == 3)
    }

    @Test("A split is the same for the same seed, puts equal rows together and meets its shares on average")
    func split() throws {
        let lines = (0..<4000).map { "{\"id\": \($0 % 3000), \"g\": \"g\($0 % 40)\"}" }
        let dataset = try Dataset(path: folder.write("all.jsonl", lines.joined(separator: "\n")))
        let parts: [DatasetSplit.Part] = [.init(name: "train", share: 0.8), .init(name: "test", share: 0.2)]
        let split = try DatasetSplit(parts: parts, seed: 7)
        let counts = try split.write(dataset, to: folder.path + "/out")
        #expect(counts.reduce(0, +) == 4000)
        #expect(abs(Double(counts[1]) / 4000 - 0.2) < 0.03)
        let train = try Dataset(path: folder.path + "/out/train.jsonl").head(5000).map(\.values)
        let test = try Dataset(path: folder.path + "/out/test.jsonl").head(5000).map(\.values)
        #expect(Set(train).isDisjoint(with: test))
        #expect(train.count == counts[0])
        let again = try split.write(dataset, to: folder.path + "/again")
        #expect(again == counts)
        #expect(try DatasetSplit(parts: parts, seed: 8).write(dataset, to: folder.path + "/other") != counts)
        let leftovers = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/out")
        #expect(leftovers.sorted() == ["test.jsonl", "train.jsonl"])
    }

    @Test("Groups are never divided, and a row without its group is an error")
    func groupedSplit() throws {
        let lines = (0..<1000).map { "{\"id\": \($0), \"g\": \"g\($0 % 50)\"}" }
        let dataset = try Dataset(path: folder.write("all.jsonl", lines.joined(separator: "\n")))
        let parts: [DatasetSplit.Part] = [.init(name: "a", share: 0.5), .init(name: "b", share: 0.5)]
        _ = try DatasetSplit(parts: parts, group: "g").write(dataset, to: folder.path + "/out")
        let a = try Set(Dataset(path: folder.path + "/out/a.jsonl").head(1000).compactMap { $0.values["g"] })
        let b = try Set(Dataset(path: folder.path + "/out/b.jsonl").head(1000).compactMap { $0.values["g"] })
        #expect(a.isDisjoint(with: b))
        #expect(a.count + b.count == 50)
        #expect(throws: DatasetError.self) {
            try DatasetSplit(parts: parts, group: "none").write(dataset, to: folder.path + "/bad")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/bad").isEmpty)
    }

    @Test("Shares that do not add up to 1, and names that are no file names, are refused")
    func badSplit() {
        #expect(throws: DatasetError.self) { try DatasetSplit(parts: [.init(name: "a", share: 0.5)]) }
        #expect(throws: DatasetError.self) { try DatasetSplit(parts: []) }
        #expect(throws: DatasetError.self) { try DatasetSplit(parts: [.init(name: "../a", share: 1)]) }
        #expect(throws: DatasetError.self) {
            try DatasetSplit(parts: [.init(name: "a", share: 0.5), .init(name: "a", share: 0.5)])
        }
    }
}
