package import Domain

/// What a dataset looks like, column by column, gathered in one pass and bounded memory.
package struct DatasetStatistics: Sendable {
    /// One column.
    package struct Column: Sendable {
        package let name: String
        /// How many values of each kind there are, by the kind's word, such as `string` or `null`.
        package fileprivate(set) var kinds: [String: Int] = [:]
        /// Rows without this column, or with `null` in it.
        package fileprivate(set) var missing = 0
        /// How many different values there are; at most ``DatasetStatistics/uniqueLimit``.
        package var unique: Int { values.count }
        /// Whether there are at least so many different values, but counting stopped.
        package fileprivate(set) var uniqueIsBound = false
        /// The smallest number among the numeric values.
        package fileprivate(set) var minimum: Double?
        /// The largest number among the numeric values.
        package fileprivate(set) var maximum: Double?
        /// Lengths of the texts, in Unicode scalars.
        package fileprivate(set) var lengths = LengthHistogram()
        fileprivate var values: Set<Int> = []
    }

    /// Different values are counted up to here.
    package static let uniqueLimit = 100_000

    package private(set) var rows = 0
    /// The columns in order of their first appearance.
    package private(set) var columns: [Column] = []
    private var positions: [String: Int] = [:]

    package init() {}

    /// Describes a whole dataset.
    package init(of dataset: Dataset) throws {
        var rows = dataset.rows()
        while let row = try rows.next() { add(row.values) }
    }

    /// Takes in one row.
    package mutating func add(_ row: JSONObject) {
        for (name, value) in row {
            let place: Int
            if let known = positions[name] {
                place = known
            } else {
                place = columns.count
                positions[name] = place
                columns.append(Column(name: name, missing: rows))
            }
            columns[place].add(value)
        }
        rows += 1
        if row.count < columns.count {
            for place in columns.indices where !row.contains(columns[place].name) { columns[place].missing += 1 }
        }
    }

    /// The description as one JSON object, for `--json`.
    package var json: JSONValue {
        let columns: [JSONValue] = columns.map { column in
            var object: JSONObject = ["name": .string(column.name)]
            object["kinds"] = .object(
                JSONObject(column.kinds.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) }))
            object["missing"] = .int(column.missing)
            object["unique"] = .int(column.unique)
            if column.uniqueIsBound { object["unique_is_lower_bound"] = true }
            if let minimum = column.minimum, let maximum = column.maximum {
                object["minimum"] = .double(minimum)
                object["maximum"] = .double(maximum)
            }
            if column.lengths.count > 0 {
                let shares = [("min", 0), ("p25", 0.25), ("p50", 0.5), ("p75", 0.75), ("p95", 0.95), ("max", 1)]
                object["length"] = .object(
                    JSONObject(shares.map { ($0.0, column.lengths.quantile($0.1).map { .double($0) } ?? .null) }))
            }
            return .object(object)
        }
        return ["rows": .int(rows), "columns": .array(columns)]
    }
}

extension DatasetStatistics.Column {
    fileprivate init(name: String, missing: Int) {
        self.name = name
        self.missing = missing
    }

    fileprivate mutating func add(_ value: JSONValue) {
        kinds[value.kindName, default: 0] += 1
        if value.isNull { missing += 1 }
        if case .string(let text) = value { lengths.add(text.unicodeScalars.count) }
        if let number = value.double, number.isFinite {
            minimum = Swift.min(minimum ?? number, number)
            maximum = Swift.max(maximum ?? number, number)
        }
        if values.count < DatasetStatistics.uniqueLimit {
            if !value.isNull { values.insert(value.hashValue) }
        } else if !values.contains(value.hashValue) {
            uniqueIsBound = true
        }
    }
}

/// How often each length occurs.
///
/// Lengths above 65,536 are rounded to three digits, which bounds the memory.
package struct LengthHistogram: Sendable {
    package private(set) var count = 0
    private var counts: [Int: Int] = [:]

    package init() {}

    mutating func add(_ length: Int) {
        count += 1
        counts[Self.rounded(length), default: 0] += 1
    }

    private static func rounded(_ length: Int) -> Int {
        var unit = 1
        while length / unit >= 65_536 { unit *= 10 }
        guard unit > 1 else { return length }
        unit *= 10
        return (length + unit / 2) / unit * unit
    }

    /// The quantile by linear interpolation, as ``Quantile``, or `nil` if nothing was added.
    package func quantile(_ share: Double) -> Double? {
        guard count > 0 else { return nil }
        let position = Swift.min(Swift.max(share, 0), 1) * Double(count - 1)
        let low = Int(position)
        var seen = 0
        var first: Int?
        for (length, times) in counts.sorted(by: { $0.key < $1.key }) {
            seen += times
            if first == nil, seen > low { first = length }
            if let first, seen > low + 1 || seen == count {
                return Double(first) + Double(length - first) * (position - Double(low))
            }
        }
        return nil
    }
}
