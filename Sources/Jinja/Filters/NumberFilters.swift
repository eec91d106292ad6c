extension Filter {
    /// Filters that make numbers.
    static let numberFilters: [String: Filter] = [
        "abs": abs, "count": length, "float": float, "int": int, "length": length, "round": round,
    ]

    private static let length = Filter { value, _ throws(TemplateError) in .int(try value.length()) }

    private static let abs = Filter { value, _ throws(TemplateError) in
        switch PythonNumber(value) {
        case .int(let number):
            guard let magnitude = Int(exactly: number.magnitude) else {
                throw .runtime(PythonArithmetic.overflowMessage)
            }
            return .int(magnitude)
        case .double(let number): return .double(number.magnitude)
        case nil: throw .runtime("`abs` cannot work on \(value.typeName)")
        }
    }

    private static let float = Filter(["default"]) { value, arguments throws(TemplateError) in
        if value.isUndefined { throw .runtime("an undefined value has no number") }
        if let number = PythonNumber(value) { return .double(number.double) }
        return value.text.flatMap { PythonFloat.read($0) }.map { .double($0) } ?? arguments[0] ?? .double(0)
    }

    private static let int = Filter(["default", "base"]) { value, arguments throws(TemplateError) in
        let fallback = arguments[0] ?? .int(0)
        if value.isUndefined { throw .runtime("an undefined value has no number") }
        switch PythonNumber(value) {
        case .int(let number): return .int(number)
        case .double(let number):
            if number.isNaN { return fallback }
            return .int(try whole(number))
        case nil:
            guard let text = value.text else { return fallback }
            let base = try arguments.int(1, or: 10, "base")
            if let number = try PythonInteger.read(text, base: base) { return .int(number) }
            guard let number = PythonFloat.read(text), number.isFinite else { return fallback }
            return .int(try whole(number))
        }
    }

    private static func whole(_ number: Double) throws(TemplateError) -> Int {
        guard let whole = Int(exactly: number.rounded(.towardZero)) else {
            throw .runtime(PythonArithmetic.overflowMessage)
        }
        return whole
    }

    private static let round = Filter(["precision", "method"]) { value, arguments throws(TemplateError) in
        let places = try arguments.int(0, or: 0, "precision")
        let method = try arguments.text(1, or: "common", "method")
        guard let number = PythonNumber(value) else { throw .runtime("`round` cannot work on \(value.typeName)") }
        switch (method, number) {
        case ("common", .int(let number)): return .int(try PythonInteger.round(number, places: places))
        case ("common", .double(let number)): return .double(PythonFloat.round(number, places: places))
        case ("ceil", _), ("floor", _):
            guard Swift.abs(places) <= 300 else { throw .runtime("`precision` lies between -300 and 300") }
            let scale = PythonFloat.power(10, Double(places))
            let rounded = (number.double * scale).rounded(method == "ceil" ? .up : .down)
            guard rounded.isFinite else { throw .runtime("this number cannot be rounded") }
            return .double(rounded / scale)
        default: throw .runtime("`method` is common, ceil or floor")
        }
    }
}

/// Integers as Python reads and rounds them.
enum PythonInteger {
    /// What `int(text, base)` reads, `nil` if it reads nothing; too large a number throws.
    static func read(_ text: String, base: Int) throws(TemplateError) -> Int? {
        guard base == 0 || (2...36).contains(base) else { return nil }
        var bytes = Array(PythonString.strip(text).lowercased().utf8)[...]
        var isNegative = false
        if let sign = bytes.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            bytes = bytes.dropFirst()
        }
        var radix = base
        for (letter, prefixed) in [(UInt8(ascii: "x"), 16), (UInt8(ascii: "o"), 8), (UInt8(ascii: "b"), 2)]
        where base == 0 || base == prefixed {
            guard bytes.count > 2, bytes.first == UInt8(ascii: "0"), bytes.dropFirst().first == letter else { continue }
            radix = prefixed
            bytes = bytes.dropFirst(2)
            if bytes.first == UInt8(ascii: "_") { bytes = bytes.dropFirst() }
            break
        }
        if radix == 0 {
            guard bytes.first != UInt8(ascii: "0") || bytes.allSatisfy({ $0 == UInt8(ascii: "0") }) else { return nil }
            radix = 10
        }
        return try read(bytes, radix: radix, isNegative: isNegative)
    }

    private static func read(
        _ bytes: ArraySlice<UInt8>, radix: Int, isNegative: Bool
    ) throws(TemplateError) -> Int? {
        var digits = isNegative ? "-" : ""
        var afterDigit = false
        for byte in bytes {
            if byte == UInt8(ascii: "_"), afterDigit {
                afterDigit = false
                continue
            }
            let value = byte < 0x3A ? Int(byte) - 0x30 : Int(byte) - 0x61 + 10
            guard value >= 0, value < radix, byte < 0x3A || byte >= 0x61 else { return nil }
            digits.unicodeScalars.append(Unicode.Scalar(byte))
            afterDigit = true
        }
        guard afterDigit else { return nil }
        guard let number = Int(digits, radix: radix) else { throw .runtime(PythonArithmetic.overflowMessage) }
        return number
    }

    /// `round(number, places)`: only negative places change an integer; ties go to even.
    static func round(_ number: Int, places: Int) throws(TemplateError) -> Int {
        guard places < 0 else { return number }
        guard places > -19 else { return 0 }
        var scale = 1
        for _ in 0..<(-places) { scale *= 10 }
        let remainder = number % scale
        let floor = remainder < 0 ? number - remainder - scale : number - remainder
        let above = remainder < 0 ? remainder + scale : remainder
        let isEven = floor / scale % 2 == 0
        guard above > scale - above || (above == scale - above && !isEven) else { return floor }
        let (result, overflow) = floor.addingReportingOverflow(scale)
        guard !overflow else { throw .runtime(PythonArithmetic.overflowMessage) }
        return result
    }
}
