import Foundation
import Testing

@testable import Domain

@Suite("Reading YAML")
struct YAMLTests {
    private func read(_ text: String) throws -> JSONValue { try YAMLReader.read(text: text, file: "f.yaml").json }

    private func failure(_ text: String) -> DocumentError? {
        do {
            _ = try YAMLReader.read(text: text, file: "f.yaml")
            return nil
        } catch { return error }
    }

    @Test(
        "Scalars have the types of YAML 1.2's core schema",
        arguments: [
            ("", nil), ("~", nil), ("null", nil), ("Null", nil), ("true", true), ("FALSE", false), ("yes", "yes"),
            ("no", "no"), ("on", "on"), ("Off", "Off"), ("y", "y"), ("12", 12), ("-3", -3), ("+4", 4), ("012", 12),
            ("0x1F", 31), ("0o17", 15), ("0x-5", "0x-5"), ("1_000", "1_000"), ("1.5", 1.5), ("1e3", 1000.0),
            (".5", 0.5), ("5.", 5.0), (".inf", .double(.infinity)), ("-.inf", .double(-.infinity)),
            ("2024-05-01", "2024-05-01"), ("12:30", "12:30"), ("1.2.3", "1.2.3"), ("-", "-"), ("+", "+"), (".", "."),
            ("e5", "e5"), ("0b101", "0b101"), ("'12'", "12"), ("\"true\"", "true"), ("!!str 12", "12"),
            ("99999999999999999999", 99_999_999_999_999_999_999.0), ("3 apples", "3 apples"),
        ] as [(String, JSONValue)])
    func scalars(text: String, expected: JSONValue) throws {
        // A lone dash or colon would be structure at the top, so it stands in a flow list where it can.
        let value = text == "-" ? try read("a: '-'")["a"] : try read("a: \(text)")["a"]
        #expect(value == expected)
    }

    @Test("Not a number is read as such")
    func notANumber() throws {
        #expect(try read("a: .nan")["a"]?.double?.isNaN == true)
    }

    @Test("Block texts keep or fold their lines")
    func blocks() throws {
        #expect(try read("a: |\n  x\n  y\n")["a"] == "x\ny\n")
        #expect(try read("a: >-\n  x\n  y\n")["a"] == "x y")
    }

    @Test("A merge key adds what is missing; own keys win, and of several maps the first")
    func merge() throws {
        let text = """
            one: &one {a: 1, b: 1}
            two: &two {b: 2, c: 2}
            x: {<<: *one, b: 9}
            y: {<<: [*two, *one], d: 9}
            z: {"<<": *one}
            """
        let value = try read(text)
        #expect(value["x"] == ["a": 1, "b": 9])
        #expect(value["y"] == ["a": 1, "b": 2, "c": 2, "d": 9])
        #expect(value["z"]?.object?.keys == ["<<"])
    }

    @Test("Aliases that unfold to billions of values are refused at once")
    func aliasBomb() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...12 {
            text += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
        }
        let start = ContinuousClock.now
        #expect(failure(text)?.detail.contains("200000 values") == true)
        #expect(start.duration(to: .now) < .seconds(20))
    }

    @Test("Aliases that unfold as keys are refused at once")
    func aliasKeys() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            text += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
        }
        #expect(failure(text + "? *a9\n: 1\n? *a8\n: 2\n") != nil)
    }

    @Test("Nesting that would overflow the stack is refused")
    func depth() {
        let text = String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000)
        #expect(failure(text) != nil)
    }

    @Test("A key twice is an error with its name")
    func duplicates() throws {
        let found = try #require(failure("a: 1\nb:\n  c: 1\n  c: 2\n"))
        #expect(found.detail.contains("`c`"))
        #expect(found.location?.line == 3)
    }

    @Test("Values and errors know their line and column, from 1")
    func places() throws {
        let node = try YAMLReader.read(text: "a: 1\nlist:\n  - x\n  - {k: v}\n", file: "f.yaml")
        let map = try node.map("the file")
        #expect(map.entries[1].location.description == "f.yaml:2:1")
        let element = try #require(try map.required("list", in: "it").list("list").last)
        #expect(element.location.description == "f.yaml:4:5")
        #expect(try element.map("k").entries[0].value.location.description == "f.yaml:4:9")
        #expect(failure("a: [1\nb: 2\n")?.location?.line == 2)
        #expect(failure("a:\n\t- x\n")?.location?.line == 2)
        #expect(throws: DocumentError("`a` must be a list, but is int", at: map.entries[0].value.location)) {
            try map.required("a", in: "it").list("a")
        }
    }

    @Test("An unknown key is an error with its place and the nearest known one; x- keys pass")
    func unknownKeys() throws {
        let map = try YAMLReader.read(text: "name: a\nx-team: b\n  # c\ndatset: d\n", file: "f.yaml").map("it")
        #expect { try map.check(known: ["name", "dataset"], in: "it") } throws: {
            ($0 as? DocumentError)?.message == "f.yaml:4:1: it has no key `datset`; did you mean `dataset`?"
        }
    }

    @Test("Keys that are no texts, and several documents, are errors")
    func structure() {
        #expect(failure("[a]: 1\n")?.detail == "has a key that is no text")
        #expect(failure("a: 1\n---\nb: 2\n") != nil)
        #expect(failure("a: *nowhere\n") != nil)
    }

    @Test("An empty text is null")
    func empty() throws {
        #expect(try read("") == nil)
        #expect(try read("# only a comment\n") == nil)
    }

    @Test("A file that is missing, a folder, too large or no UTF-8 is an error that says so")
    func files() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "pawang-domain-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func message(_ bytes: [UInt8]?, limit: Int = 100) throws -> String {
            let path = folder.appending(path: "file").path
            if let bytes { try Data(bytes).write(to: URL(filePath: path)) }
            do { return "read: " + (try TextFile.read(path: path, shownAs: "file", limit: limit)) } catch {
                return "\(error)"
            }
        }
        #expect(try message(nil).contains("does not exist"))
        #expect(try message([0xEF, 0xBB, 0xBF, 0x61]) == "read: a")
        #expect(try message([0x61, 0xFF]).contains("not UTF-8"))
        #expect(try message(Array(repeating: 0x61, count: 3 << 20), limit: 1 << 20).contains("larger than 1 MiB"))
        #expect(throws: DocumentError.self) { try TextFile.read(path: folder.path) }
    }
}

@Suite("The nearest name")
struct NearestNameTests {
    @Test(
        "A slip of the keyboard is found, something else is not",
        arguments: [
            ("datset", "dataset"), ("Flow", "flow"), ("evalutors", "evaluators"), ("flw", "flow"), ("zzz", nil),
            ("", nil),
        ] as [(String, String?)])
    func nearest(name: String, expected: String?) {
        #expect(NearestName.find(name, among: ["dataset", "flow", "evaluators"]) == expected)
    }

    @Test("Without a near one the hint lists what is known, and says nothing where nothing is")
    func hint() {
        #expect(NearestName.hint(for: "zzz", among: ["a name", "another"]) == "; known are `a name`, `another`")
        #expect(NearestName.hint(for: "zzz", among: []) == "")
    }

    @Test("A very long name costs no more than a long one")
    func long() {
        #expect(NearestName.find(String(repeating: "a", count: 1_000_000), among: ["b"]) == nil)
    }
}
