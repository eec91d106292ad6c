import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// The part of a file that is being looked at: bytes `start..<end` of a buffer that is refilled from the front.
///
/// A record that does not fit makes the buffer grow up to ``DatasetLimits/recordBytes``; memory is otherwise constant.
struct ByteWindow {
    private let file: OpenFile
    let path: String
    private(set) var buffer: [UInt8]
    private(set) var start = 0
    private(set) var end = 0
    /// Bytes of the file before `start`.
    private(set) var offset = 0
    private(set) var isAtEnd = false

    init(path: String) throws {
        file = try OpenFile(path: path)
        self.path = path
        buffer = [UInt8](repeating: 0, count: DatasetLimits.chunkBytes)
        try fill()
        if end >= 3, buffer[0] == 0xEF, buffer[1] == 0xBB, buffer[2] == 0xBF { consume(3) }
    }

    /// How many bytes can be looked at.
    var count: Int { end - start }

    /// Marks the first bytes as read.
    mutating func consume(_ count: Int) {
        start += count
        offset += count
    }

    /// Reads more of the file behind the bytes that are there.
    ///
    /// Throws if they already are more than a record may have.
    mutating func fill() throws {
        if start > 0 {
            let (from, length) = (start, count)
            buffer.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                base.copyMemory(from: base + from, byteCount: length)
            }
            end = length
            start = 0
        }
        if end == buffer.count {
            guard end < DatasetLimits.recordBytes else {
                throw DatasetError(
                    .tooLarge, file: path,
                    "the record at byte \(offset) is longer than \(DatasetLimits.recordBytes >> 20) MiB")
            }
            var larger = [UInt8](repeating: 0, count: min(2 * buffer.count, DatasetLimits.recordBytes))
            larger.withUnsafeMutableBytes { bytes in
                buffer.withUnsafeBytes { bytes.copyMemory(from: $0) }
            }
            buffer = larger
        }
        let read = try file.read(into: &buffer, from: end)
        if read == 0 { isAtEnd = true }
        end += read
    }
}

/// What readers of datasets refuse to exceed.
package enum DatasetLimits {
    /// The longest line, row or list element.
    package static let recordBytes = 64 << 20
    /// How much is read from a file at once.
    static let chunkBytes = 256 << 10
}

/// A file that is open for reading and closed with its last owner.
private final class OpenFile {
    private let handle: FileHandle
    private let path: String

    init(path: String) throws {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            let exists = FileManager.default.fileExists(atPath: path)
            throw DatasetError(
                exists ? .unreadable : .notFound, file: path,
                exists ? "the file cannot be opened for reading" : "there is no such file")
        }
        self.handle = handle
        self.path = path
    }

    deinit { try? handle.close() }

    func read(into buffer: inout [UInt8], from start: Int) throws -> Int {
        let descriptor = handle.fileDescriptor
        return try buffer.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return 0 }
            while true {
                let count = posixRead(descriptor, base + start, bytes.count - start)
                if count >= 0 { return count }
                guard errno == EINTR else {
                    throw DatasetError(.unreadable, file: path, "reading failed: \(String(cString: strerror(errno)))")
                }
            }
        }
    }
}

/// `read` of the C library, which the method of the same name would hide.
private func posixRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}
