/// Why a statistic could not be computed from what was given.
///
/// Degenerate but valid data (one value, all equal) is never an error: each function says what it returns then.
package enum StatisticsError: Error, Equatable, Sendable {
    /// There was nothing to compute from; `needed` values are the least that would do.
    case tooFewValues(needed: Int, got: Int)
    /// The value at this position (counted from 0) is NaN or infinite.
    case notFinite(index: Int)
    /// Two lists that must be aligned have different lengths.
    case lengthMismatch(Int, Int)
    /// A parameter is outside the range the formula is defined for.
    case outOfRange(parameter: String, value: Double)

    /// What is wrong, for a person.
    package var message: String {
        switch self {
        case .tooFewValues(let needed, let got):
            "At least \(needed) values are needed, but there are \(got)."
        case .notFinite(let index):
            "The value at position \(index) is not a finite number."
        case .lengthMismatch(let first, let second):
            "The two lists must be aligned, but one has \(first) values and the other \(second)."
        case .outOfRange(let parameter, let value):
            "`\(parameter)` is \(value), which is outside its range."
        }
    }
}

/// Throws unless there are at least `count` values and every one is finite.
func requireFinite(_ values: [Double], atLeast count: Int = 1) throws {
    guard values.count >= count else { throw StatisticsError.tooFewValues(needed: count, got: values.count) }
    for (index, value) in values.enumerated() where !value.isFinite { throw StatisticsError.notFinite(index: index) }
}

/// Throws unless both lists have the same length, at least `count` values, and only finite ones.
func requireAligned(_ first: [Double], _ second: [Double], atLeast count: Int = 1) throws {
    guard first.count == second.count else { throw StatisticsError.lengthMismatch(first.count, second.count) }
    try requireFinite(first, atLeast: count)
    try requireFinite(second, atLeast: count)
}

/// Throws unless `value` lies strictly between 0 and 1, as confidence levels and error rates must.
func requireOpenUnit(_ value: Double, _ parameter: String) throws {
    guard value > 0, value < 1 else { throw StatisticsError.outOfRange(parameter: parameter, value: value) }
}
