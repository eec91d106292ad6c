/// A text as an array of Unicode scalar values: the form in which all metrics here read it.
///
/// The references count Python characters, which are scalars; Swift's `Character` is a grapheme cluster and would count
/// differently.
package struct ScalarText: Sendable {
    package let scalars: [UInt32]
    package let isASCII: Bool

    /// Decodes a text once.
    package init(_ text: String) {
        var copy = text
        (scalars, isASCII) = copy.withUTF8(Self.decode)
    }

    private static func decode(_ bytes: UnsafeBufferPointer<UInt8>) -> ([UInt32], Bool) {
        var isASCII = true
        let scalars = [UInt32](unsafeUninitializedCapacity: bytes.count) { target, count in
            var index = 0
            while index < bytes.count {
                let first = UInt32(bytes[index])
                let length = first < 0x80 ? 1 : (first < 0xE0 ? 2 : (first < 0xF0 ? 3 : 4))
                if length == 1 {
                    target[count] = first
                } else {
                    // A String is always well formed UTF-8, so the continuation bytes are there.
                    isASCII = false
                    var value = first & (0xFF >> UInt32(length + 1))
                    for offset in 1..<length { value = value << 6 | UInt32(bytes[index + offset] & 0x3F) }
                    target[count] = value
                }
                count += 1
                index += length
            }
        }
        return (scalars, isASCII)
    }

    /// `text[range]` back as a `String`.
    static func string(_ scalars: some Sequence<UInt32>) -> String {
        var view = String.UnicodeScalarView()
        for value in scalars { if let scalar = Unicode.Scalar(value) { view.append(scalar) } }
        return String(view)
    }
}

extension [UInt32] {
    /// The array without white space at its end, as `str.rstrip()` leaves it.
    var withoutTrailingSpace: ArraySlice<UInt32> {
        var end = count
        while end > 0, PythonCharacter.isSpace(self[end - 1]) { end -= 1 }
        return self[..<end]
    }

    /// The array without white space at both ends, as `str.strip()` leaves it.
    var withoutOuterSpace: ArraySlice<UInt32> {
        let trimmed = withoutTrailingSpace
        return trimmed.drop(while: PythonCharacter.isSpace)
    }

    /// The array with every occurrence of `pattern` replaced, left to right.
    func replacing(_ pattern: [UInt32], with replacement: [UInt32]) -> [UInt32] {
        guard let first = pattern.first, count >= pattern.count else { return self }
        var result: [UInt32] = []
        result.reserveCapacity(count)
        var index = 0
        while index < count {
            if self[index] == first, starts(with: pattern, at: index) {
                result.append(contentsOf: replacement)
                index += pattern.count
            } else {
                result.append(self[index])
                index += 1
            }
        }
        return result
    }

    /// Whether `pattern` stands at `index`.
    func starts(with pattern: [UInt32], at index: Int) -> Bool {
        guard index + pattern.count <= count else { return false }
        for offset in pattern.indices where self[index + offset] != pattern[offset] { return false }
        return true
    }
}

extension StaticString {
    /// The scalars of a constant.
    var scalarValues: [UInt32] { withUTF8Buffer { ScalarText(String(decoding: $0, as: UTF8.self)).scalars } }
}
