import Testing

@testable import GatewayServer

@Suite("Compressed answers")
struct InflaterTests {
    /// `hello hello hello`, made by Python's `gzip`, `zlib` and raw `zlib`.
    static let compressed: [(format: Inflater.Format, bytes: [UInt8])] = [
        (
            .gzip,
            [
                31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 203, 72, 205, 201, 201, 87, 200, 64, 144, 0, 128, 136, 249, 229, 17, 0,
                0, 0,
            ]
        ),
        (.deflate, [120, 156, 203, 72, 205, 201, 201, 87, 200, 64, 144, 0, 58, 46, 6, 125]),
        (.deflate, [203, 72, 205, 201, 201, 87, 200, 64, 144, 0]),
    ]

    private func inflate(_ format: Inflater.Format, _ bytes: [UInt8], pieces: Int = .max, limit: Int = 100) -> String {
        let inflater = Inflater(format, limit: limit)
        var output: [UInt8] = []
        var rest = bytes[...]
        do throws(Inflater.Problem) {
            while !rest.isEmpty {
                let piece = Array(rest.prefix(pieces))
                rest = rest.dropFirst(pieces)
                let result: Result<Void, Inflater.Problem> = piece.withUnsafeBytes { piece in
                    do throws(Inflater.Problem) {
                        return .success(try inflater.take(piece, into: &output))
                    } catch {
                        return .failure(error)
                    }
                }
                try result.get()
            }
            try inflater.end()
        } catch {
            return "\(error)"
        }
        return String(decoding: output, as: UTF8.self)
    }

    @Test("Both formats are undone, wherever the bytes are cut", arguments: 0..<3)
    func wholes(index: Int) {
        let (format, bytes) = Self.compressed[index]
        for pieces in [1, 2, 3, 5, 100] { #expect(inflate(format, bytes, pieces: pieces) == "hello hello hello") }
    }

    @Test("What is cut off, broken or too large is not taken for whole", arguments: 0..<3)
    func problems(index: Int) {
        let (format, bytes) = Self.compressed[index]
        #expect(inflate(format, Array(bytes.dropLast(3))) == "truncated")
        #expect(inflate(format, bytes, limit: 5) == "tooLarge")
        #expect(inflate(format, bytes + [1]) == "broken")
        #expect(inflate(.gzip, Array("no gzip at all".utf8)) == "broken")
    }
}
