/// Names of members that do not survive a translation.
///
/// Each name once, in the order they were met. Names come from clients, so they are bounded and safe in a header.
struct Losses {
    private(set) var names: [String] = []

    static let maximumCount = 32
    private static let maximumLength = 64

    /// Adds a name; one that is not fit for a header is called `unknown`.
    mutating func add(_ name: String) {
        let name = Self.isSafe(name) ? name : "unknown"
        guard names.count < Self.maximumCount, !names.contains(name) else { return }
        names.append(name)
    }

    private static func isSafe(_ name: String) -> Bool {
        guard !name.isEmpty, name.utf8.count <= maximumLength else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
    }
}
