import Domain
import Gateway
import Testing

@testable import App

@Suite("Values of keys on the command line")
struct KeyValuesTests {
    private static let now = 1_795_392_000_000_000_000

    @Test("Money is exact to the nano-dollar")
    func budgets() throws {
        #expect(
            try KeyValues.budgets(["10/day", "0.000000001/hour,1234.5/month"]) == [
                KeyBudget(window: .day, limitNanoUSD: 10_000_000_000), KeyBudget(window: .hour, limitNanoUSD: 1),
                KeyBudget(window: .month, limitNanoUSD: 1_234_500_000_000),
            ])
        for wrong in [
            "10", "/day", "1/week", "-1/day", "0/day", "1e3/day", "1.0000000001/day", "99999999999/day", "1/day/x",
        ] {
            #expect(throws: PlainFailure.self, "\(wrong)") { try KeyValues.budget(wrong) }
        }
        #expect(throws: PlainFailure.self) { try KeyValues.budgets(["1/day", "2/day"]) }
    }

    @Test("A key ends after a time, at the end of a day, or at a moment")
    func expiry() throws {
        #expect(try KeyValues.expiry("30d", now: Self.now) == Self.now + 30 * 86_400_000_000_000)
        #expect(try KeyValues.expiry("2026-12-31", now: Self.now) == 1_798_761_600_000_000_000)
        #expect(try KeyValues.expiry("2026-12-31T12:00:00Z", now: Self.now) == 1_798_718_400_000_000_000)
        for wrong in ["", "soon", "30", "0s", "2020-01-01", "2026-13-01", "9999-01-01", "200000d"] {
            #expect(throws: PlainFailure.self, "\(wrong)") { try KeyValues.expiry(wrong, now: Self.now) }
        }
    }

    @Test("Only team, service and use case can be left to clients")
    func delegates() throws {
        #expect(try KeyValues.delegates(["team,use-case", "service"]) == [.team, .useCase, .service])
        for wrong in ["key", "global", "", "team,,service"] {
            #expect(throws: PlainFailure.self, "\(wrong)") { try KeyValues.delegates([wrong]) }
        }
    }

    @Test("Names have no control characters and end somewhere")
    func names() throws {
        #expect(try KeyValues.name("paiements é", "--team") == "paiements é")
        #expect(try KeyValues.name(nil, "--team") == nil)
        for wrong in ["", "a\nb", "a\u{0}", String(repeating: "x", count: 201)] {
            #expect(throws: PlainFailure.self) { try KeyValues.name(wrong, "--team") }
        }
    }
}
