import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A file that is written beside its place and moved there when it is whole; removed if that never happens.
final class ReportFile {
    private let path: String
    private let temporary: String
    private let handle: FileHandle
    private var isPublished = false

    init(path: String) throws {
        self.path = path
        temporary = "\(path).partial-\(UInt64.random(in: 0...UInt64.max))"
        guard FileManager.default.createFile(atPath: temporary, contents: nil),
            let handle = FileHandle(forWritingAtPath: temporary)
        else { throw ReportError.unwritable(path: path, reason: "its folder is missing or cannot be written") }
        self.handle = handle
    }

    deinit {
        try? handle.close()
        if !isPublished { try? FileManager.default.removeItem(atPath: temporary) }
    }

    func write(_ text: String) throws { try write(Array(text.utf8)) }

    func write(_ bytes: [UInt8]) throws {
        do {
            try handle.write(contentsOf: Data(bytes))
        } catch {
            throw ReportError.unwritable(path: path, reason: error.localizedDescription)
        }
    }

    /// Brings everything to the disk and moves the file to its place, over an older one.
    func publish() throws {
        do {
            try handle.synchronize()
        } catch {
            throw ReportError.unwritable(path: path, reason: error.localizedDescription)
        }
        guard rename(temporary, path) == 0 else {
            throw ReportError.unwritable(path: path, reason: String(cString: strerror(errno)))
        }
        isPublished = true
    }
}
