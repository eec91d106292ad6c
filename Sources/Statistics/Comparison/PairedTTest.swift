/// The paired t test of a mean difference of zero.
///
/// Plain: SE = sd(d)/√n with n−1 degrees of freedom (scipy `ttest_rel`). Clustered: the cluster-robust error of
/// ``ClusteredMean`` with C−1.
package struct PairedTTest: Sendable, Equatable {
    /// The mean difference.
    package let difference: Double
    /// Its standard error.
    package let standardError: Double
    /// n−1, or C−1 with clusters.
    package let degreesOfFreedom: Int
    /// difference / standard error; 0 when both are 0, infinite when only the error is.
    package let statistic: Double
    /// The two-sided p-value.
    package let pValue: Double

    /// Tests the differences, or is `nil` for fewer than two values (clusters).
    ///
    /// Throws for an empty list, a value that is not finite, or lists of different lengths.
    package init?(differences: [Double], clusters: Clusters? = nil) throws {
        let mean: Double
        let error: Double?
        let units: Int
        if let clusters {
            let clustered = try ClusteredMean(differences, clusters: clusters)
            (mean, error, units) = (clustered.mean, clustered.standardError, clustered.clusterCount)
        } else {
            let description = try Description(differences)
            (mean, error, units) = (description.mean, description.standardError, description.count)
        }
        guard let error else { return nil }
        difference = mean
        standardError = error
        degreesOfFreedom = units - 1
        statistic = error > 0 ? mean / error : (mean == 0 ? 0 : mean * .infinity)
        pValue = StudentT(degreesOfFreedom: Double(units - 1)).twoSided(statistic)
    }

    /// difference ± t·SE.
    package func interval(confidence: Double = 0.95) throws -> ConfidenceInterval {
        try requireOpenUnit(confidence, "confidence")
        return .student(
            difference, standardError: standardError, degreesOfFreedom: degreesOfFreedom, confidence: confidence)
    }
}
