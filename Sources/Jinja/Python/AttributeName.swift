/// The name after a dot, with the types of which Python has an attribute of that name.
struct AttributeName: Sendable {
    struct Owners: OptionSet, Sendable {
        let rawValue: Int
        static let map = Owners(rawValue: 1)
        static let string = Owners(rawValue: 2)
        static let list = Owners(rawValue: 4)
        static let tuple = Owners(rawValue: 8)
        static let int = Owners(rawValue: 16)
        static let double = Owners(rawValue: 32)
        static let range = Owners(rawValue: 64)

        init(rawValue: Int) {
            self.rawValue = rawValue
        }

        /// The owner a value counts as, if its type has attributes worth knowing.
        init?(of value: TemplateValue) {
            switch value {
            case .map: self = .map
            case .string, .markup: self = .string
            case .list: self = .list
            case .tuple: self = .tuple
            case .int, .bool: self = .int
            case .double: self = .double
            case .view(let view):
                switch view.kind {
                case .range: self = .range
                case .lines: self = .list
                default: return nil
                }
            case .undefined, .none: return nil
            }
        }
    }

    let text: String
    let owners: Owners

    init(_ text: String) {
        self.text = text
        owners = Self.owners.reduce(into: []) { found, entry in
            if entry.names.contains(text) { found.insert(entry.owner) }
        }
    }

    private static let owners: [(owner: Owners, names: Set<String>)] = [
        (
            .map,
            [
                "clear", "copy", "fromkeys", "get", "items", "keys", "pop", "popitem", "setdefault", "update", "values",
            ]
        ),
        (
            .string,
            [
                "capitalize", "casefold", "center", "count", "encode", "endswith", "expandtabs", "find", "format",
                "format_map", "index", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier",
                "islower", "isnumeric", "isprintable", "isspace", "istitle", "isupper", "join", "ljust", "lower",
                "lstrip", "maketrans", "partition", "removeprefix", "removesuffix", "replace", "rfind", "rindex",
                "rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "swapcase",
                "title", "translate", "upper", "zfill",
            ]
        ),
        (
            .list,
            [
                "append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse", "sort",
            ]
        ),
        (.tuple, ["count", "index"]),
        (
            .int,
            [
                "as_integer_ratio", "bit_count", "bit_length", "conjugate", "denominator", "from_bytes", "imag",
                "numerator", "real", "to_bytes",
            ]
        ),
        (.double, ["as_integer_ratio", "conjugate", "fromhex", "hex", "imag", "is_integer", "real"]),
        (.range, ["count", "index", "start", "step", "stop"]),
    ]
}
