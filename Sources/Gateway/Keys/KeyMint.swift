package import Domain

/// Makes keys.
package enum KeyMint {
    /// A new key, shown once, with the record that is kept of it.
    ///
    /// `record` holds what the key may do; its id and hash are set here.
    package static func make(_ record: KeyRecord) -> (key: Secret, record: KeyRecord) {
        var generator = SystemRandomNumberGenerator()
        return make(record, using: &generator)
    }

    /// The same with another source of chance.
    static func make(
        _ record: KeyRecord, using generator: inout some RandomNumberGenerator
    ) -> (key: Secret, record: KeyRecord) {
        var key = KeyText.prefix
        for _ in 0..<KeyText.idLength { key.append(digit(&generator)) }
        let id = String(decoding: key.dropFirst(KeyText.prefix.count), as: UTF8.self)
        key.append(UInt8(ascii: "_"))
        for _ in 0..<KeyText.secretLength { key.append(digit(&generator)) }
        var record = record
        record.id = id
        record.hash = key.withUnsafeBytes { KeyHash(of: $0).hexadecimal }
        return (Secret(String(decoding: key, as: UTF8.self)), record)
    }

    private static func digit(_ generator: inout some RandomNumberGenerator) -> UInt8 {
        let number: UInt8 = generator.next()
        return KeyText.digits[Int(number & 31)]
    }
}
