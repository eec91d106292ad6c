/// Sample quantiles, by linear interpolation between the two nearest order statistics (`numpy.quantile`, `linear`).
package enum Quantile {
    /// The `share` quantile of the values.
    ///
    /// Throws for an empty list, a value that is not finite, or a share outside [0, 1].
    package static func of(_ values: [Double], _ share: Double) throws -> Double {
        try of(values, [share])[0]
    }

    /// Several quantiles with one sort, in the order asked.
    package static func of(_ values: [Double], _ shares: [Double]) throws -> [Double] {
        try requireFinite(values)
        for share in shares where !(share >= 0 && share <= 1) {
            throw StatisticsError.outOfRange(parameter: "share", value: share)
        }
        let sorted = values.sorted()
        return shares.map { ofSorted(sorted, $0) }
    }

    /// The middle value.
    package static func median(_ values: [Double]) throws -> Double { try of(values, 0.5) }

    /// The quantile of values that are sorted, not empty and finite.
    static func ofSorted(_ sorted: [Double], _ share: Double) -> Double {
        let position = share * Double(sorted.count - 1)
        let index = min(max(0, Int(position)), sorted.count - 1)
        let low = sorted[index]
        let high = sorted[min(index + 1, sorted.count - 1)]
        let weight = position - Double(index)
        // From the nearer end, so that equal neighbours and weight 1 give exactly the neighbour.
        return weight < 0.5 ? low + (high - low) * weight : high - (high - low) * (1 - weight)
    }
}
