/// The trace a client's request is part of, by W3C Trace Context.
struct TraceParent: Equatable {
    /// 32 hexadecimal digits in lower case, not all 0.
    var trace: String
    /// 16 hexadecimal digits in lower case, not all 0.
    var span: String

    /// Reads version 00; `nil` for anything else, which is then ignored as the recommendation says.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        let dash = UInt8(ascii: "-")
        guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash else { return nil }
        // Versions above 00 may have more after the flags; ff is none.
        guard bytes[0..<2].elementsEqual("00".utf8) ? bytes.count == 55 : !bytes[0..<2].elementsEqual("ff".utf8) else {
            return nil
        }
        guard Self.isIdentifier(bytes[3..<35]), Self.isIdentifier(bytes[36..<52]) else { return nil }
        trace = String(decoding: bytes[3..<35], as: UTF8.self)
        span = String(decoding: bytes[36..<52], as: UTF8.self)
    }

    private static func isIdentifier(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) } && bytes.contains { $0 != 0x30 }
    }
}
