/// Wilcoxon's signed-rank test that paired differences are symmetric around zero.
///
/// Equals scipy 1.17 `wilcoxon(zero_method="wilcox", correction=False, method="auto")`, two-sided: exact up to 50
/// differences without ties and zeros, the exact permutation distribution up to 13 with them, normal otherwise.
package struct Wilcoxon: Sendable, Equatable {
    /// How the p-value was computed.
    package enum Method: Sendable, Equatable {
        /// From the distribution of the statistic for distinct ranks.
        case exact
        /// From all sign assignments of the observed, tied ranks.
        case exactWithTies
        /// From the normal approximation with tie correction.
        case asymptotic
    }

    /// The smaller of the two rank sums.
    package let statistic: Double
    /// The two-sided p-value; 1 when every difference is zero.
    package let pValue: Double
    /// How the p-value was computed.
    package let method: Method

    /// Tests the differences.
    ///
    /// Throws for an empty list or a value that is not finite.
    package init(differences: [Double]) throws {
        try requireFinite(differences)
        let nonzero = differences.filter { $0 != 0 }
        let ranks = Ranks(nonzero.map(abs))
        var positive = 0.0
        for (difference, rank) in zip(nonzero, ranks.values) where difference > 0 { positive += rank }
        let count = Double(nonzero.count)
        let total = count * (count + 1) / 2
        statistic = min(positive, total - positive)
        let irregular = ranks.hasTies || nonzero.count < differences.count
        if differences.count <= 50, !irregular {
            method = .exact
            pValue = Self.exact(ranks.values, positive)
        } else if differences.count <= 13 {
            method = .exactWithTies
            pValue = Self.exact(ranks.values, positive)
        } else {
            method = .asymptotic
            let variance = (count * (count + 1) * (2 * count + 1) - ranks.tieTerm / 2) / 24
            let z = variance > 0 ? (positive - total / 2) / variance.squareRoot() : 0
            pValue = min(1, 2 * Normal.survival(abs(z)))
        }
    }

    /// 2·min(P(R⁺ ≤ r), P(R⁺ ≥ r)) over all equally likely signs.
    ///
    /// Averaged ranks are multiples of ½, so the doubled ranks are whole and the distribution is a subset-sum table.
    private static func exact(_ ranks: [Double], _ positive: Double) -> Double {
        let doubled = ranks.map { Int($0 * 2) }
        var probabilities = [Double](repeating: 0, count: doubled.reduce(0, +) + 1)
        probabilities[0] = 1
        var reach = 0
        for rank in doubled {
            reach += rank
            for sum in stride(from: reach, through: 0, by: -1) {
                let flipped = sum >= rank ? probabilities[sum - rank] : 0
                probabilities[sum] = (probabilities[sum] + flipped) / 2
            }
        }
        let observed = Int(positive * 2)
        let lower = Array(probabilities[...observed]).sum
        let upper = Array(probabilities[observed...]).sum
        return min(1, 2 * min(lower, upper))
    }
}
