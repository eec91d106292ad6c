/// `str.lower()` of Python, which differs from a lowercase mapping by character in the final sigma.
enum PythonLowercase {
    /// Appends the lower-case form of `source` to `target`.
    static func append(_ source: ArraySlice<UInt32>, to target: inout [UInt32]) {
        target.reserveCapacity(target.count + source.count)
        for index in source.indices {
            let scalar = source[index]
            if scalar < 0x80 {
                target.append(scalar >= 0x41 && scalar <= 0x5A ? scalar | 0x20 : scalar)
            } else {
                appendWide(scalar, at: index, of: source, to: &target)
            }
        }
    }

    /// The lower-case form of `source`.
    static func lowercased(_ source: [UInt32]) -> [UInt32] {
        var result: [UInt32] = []
        append(source[...], to: &result)
        return result
    }

    private static func appendWide(
        _ value: UInt32, at index: Int, of source: ArraySlice<UInt32>, to target: inout [UInt32]
    ) {
        if value == 0x3A3 {
            target.append(isFinalSigma(at: index, of: source) ? 0x3C2 : 0x3C3)
            return
        }
        guard let scalar = Unicode.Scalar(value), scalar.properties.changesWhenLowercased else {
            target.append(value)
            return
        }
        for mapped in scalar.properties.lowercaseMapping.unicodeScalars { target.append(mapped.value) }
    }

    /// A sigma ends a word when a cased letter stands before it and none after it, case-ignorable characters aside.
    private static func isFinalSigma(at index: Int, of source: ArraySlice<UInt32>) -> Bool {
        let before = source[source.startIndex..<index].last { !isCaseIgnorable($0) }
        guard let before, isCased(before) else { return false }
        let after = source[(index + 1)...].first { !isCaseIgnorable($0) }
        guard let after else { return true }
        return !isCased(after)
    }

    private static func isCaseIgnorable(_ value: UInt32) -> Bool {
        Unicode.Scalar(value)?.properties.isCaseIgnorable ?? false
    }

    private static func isCased(_ value: UInt32) -> Bool { Unicode.Scalar(value)?.properties.isCased ?? false }
}
