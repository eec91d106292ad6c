import Domain
import Foundation
import Synchronization

/// A file of recorded calls, one JSON object a line.
///
/// Keeps where each recording lies and reads it when it is wanted.
///
/// With several recordings of one request, calls take them in the order of the file and begin again after the last.
/// Which of several equal calls under way at once gets which recording is decided by the order in which they ask.
final class RecordingFile: Sendable {
    private struct Place {
        var offset: Int
        var count: Int
    }

    let path: String
    private let descriptor: Int32
    private let places: [Place]
    private let byKey: [String: [Int]]
    /// How many calls each key has answered.
    private let taken = Mutex<[String: Int]>([:])

    /// A line longer than this is refused.
    static let maximumLineBytes = 128 << 20
    private static let pieceBytes = 1 << 20

    /// Opens a file and notes where its recordings lie.
    ///
    /// Empty lines are skipped; any other line must be a recording.
    init(path: String) throws(ProviderFailure) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            places = []
            byKey = [:]
            throw ProviderFailure(
                .misconfigured, "The recordings file \(path) cannot be read. Check the connection's `path`.")
        }
        var places: [Place] = []
        var byKey: [String: [Int]] = [:]
        var line: [UInt8] = []
        var lineStart = 0
        var number = 0
        let end = Self.size(of: descriptor)
        var offset = 0
        while offset < end {
            let piece = try Self.read(descriptor, at: offset, count: min(Self.pieceBytes, end - offset), path: path)
            var start = 0
            while let feed = piece[start...].firstIndex(of: 0x0A) {
                line.append(contentsOf: piece[start..<feed])
                number += 1
                try Self.note(line, at: lineStart, number: number, path: path, into: &places, &byKey)
                line.removeAll(keepingCapacity: true)
                start = feed + 1
                lineStart = offset + start
            }
            line.append(contentsOf: piece[start...])
            guard line.count <= Self.maximumLineBytes else {
                throw ProviderFailure(
                    .misconfigured, "\(path):\(number + 1): the line is longer than \(Self.maximumLineBytes >> 20) MiB."
                )
            }
            offset += piece.count
        }
        try Self.note(line, at: lineStart, number: number + 1, path: path, into: &places, &byKey)
        self.places = places
        self.byKey = byKey
    }

    deinit { close(descriptor) }

    /// The number of recordings.
    var count: Int { places.count }

    /// The recording that answers the next call with this key, or `nil` if there is none.
    func next(for key: Digest) throws(ProviderFailure) -> Recording? {
        guard let candidates = byKey[key.description] else { return nil }
        let turn =
            candidates.count == 1
            ? 0
            : taken.withLock { taken in
                defer { taken[key.description, default: 0] += 1 }
                return taken[key.description, default: 0]
            }
        return try recording(candidates[turn % candidates.count])
    }

    /// The recording at a position in the file.
    func recording(_ position: Int) throws(ProviderFailure) -> Recording {
        let place = places[position]
        let bytes = try Self.read(descriptor, at: place.offset, count: place.count, path: path)
        guard let value = try? JSONValue(parsing: bytes), let recording = Recording(line: value) else {
            throw ProviderFailure(.misconfigured, "The recordings file \(path) has changed while it was in use.")
        }
        return recording
    }

    private static func note(
        _ line: [UInt8], at offset: Int, number: Int, path: String, into places: inout [Place],
        _ byKey: inout [String: [Int]]
    ) throws(ProviderFailure) {
        guard line.contains(where: { $0 != 0x20 && $0 != 0x0D && $0 != 0x09 }) else { return }
        guard
            let key = leadingKey(of: line)
                ?? (try? JSONValue(parsing: line)).flatMap(Recording.init(line:))?.key.description
        else {
            throw ProviderFailure(
                .misconfigured, "\(path):\(number): the line is no recording. Make recordings with `pawang record`.")
        }
        byKey[key, default: []].append(places.count)
        places.append(Place(offset: offset, count: line.count))
    }

    /// The key of a line as we write it, found without reading the rest.
    private static func leadingKey(of line: [UInt8]) -> String? {
        let opening = Array("{\"key\":\"sha256:".utf8)
        guard line.starts(with: opening), line.last == UInt8(ascii: "}"), line.count > opening.count + 65 else {
            return nil
        }
        let digits = line[opening.count..<(opening.count + 64)]
        guard line[opening.count + 64] == UInt8(ascii: "\"") else { return nil }
        return "sha256:" + String(decoding: digits, as: UTF8.self)
    }

    private static func size(of descriptor: Int32) -> Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    private static func read(_ descriptor: Int32, at offset: Int, count: Int, path: String) throws(ProviderFailure)
        -> [UInt8]
    {
        var done = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            while done < count, let base = buffer.baseAddress {
                let got = pread(descriptor, base + done, count - done, off_t(offset + done))
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { break }
                done += got
            }
            initialized = done
        }
        guard done == count else {
            throw ProviderFailure(.misconfigured, "The recordings file \(path) cannot be read to its end.")
        }
        return bytes
    }
}
