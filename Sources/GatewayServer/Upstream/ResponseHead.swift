import NIOCore

/// The status line and fields of an upstream's answer.
///
/// What the data path decides by is read once, from the bytes; other fields are looked up when they are asked for.
struct ResponseHead {
    /// What the body is, by its declared type.
    enum Content: Equatable {
        case eventStream
        case json
        case other
    }

    /// How the body is encoded.
    enum Encoding: Equatable {
        case identity
        case gzip
        case deflate
        case unknown
    }

    var status: Int
    var content = Content.other
    var encoding = Encoding.identity
    /// Bytes of the body by its declaration; `nil` where chunks or the connection's end say it.
    var contentLength: Int?
    private var bytes: [UInt8]
    private var fields: [(name: Range<Int>, value: Range<Int>)]

    init(status: Int, bytes: [UInt8], fields: [(name: Range<Int>, value: Range<Int>)]) {
        self.status = status
        self.bytes = bytes
        self.fields = fields
    }

    /// The first field of a name, which is given in lower case.
    func first(_ name: StaticString) -> String? {
        for field in fields where bytes[field.name].equalsIgnoringCase(name) {
            return String(decoding: bytes[field.value], as: UTF8.self)
        }
        return nil
    }

    /// The first field of a name, which is given in lower case.
    func first(named name: String) -> String? {
        for field in fields where field.name.count == name.utf8.count {
            let isSame = zip(bytes[field.name], name.utf8).allSatisfy { byte, other in
                byte == other || (byte &- 0x41 < 26 && byte | 0x20 == other)
            }
            if isSame { return String(decoding: bytes[field.value], as: UTF8.self) }
        }
        return nil
    }

    /// Appends what the upstream says about its rate limits, names in lower case.
    func appendRateLimits(to out: inout [(name: String, value: String)]) {
        for field in fields {
            let name = bytes[field.name]
            guard name.startsIgnoringCase("x-ratelimit-") || name.startsIgnoringCase("anthropic-ratelimit-") else {
                continue
            }
            let value = String(decoding: bytes[field.value], as: UTF8.self)
            // Azure sometimes sends -1 or 0 for what it does not know.
            guard value != "-1" else { continue }
            out.append((String(decoding: name, as: UTF8.self).lowercased(), value))
        }
    }
}

extension Collection<UInt8> {
    /// Whether the bytes are a name in ASCII, whatever their case; `name` is in lower case.
    func equalsIgnoringCase(_ name: StaticString) -> Bool {
        guard count == name.utf8CodeUnitCount else { return false }
        return name.withUTF8Buffer { wanted in
            zip(self, wanted).allSatisfy { byte, other in
                byte == other || (byte &- 0x41 < 26 && byte | 0x20 == other)
            }
        }
    }

    /// Whether the bytes begin with a text in ASCII, whatever their case; `start` is in lower case.
    func startsIgnoringCase(_ start: StaticString) -> Bool {
        count >= start.utf8CodeUnitCount && prefix(start.utf8CodeUnitCount).equalsIgnoringCase(start)
    }
}
