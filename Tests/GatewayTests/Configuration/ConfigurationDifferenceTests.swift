import Domain
import Testing

@testable import Gateway

@Suite("Differences of configurations")
struct ConfigurationDifferenceTests {
    private func sentences(_ old: String, _ new: String) throws -> [String] {
        let readings = try [old, new].map { try ConfigurationReading(yaml: $0).checked() }
        return ConfigurationDifference(from: readings[0], to: readings[1]).sentences
    }

    private static let base = """
        models:
          a: {targets: [{connection: openai}, {connection: claude}]}
          b: {targets: [{connection: claude}]}
        budgets: [{scope: team, name: x, per: day, limit: 5 USD}]
        """

    @Test("Nothing differs from itself")
    func same() throws {
        #expect(try sentences(Self.base, Self.base) == [])
        #expect(try sentences(ConfigurationReadingTests.full, ConfigurationReadingTests.full) == [])
    }

    @Test("Models, targets and budgets that come and go are named")
    func comingAndGoing() throws {
        let new = """
            models:
              a: {targets: [{connection: openai}, {connection: azure}]}
              c: {targets: [{connection: claude, id: only}]}
            budgets: [{scope: global, per: day, limit: 0.5 USD}]
            """
        #expect(
            try sentences(Self.base, new) == [
                "model `c` is added, with `only`", "model `b` is removed", "model `a`: target `azure/a` is added",
                "model `a`: target `claude/a` is removed", "budget of all calls, per day, is added: 0.5 USD",
                "budget of team x, per day, is removed",
            ])
    }

    @Test("Values that change are named with both")
    func values() throws {
        let new = """
            gateway: {deadline: 5m, listen: 127.0.0.1:9000}
            models:
              a:
                targets: [{connection: claude, weight: 2, when: {team: [x, y], input_tokens: {max: 9}}}, {connection: openai, timeouts: {first_token: 9s}}]
                fallback: [b]
                retries: {attempts: 4}
                cache: {}
                on_disconnect: drain
              b: {targets: [{connection: claude}]}
            budgets: [{scope: team, name: x, per: day, limit: 6 USD, owner: ana}]
            """
        #expect(
            try sentences(Self.base, new) == [
                "model `a`: target `claude/a`: `weight` changes from 1 to 2",
                "model `a`: target `claude/a`: `when` changes from always to team x or y and at most 9 input tokens",
                "model `a`: target `openai/a`: `timeouts.first_token` changes from none to 9s",
                "model `a`: the order of its targets changes", "model `a`: `fallback` changes from none to `b`",
                "model `a`: `retries` changes from 3 attempts, share 20%, pause 250ms to 4 attempts, share 20%, pause 250ms",
                "model `a`: `cache` changes from none to 10m",
                "model `a`: `on_disconnect` changes from cancel to drain",
                "budget of team x, per day: `limit` changes from 5 USD to 6 USD",
                "budget of team x, per day: `owner` changes from none to ana",
                "gateway: `listen` changes from 127.0.0.1:8790 to 127.0.0.1:9000 (takes a restart)",
                "gateway: `deadline` changes from 10m to 5m",
            ])
    }
}
