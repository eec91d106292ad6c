import Testing

@testable import Domain

@Suite("JSON values")
struct JSONTests {
    private func read(_ text: String) throws -> JSONValue { try JSONValue(parsing: text) }

    @Test(
        "What is read is written back the same",
        arguments: [
            "null", "true", "false", "0", "-1", "9223372036854775807", "-9223372036854775808", "0.1", "1e+16", "-0.0",
            "5e-324", "1.7976931348623157e+308", "NaN", "Infinity", "-Infinity", "\"\"", "\"é e\u{301} 日本 🙂\"",
            "[]", "{}", "[[],{}]", "{\"b\":1,\"a\":{\"z\":[null,1.5]}}",
            #""\"\\\n\r\t\u0000\u001f""#,
        ])
    func roundTrip(text: String) throws {
        #expect(try read(text).text() == text)
    }

    @Test("Members keep their order, and of a repeated key the last value counts at the first place")
    func order() throws {
        let value = try read(#"{"z": 1, "a": 2, "z": 3}"#)
        #expect(value.text() == #"{"z":3,"a":2}"#)
        #expect(value.text(sortedKeys: true) == #"{"a":2,"z":3}"#)
    }

    @Test("Integers that do not fit become floating-point numbers, never other integers")
    func bigIntegers() throws {
        #expect(try read("9223372036854775807") == .int(.max))
        #expect(try read("9223372036854775808") == .double(9_223_372_036_854_775_808))
        #expect(try read("18446744073709551615") == .double(18_446_744_073_709_551_616))
        #expect(try read("-9223372036854775809") == .double(-9_223_372_036_854_775_808))
        #expect(try read("123456789012345678901234567890") == .double(1.2345678901234568e29))
        #expect(try read("1.0") == .double(1))
        #expect(try read("1.0") != .int(1))
    }

    @Test("Numbers that are none become null where a reader could not take them")
    func nonFinite() {
        var writer = JSONWriter(options: .init(allowsNonFinite: false))
        writer.append([.double(.nan), .double(.infinity), .double(1)])
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "[null,null,1.0]")
    }

    @Test("Nesting is read to the limit and refused beyond, without overflow of the stack")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(try read(nested(JSONValue.maximumDepth)).text() == nested(JSONValue.maximumDepth))
        #expect(throws: JSONSyntaxError.self) { try read(nested(JSONValue.maximumDepth + 2)) }
        #expect(throws: JSONSyntaxError.self) { try read(nested(200_000)) }
        #expect(throws: JSONSyntaxError.self) { try read(String(repeating: "{\"a\":", count: 100_000)) }
    }

    @Test("Text inside HTML cannot end a script or open a tag, and reads back the same")
    func html() throws {
        let text = "</script><!-- & \u{2028} \"quoted\" \\"
        var writer = JSONWriter(options: .init(escapesHTML: true))
        writer.append(["<key>": .string(text)])
        let written = String(decoding: writer.bytes, as: UTF8.self)
        #expect(!written.contains { "<>&".contains($0) })
        #expect(try read(written) == ["<key>": .string(text)])
    }

    @Test("Indented text has one member a line and reads back the same")
    func indent() throws {
        let value: JSONValue = ["a": [1, 2], "b": [:], "c": []]
        #expect(
            value.text(indent: 2) == """
                {
                  "a": [
                    1,
                    2
                  ],
                  "b": {},
                  "c": []
                }
                """)
        #expect(try read(value.text(indent: 2)) == value)
    }

    @Test(
        "What is no JSON is refused",
        arguments: [
            "", " ", "{", "[1,]", "{\"a\":1,}", "{'a':1}", "01", "1 2", "\"", "\"\n\"", "tru", "\u{FEFF}", "{\"a\" 1}",
            "// a\n1",
        ])
    func refusals(text: String) {
        #expect(throws: JSONSyntaxError.self) { try read(text) }
    }

    @Test("A refusal says at which byte")
    func offset() {
        #expect { try read("[1, 2, x]") } throws: { ($0 as? JSONSyntaxError)?.offset == 7 }
    }

    @Test(
        "Bytes that are no UTF-8 are refused",
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE2, 0x82, 0x22],
        ] as [[UInt8]])
    func invalidUTF8(bytes: [UInt8]) {
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: bytes) }
    }

    @Test("Escapes above the basic plane are read as one scalar, and half a pair is refused")
    func surrogates() throws {
        #expect(try read(#""\ud83d\ude42""#) == "🙂")
        #expect(throws: JSONSyntaxError.self) { try read(#""\ud83d""#) }
    }

    @Test("A thousand values made at random come back equal, indented or not")
    func generated() throws {
        var generator = SeededGenerator(state: 1)
        for _ in 0..<1000 {
            let value = Self.value(depth: 0, using: &generator)
            #expect(try read(value.text()) == value)
            #expect(try read(value.text(indent: 1)) == value)
            #expect(Digest(of: try read(value.text(sortedKeys: true))) == Digest(of: value))
        }
    }

    private static func value(depth: Int, using generator: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth > 3 ? 6 : 8), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .int(Int.random(in: .min ... .max, using: &generator))
        case 3: return .double(Double(bitPattern: UInt64.random(in: 0...0x7FEF_FFFF_FFFF_FFFF, using: &generator)))
        case 4, 5: return .string(text(using: &generator))
        case 6:
            return .array(
                (0..<Int.random(in: 0...4, using: &generator)).map { _ in value(depth: depth + 1, using: &generator) })
        default:
            return .object(
                JSONObject(
                    (0..<Int.random(in: 0...20, using: &generator)).map { _ in
                        (text(using: &generator), value(depth: depth + 1, using: &generator))
                    }))
        }
    }

    private static func text(using generator: inout SeededGenerator) -> String {
        let alphabet: [Unicode.Scalar] = ["a", "\u{301}", "e", "é", "\"", "\\", "\n", "\u{0}", "🙂", "日", "\u{2028}"]
        var text = ""
        for _ in 0..<Int.random(in: 0...6, using: &generator) {
            text.unicodeScalars.append(alphabet[Int.random(in: 0..<alphabet.count, using: &generator)])
        }
        return text
    }
}

/// A generator whose sequence is the same for ever.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
