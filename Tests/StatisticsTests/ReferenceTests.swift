import Foundation
import Testing

@testable import Statistics

@Suite("Every statistic equals its reference package")
struct ReferenceTests {
    /// One line of `Reference/reference.py`.
    private struct Case: Decodable {
        let name: String
        let inputs: [[Double?]]
        let expected: [Double?]
        let relative: Bool
    }

    @Test("scipy, statsmodels, scikit-learn, krippendorff and ppi-python give the same numbers to nine digits")
    func equalsReferences() throws {
        let lines = try ReferenceProcess.run(script: "reference.py").split(separator: UInt8(ascii: "\n"))
        let decoder = JSONDecoder()
        var failures: [String] = []
        var seen: [String: Int] = [:]
        var compared = 0
        for line in lines {
            let reference = try decoder.decode(Case.self, from: Data(line))
            let statistic = try #require(
                ReferenceStatistics.all[reference.name], "no statistic is named \(reference.name)")
            seen[reference.name, default: 0] += 1
            let ours = try statistic(reference.inputs.map { $0.map { $0 ?? .nan } })
            compared += ours.count
            guard ours.count == reference.expected.count else {
                failures.append("\(reference.name): \(ours.count) results, not \(reference.expected.count)")
                continue
            }
            for (position, pair) in zip(ours, reference.expected).enumerated()
            where !Self.agree(pair.0, pair.1, relative: reference.relative) {
                let expected = pair.1.map { "\($0)" } ?? "undefined"
                failures.append(
                    "\(reference.name)[\(position)]: \(pair.0.map { "\($0)" } ?? "undefined"), not \(expected); "
                        + "inputs \(reference.inputs.map { $0.prefix(8).map { $0 ?? .nan } })")
            }
        }
        #expect(
            failures.isEmpty, "\(failures.count) differ, for example\n\(failures.prefix(25).joined(separator: "\n"))")
        #expect(Set(seen.keys) == Set(ReferenceStatistics.all.keys), "each statistic must have cases")
        #expect(lines.count > 5_000)
        #expect(compared > 40_000)
    }

    /// |Δ| ≤ 1e-9 (scaled above 1), and for tails also nine digits of the value itself.
    private static func agree(_ ours: Double?, _ reference: Double?, relative: Bool) -> Bool {
        guard let ours, ours.isFinite || ours.isInfinite, let reference else {
            return (ours?.isNaN ?? true) && reference == nil
        }
        // JSON has no infinity; the script writes ±1e308.
        if abs(reference) >= 1e308 { return ours == (reference > 0 ? .infinity : -.infinity) || ours == reference }
        let distance = abs(ours - reference)
        guard distance <= 1e-9 * max(1, abs(reference)) else { return false }
        // Below 1e-250 the reference itself loses digits: scipy's `binom.cdf` is 0 where 2e-281 is right.
        return !relative || abs(reference) < 1e-250 || distance <= 1e-9 * abs(reference)
    }
}
