import Glibc

/// The calls by which the journal writes, so that tests can let a disk be full.
struct JournalSystem: Sendable {
    /// `pwrite(2)`: bytes written, or a negated error number.
    var write: @Sendable (_ file: Int32, _ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Int
    /// `fdatasync(2)`: 0, or a negated error number.
    var sync: @Sendable (_ file: Int32) -> Int

    static let live = Self(
        write: { file, bytes, offset in
            let count = pwrite(file, bytes.baseAddress, bytes.count, offset)
            return count < 0 ? -Int(errno) : count
        },
        sync: { fdatasync($0) < 0 ? -Int(errno) : 0 })

    /// Writes all bytes, or throws the number of the error that kept it from doing so.
    func writeAll(_ file: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int) throws(ErrorNumber) {
        var done = 0
        while done < bytes.count {
            let count = write(file, UnsafeRawBufferPointer(rebasing: bytes[done...]), offset + done)
            if count == -Int(EINTR) { continue }
            // A disk that takes nothing and says nothing is as good as full.
            guard count > 0 else { throw ErrorNumber(count == 0 ? ENOSPC : Int32(-count)) }
            done += count
        }
    }

    /// Waits until what was written is on the disk.
    func syncAll(_ file: Int32) throws(ErrorNumber) {
        while true {
            let result = sync(file)
            if result == 0 { return }
            guard result == -Int(EINTR) else { throw ErrorNumber(Int32(-result)) }
        }
    }
}

/// An error number of the system.
struct ErrorNumber: Error, Equatable {
    let number: Int32

    init(_ number: Int32) {
        self.number = number
    }

    /// The error of the last call.
    static var last: Self { Self(errno) }

    var text: String { strerror(number).map { String(cString: $0) } ?? "error \(number)" }
}
