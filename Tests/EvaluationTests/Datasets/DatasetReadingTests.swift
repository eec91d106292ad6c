import Domain
import Foundation
import Testing

@testable import Evaluation

@Suite("Reading datasets")
struct DatasetReadingTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func rows(_ name: String, _ text: String) throws -> [JSONObject] {
        try rows(name, Array(text.utf8))
    }

    private func rows(_ name: String, _ bytes: [UInt8]) throws -> [JSONObject] {
        try all(Dataset(path: folder.write(name, bytes)))
    }

    private func all(_ dataset: Dataset) throws -> [JSONObject] {
        var reader = dataset.rows()
        var values: [JSONObject] = []
        while let row = try reader.next() {
            #expect(row.lineNumber == values.count)
            values.append(row.values)
        }
        return values
    }

    private func failure(_ name: String, _ bytes: [UInt8]) -> DatasetError? {
        do {
            _ = try rows(name, bytes)
            return nil
        } catch {
            return error as? DatasetError
        }
    }

    @Test("JSON lines keep types and order, and blank lines, CRLF and a byte order mark do not count")
    func jsonLines() throws {
        let read = try rows("a.jsonl", "\u{FEFF}{\"b\": 1, \"a\": \"é\"}\r\n\n   \n{\"b\": 1.5, \"a\": null}")
        #expect(read == [["b": 1, "a": "é"], ["b": 1.5, "a": nil]])
        #expect(read.first?.keys == ["b", "a"])
    }

    @Test("An unknown ending, or none, is read as JSON lines")
    func unknownEnding() throws {
        #expect(try rows("data.txt", "{\"a\":1}\n{\"a\":2}") == [["a": 1], ["a": 2]])
        #expect(try rows("data", "{\"a\":1}") == [["a": 1]])
        #expect(DatasetFormat(path: "x.y/DATA.CSV") == .csv)
        #expect(DatasetFormat(path: "x.csv/data") == .jsonl)
    }

    @Test("A JSON list is read element by element, brackets and quotes in texts included")
    func jsonList() throws {
        let text = "\n [ {\"a\": \"]},[{\\\"\\\\\", \"b\": [1, {\"c\": []}]},\n\n {\"a\": 2} ] \n"
        #expect(try rows("a.json", text) == [["a": "]},[{\"\\", "b": [1, ["c": []]]], ["a": 2]])
    }

    @Test("Quoted cells hold delimiters, doubled quotes and line ends, and cells stay texts")
    func csv() throws {
        let text = "\u{FEFF}id,text\r\n1,\"a, \"\"b\"\"\r\nc\"\r\n\r\n2,\"\"\r\n3,x\"y\r\n"
        #expect(
            try rows("a.csv", text) == [
                ["id": "1", "text": "a, \"b\"\r\nc"], ["id": "2", "text": ""], ["id": "3", "text": "x\"y"],
            ])
    }

    @Test("A carriage return alone ends a row, and a last row needs no line end")
    func carriageReturn() throws {
        #expect(try rows("a.csv", "a,b\r1,2\r3,4") == [["a": "1", "b": "2"], ["a": "3", "b": "4"]])
    }

    @Test("Tab-separated cells may hold commas")
    func tsv() throws {
        #expect(try rows("a.tsv", "a\tb\n1,5\t\"x\ty\"\n") == [["a": "1,5", "b": "x\ty"]])
    }

    @Test("Records across buffer borders are read whole, in every format", arguments: ["jsonl", "json", "csv"])
    func bufferBorders(ending: String) throws {
        // Cells around the size of the buffer, with what could be misread at its end: quotes, CR, escapes.
        let sizes = [DatasetLimits.chunkBytes - 12, DatasetLimits.chunkBytes - 1, DatasetLimits.chunkBytes * 2 + 5, 3]
        let texts = sizes.map { String(repeating: "q\"\\\r\n", count: $0 / 5) + "é" }
        let objects = texts.map { JSONObject([("t", .string($0)), ("u", "v")]) }
        let text: String
        switch ending {
        case "json": text = JSONValue.array(objects.map { .object($0) }).text(indent: 1)
        case "csv":
            text = "t,u\r\n" + texts.map { "\"\($0.replacing("\"", with: "\"\""))\",v\r\n" }.joined()
        default: text = objects.map { JSONValue.object($0).text() + "\n" }.joined()
        }
        #expect(try rows("big.\(ending)", text) == objects)
    }

    @Test("A folder is all its files in order of name; hidden files do not count")
    func directory() throws {
        _ = try folder.write("b.csv", "a\n2\n")
        _ = try folder.write("a.jsonl", "{\"a\":\"1\"}")
        _ = try folder.write(".hidden", "broken")
        #expect(try all(Dataset(path: folder.path)) == [["a": "1"], ["a": "2"]])
    }

    @Test("The first rows come without reading the rest")
    func head() throws {
        let path = try folder.write("a.jsonl", "{\"a\":1}\n{\"a\":2}\nbroken")
        #expect(try Dataset(path: path).head(2).map(\.values) == [["a": 1], ["a": 2]])
    }

    @Test(
        "What is wrong is named with file and line",
        arguments: [
            ("a.jsonl", "{\"a\":1}\n\n{\"a\":}\n", DatasetError.Kind.invalidJSON, 3, "column 6"),
            ("a.jsonl", "{\"a\":1}\n[1]\n", .wrongShape, 2, "list"),
            ("a.jsonl", "", .empty, 0, "no rows"),
            ("a.jsonl", "\n \n", .empty, 0, "no rows"),
            ("a.json", "[{\"a\":1},\n 5]", .wrongShape, 2, "int"),
            ("a.json", "{\"data\": []}", .wrongShape, 1, "top level"),
            ("a.json", "[{\"a\":1}", .invalidJSON, 1, "end"),
            ("a.json", "[{\"a\":1},]", .invalidJSON, 1, "comma"),
            ("a.json", "[{\"a\":1}] x", .invalidJSON, 1, "behind"),
            ("a.json", "[{\"a\":1", .invalidJSON, 1, "end"),
            ("a.json", "[]", .empty, 0, "no rows"),
            ("a.json", "  ", .empty, 0, "empty"),
            ("a.csv", "a,b\n1,2\n\n\"x\ny\",4\n5\n", .raggedRow, 6, "1 cell,"),
            ("a.csv", "a,b\n1,2,3\n", .raggedRow, 2, "3 cells"),
            ("a.csv", "a,b,a\n", .invalidHeader, 1, "columns 1 and 3"),
            ("a.csv", "a,,b\n", .invalidHeader, 1, "column 2"),
            ("a.csv", "a,b\n1,2\n3,\"4\n5,6\n", .unterminatedQuote, 3, "quoted"),
            ("a.csv", "", .empty, 0, "empty"),
            ("a.csv", "a,b\n", .empty, 0, "no rows"),
        ])
    func errors(name: String, text: String, kind: DatasetError.Kind, line: Int, part: String) throws {
        let error = try #require(failure(name, Array(text.utf8)))
        #expect(error.kind == kind)
        #expect(error.line ?? 0 == line)
        #expect(error.problem.contains(part), "\(error.problem)")
        #expect(error.message.contains(name))
    }

    @Test("Bytes that are not UTF-8 are named with their offset in the file")
    func invalidUTF8() throws {
        let lines = try #require(
            failure("a.jsonl", Array("{\"a\":1}\n{\"a\":\"".utf8) + [0xC3, 0x28] + Array("\"}".utf8)))
        #expect(lines.kind == .invalidUTF8)
        #expect(lines.line == 2)
        #expect(lines.problem.contains("byte 14 "))
        let table = try #require(failure("a.csv", Array("a,b\n1,".utf8) + [0xFF] + Array("\n".utf8)))
        #expect(table.kind == .invalidUTF8)
        #expect(table.line == 2)
        #expect(table.problem.contains("byte 6 "))
    }

    @Test("A line above the limit is refused with its number instead of filling the memory")
    func hugeLine() throws {
        let path = "\(folder.path)/huge.jsonl"
        _ = try folder.write("huge.jsonl", "{\"a\":1}\n")
        let handle = try #require(FileHandle(forWritingAtPath: path))
        // A sparse file: the long line takes no disk.
        try handle.truncate(atOffset: UInt64(DatasetLimits.recordBytes) + 100)
        try handle.close()
        var reader = try Dataset(path: path).rows()
        _ = try reader.next()
        let error = #expect(throws: DatasetError.self) { try reader.next() }
        #expect(error?.kind == .tooLarge)
        #expect(error?.line == 2)
    }

    @Test("A missing file is named")
    func missing() {
        let error = #expect(throws: DatasetError.self) { try Dataset(path: folder.path + "/none.jsonl") }
        #expect(error?.kind == .notFound)
    }
}
