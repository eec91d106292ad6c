import Domain

/// All keys at one moment, for finding and checking the one that a client presents.
///
/// A value that is never changed: a new one takes its place when a key was made or revoked, and nothing that was
/// verified with the old one is kept.
package struct KeyTable: Sendable {
    private struct Entry {
        var hash: KeyHash
        var record: KeyRecord
    }

    private let entries: [UInt64: Entry]
    /// What an unknown id is compared with, so that it takes as long as a known one.
    private let nobody: KeyHash

    /// The ids of records that are not in the table because their id or hash is malformed: the store was tampered with.
    package let malformed: [String]

    package init(_ keys: [KeyRecord]) {
        var entries: [UInt64: Entry] = [:]
        var malformed: [String] = []
        for record in keys {
            let number = Array(record.id.utf8).withUnsafeBufferPointer { KeyText.number(ofID: $0[...]) }
            if let number, let hash = KeyHash(hexadecimal: record.hash) {
                entries[number] = Entry(hash: hash, record: record)
            } else {
                malformed.append(record.id)
            }
        }
        self.entries = entries
        self.malformed = malformed
        nobody = [UInt8]().withUnsafeBytes { KeyHash(of: $0) }
    }

    package var count: Int { entries.count }

    /// The record of a presented key, if it is one that may be used at `nanoseconds` since 1970.
    ///
    /// The refusal is the same whether the id, the secret or the form is wrong; only who has the whole key learns that it
    /// was revoked or has expired.
    package func verify(
        _ presented: some Collection<UInt8>, at nanoseconds: Int
    ) -> Result<KeyRecord, GatewayFailure> {
        if let result = presented.withContiguousStorageIfAvailable({ verify(bytes: $0, at: nanoseconds) }) {
            return result
        }
        // What is longer than any key is not copied.
        return Array(presented.prefix(KeyText.length + 1)).withUnsafeBufferPointer {
            verify(bytes: $0, at: nanoseconds)
        }
    }

    private func verify(bytes: UnsafeBufferPointer<UInt8>, at nanoseconds: Int) -> Result<KeyRecord, GatewayFailure> {
        guard let number = KeyText.number(ofKey: bytes) else { return .failure(Self.invalid) }
        let hash = KeyHash(of: UnsafeRawBufferPointer(bytes))
        let entry = entries[number]
        guard hash.isEqual(to: entry?.hash ?? nobody), let entry else { return .failure(Self.invalid) }
        if let revoked = entry.record.revoked, revoked <= nanoseconds {
            return .failure(
                GatewayFailure(.invalidKey, "This API key was revoked. Ask for a new one.", shouldRetry: false))
        }
        if let expires = entry.record.expires, expires <= nanoseconds {
            return .failure(
                GatewayFailure(.invalidKey, "This API key has expired. Ask for a new one.", shouldRetry: false))
        }
        return .success(entry.record)
    }

    /// What somebody without a valid key is told.
    package static let invalid = GatewayFailure(
        .invalidKey,
        "The API key is missing or not valid. Send one made by `pawang key create` as `authorization: Bearer`, `x-api-key` or `api-key`.",
        shouldRetry: false)
}

extension KeyRecord {
    /// Whether the key may use a model, by the name that clients ask for.
    package func allows(model: String) -> Bool {
        guard !models.isEmpty else { return true }
        return models.contains { pattern in
            pattern.utf8.last == UInt8(ascii: "*")
                ? model.utf8.starts(with: pattern.utf8.dropLast()) : pattern.utf8.elementsEqual(model.utf8)
        }
    }
}
