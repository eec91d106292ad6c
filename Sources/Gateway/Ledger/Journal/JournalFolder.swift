import Glibc

/// The folder of a journal: its segments and the lock that keeps others out.
///
/// Files are for their owner only, since entries name users and keys; none is handed on to child processes.
struct JournalFolder: Sendable {
    let path: String
    /// Holds the lock for as long as it is open.
    private let lock: Int32

    /// Makes the folder if need be, and locks it.
    init(_ path: String) throws(LedgerFailure) {
        self.path = path
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw .system(path: path, doing: "made", reason: ErrorNumber.last.text)
        }
        let file = Glibc.open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .system(path: path + "/lock", doing: "opened", reason: ErrorNumber.last.text) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let error = ErrorNumber.last
            Glibc.close(file)
            guard error.number == EWOULDBLOCK else {
                throw .system(path: path + "/lock", doing: "locked", reason: error.text)
            }
            throw .folderInUse(path)
        }
        lock = file
    }

    func unlock() {
        Glibc.close(lock)
    }

    /// The path of a segment.
    func path(ofSegment number: Int) -> String {
        let digits = String(number)
        return "\(path)/journal-\(String(repeating: "0", count: max(0, 8 - digits.count)))\(digits).log"
    }

    /// The numbers of the segments that are there, in order.
    func segments() throws(LedgerFailure) -> [Int] {
        guard let folder = opendir(path) else {
            throw .system(path: path, doing: "read", reason: ErrorNumber.last.text)
        }
        defer { closedir(folder) }
        var found: [Int] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasPrefix("journal-"), name.hasSuffix(".log"), let number = Int(name.dropFirst(8).dropLast(4)),
                path(ofSegment: number) == "\(path)/\(name)"
            else { continue }
            found.append(number)
        }
        return found.sorted()
    }

    /// Makes a segment for writing; there must be none with its number.
    func create(_ number: Int) throws(ErrorNumber) -> Int32 {
        let file = Glibc.open(path(ofSegment: number), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .last }
        return file
    }

    /// Opens a segment for reading, and for writing if it is to be continued.
    func open(_ number: Int, forWriting: Bool = false) throws(LedgerFailure) -> Int32 {
        let file = Glibc.open(path(ofSegment: number), (forWriting ? O_RDWR : O_RDONLY) | O_CLOEXEC)
        guard file >= 0 else {
            throw .system(path: path(ofSegment: number), doing: "opened", reason: ErrorNumber.last.text)
        }
        return file
    }

    func remove(_ number: Int) {
        unlink(path(ofSegment: number))
    }

    /// Renames a segment so that it is no part of the journal any longer, but can still be read by a person's hand.
    func setAside(_ number: Int, as word: String) throws(LedgerFailure) {
        let digits = path(ofSegment: number).split(separator: "-").last ?? ""
        guard rename(path(ofSegment: number), "\(path)/aside-\(word)-\(digits)") == 0 else {
            throw .system(path: path(ofSegment: number), doing: "set aside", reason: ErrorNumber.last.text)
        }
    }

    /// Brings new names and removals in the folder to the disk.
    func sync() throws(ErrorNumber) {
        let file = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw .last }
        defer { Glibc.close(file) }
        guard fsync(file) == 0 else { throw .last }
    }
}
