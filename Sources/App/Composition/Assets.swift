import CAssets
import Foundation

/// The files that the binary carries, by their path below `Sources/CAssets`.
enum Assets {
    /// The bytes of a file.
    ///
    /// Its absence is a programmer's mistake, which the tidy test finds.
    static func bytes(_ path: String) -> [UInt8] {
        for asset in UnsafeBufferPointer(start: pawang_first_asset(), count: pawang_asset_count)
        where String(cString: asset.path) == path {
            return Array(UnsafeBufferPointer(start: asset.bytes, count: asset.count))
        }
        preconditionFailure("no asset \(path)")
    }

    /// The text of a file.
    static func text(_ path: String) -> String { String(decoding: bytes(path), as: UTF8.self) }

    /// The texts of all files below a folder, by their path in it.
    static func texts(below folder: String) -> [String: String] {
        var texts: [String: String] = [:]
        for asset in UnsafeBufferPointer(start: pawang_first_asset(), count: pawang_asset_count) {
            let path = String(cString: asset.path)
            guard path.hasPrefix(folder + "/") else { continue }
            texts[String(path.dropFirst(folder.count + 1))] = String(
                decoding: UnsafeBufferPointer(start: asset.bytes, count: asset.count), as: UTF8.self)
        }
        return texts
    }
}
