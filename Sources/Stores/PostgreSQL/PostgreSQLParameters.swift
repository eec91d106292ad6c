import CPostgreSQL

/// Values in the form that libpq takes them: one run of bytes and a pointer to each value in it.
struct PostgreSQLParameters {
    private var bytes: [UInt8] = []
    private var starts: [Int?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    /// Integers, numbers and texts go as text, bytes as they are.
    init(_ values: some Collection<SQLValue>) throws {
        starts.reserveCapacity(values.count)
        lengths.reserveCapacity(values.count)
        formats.reserveCapacity(values.count)
        for value in values { try append(value) }
    }

    private mutating func append(_ value: SQLValue) throws {
        let start = bytes.count
        switch value {
        case .null: break
        case .int(let number): bytes.append(contentsOf: String(number).utf8)
        case .double(let number):
            guard !number.isNaN else { throw StoreFailure.notANumber }
            bytes.append(contentsOf: Self.text(number).utf8)
        case .text(let text):
            bytes.append(contentsOf: text.utf8)
            guard !bytes[start...].contains(0) else { throw StoreFailure.textWithNUL }
        case .blob(let blob): bytes.append(contentsOf: blob)
        }
        starts.append(value == .null ? nil : start)
        lengths.append(Int32(bytes.count - start))
        if case .blob = value { formats.append(1) } else { formats.append(0) }
        // Texts end with NUL.
        bytes.append(0)
    }

    /// A number as PostgreSQL writes it.
    static func text(_ number: Double) -> String {
        number.isInfinite ? (number < 0 ? "-Infinity" : "Infinity") : number.description
    }

    /// Calls `body` with the number of values, their pointers, lengths and formats.
    func with<Value>(
        _ body: (Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> Value
    ) -> Value {
        bytes.withUnsafeBytes { buffer in
            let pointers = starts.map { start in
                start.flatMap { buffer.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self) }
            }
            return body(Int32(starts.count), pointers, lengths, formats)
        }
    }
}

/// Rows in the text form of `COPY`.
struct PostgreSQLCopyText {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ row: [SQLValue]) throws {
        for (place, value) in row.enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: "\t")) }
            switch value {
            case .null: bytes.append(contentsOf: "\\N".utf8)
            case .int(let number): bytes.append(contentsOf: String(number).utf8)
            case .double(let number):
                guard !number.isNaN else { throw StoreFailure.notANumber }
                bytes.append(contentsOf: PostgreSQLParameters.text(number).utf8)
            case .text(let text): try append(escaped: text)
            case .blob(let blob):
                bytes.append(contentsOf: "\\\\x".utf8)
                for byte in blob {
                    bytes.append(Self.digits[Int(byte >> 4)])
                    bytes.append(Self.digits[Int(byte & 15)])
                }
            }
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    private static let digits = Array("0123456789abcdef".utf8)

    private mutating func append(escaped text: String) throws {
        for byte in text.utf8 {
            switch byte {
            case 0: throw StoreFailure.textWithNUL
            case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
            case UInt8(ascii: "\t"): bytes.append(contentsOf: "\\t".utf8)
            case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\r"): bytes.append(contentsOf: "\\r".utf8)
            default: bytes.append(byte)
            }
        }
    }
}
