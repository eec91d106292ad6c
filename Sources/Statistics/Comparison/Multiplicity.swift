/// Adjusts p-values of one family of tests: with ten variants, one in ten looks good by chance at p = 0.1.
///
/// Each function returns adjusted values in the order given, at most 1. Equal statsmodels `multipletests`.
package enum Multiplicity {
    /// Holm: max_{j≤i}(m−j+1)·p_(j).
    ///
    /// Keeps the chance of even one false finding below α, under any dependence.
    package static func holm(_ pValues: [Double]) throws -> [Double] {
        let order = try ascending(pValues)
        var adjusted = pValues
        var highest = 0.0
        for (position, index) in order.enumerated() {
            highest = max(highest, Double(pValues.count - position) * pValues[index])
            adjusted[index] = min(1, highest)
        }
        return adjusted
    }

    /// Benjamini–Hochberg: min_{j≥i} m·p_(j)/j.
    ///
    /// Keeps the expected share of false findings below α (independent tests).
    package static func benjaminiHochberg(_ pValues: [Double]) throws -> [Double] {
        try stepUp(pValues, factor: 1)
    }

    /// Benjamini–Yekutieli: the same times Σ1/j, valid under any dependence.
    package static func benjaminiYekutieli(_ pValues: [Double]) throws -> [Double] {
        try stepUp(pValues, factor: pValues.indices.reduce(0.0) { $0 + 1 / Double($1 + 1) })
    }

    private static func stepUp(_ pValues: [Double], factor: Double) throws -> [Double] {
        let order = try ascending(pValues)
        var adjusted = pValues
        var lowest = 1.0
        for (position, index) in order.enumerated().reversed() {
            lowest = min(lowest, factor * Double(pValues.count) * pValues[index] / Double(position + 1))
            adjusted[index] = lowest
        }
        return adjusted
    }

    private static func ascending(_ pValues: [Double]) throws -> [Int] {
        for value in pValues where !(value >= 0 && value <= 1) {
            throw StatisticsError.outOfRange(parameter: "pValue", value: value)
        }
        return pValues.indices.sorted { pValues[$0] < pValues[$1] }
    }
}
