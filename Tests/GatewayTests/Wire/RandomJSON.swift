import Domain

/// Numbers that look random and are the same in every run: SplitMix64.
struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Makes JSON values, and texts of them with spaces and escapes wherever they are allowed.
struct RandomJSON {
    var numbers: SeededNumbers

    init(seed: UInt64) { numbers = SeededNumbers(state: seed) }

    mutating func upTo(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &numbers) }

    private static let pieces = [
        "a", "model", "\"", "\\", "{", "}", "[", "]", ",", ":", " ", "\n", "\t", "é", "漢", "😀", "\u{1}", "/", "stream",
        "}\"", "\\\"", "max_tokens",
    ]

    mutating func string() -> String {
        (0..<upTo(6)).map { _ in Self.pieces[upTo(Self.pieces.count)] }.joined()
    }

    mutating func value(depth: Int = 3) -> JSONValue {
        switch upTo(depth > 0 ? 8 : 6) {
        case 0: .null
        case 1: .bool(upTo(2) == 0)
        case 2: .int(upTo(1_000_000) - 500_000)
        case 3: .double(Double(upTo(1000)) / 8 - 10)
        case 4, 5: .string(string())
        case 6: .array((0..<upTo(4)).map { _ in value(depth: depth - 1) })
        default: .object(JSONObject((0..<upTo(4)).map { _ in (string(), value(depth: depth - 1)) }))
        }
    }

    /// The value as a text that no writer would choose.
    mutating func text(_ value: JSONValue) -> String {
        let core: String
        switch value {
        case .string(let string): core = quoted(string)
        case .array(let elements): core = "[" + elements.map { text($0) }.joined(separator: ",") + space() + "]"
        case .object(let object):
            let members = object.map { key, value in space() + quoted(key) + space() + ":" + text(value) }
            core = "{" + members.joined(separator: ",") + space() + "}"
        default: core = value.text()
        }
        return space() + core + space()
    }

    private mutating func space() -> String { ["", "", " ", "\n", "\t ", "\r\n"][upTo(6)] }

    private mutating func quoted(_ string: String) -> String {
        let parts = string.unicodeScalars.map { scalar -> String in
            guard scalar.value < 0x10000, upTo(5) == 0 else {
                return String(JSONValue.string(String(scalar)).text().dropFirst().dropLast())
            }
            let digits = String(scalar.value, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
        return "\"" + parts.joined() + "\""
    }
}
