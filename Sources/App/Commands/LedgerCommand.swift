import ArgumentParser
import Domain
import Foundation
import Gateway
import GatewayServer
import Stores

/// `pawang ledger`: what was spent, by whom, and whether the books agree.
struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "Verify, list and reconcile what the gateway has accounted for.",
        discussion: "A running server brings calls into the database a moment after they end.",
        subcommands: [Verify.self, List.self, Show.self, Reconcile.self, Balances.self])

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compare entries, balances and spans.",
            discussion: "Exit status: 0 they agree; 1 they do not, and each difference is said.")

        @OptionGroup var place: DatabaseOption

        @Option(name: .long, help: "At most so many differences.")
        var limit = 100

        @Flag(name: .long, help: "Print one JSON object.")
        var json = false

        func run() async throws {
            let terminal = Terminal.standard
            let store = SQLLedgerStore(try place.open())
            let differences = try store.differences(limit: try LedgerOutput.checked(limit))
            let (entries, nanoUSD) = try store.totals()
            if json {
                terminal.print(
                    JSONValue.object([
                        "agree": .bool(differences.isEmpty), "entries": .int(entries), "total_nano_usd": .int(nanoUSD),
                        "differences": .array(differences.map { .string($0) }),
                    ]).text())
            } else {
                for difference in differences { terminal.print(difference) }
                if differences.isEmpty {
                    terminal.print(
                        "\(entries) entries, \(Quantity.text(ofNanoUSD: nanoUSD)): entries, balances and spans agree")
                }
            }
            if !differences.isEmpty { throw ExitCode(Blame.result.rawValue) }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the entries that came last.")

        @OptionGroup var place: DatabaseOption

        @Option(name: .long, help: "How many.")
        var limit = 20

        @Flag(name: .long, help: "Only calls whose cost is not known because the server ended before their answer.")
        var unreconciled = false

        @Flag(name: .long, help: "Print one JSON object.")
        var json = false

        func run() async throws {
            let entries = try SQLLedgerStore(try place.open())
                .latest(limit: try LedgerOutput.checked(limit), onlyUnreconciled: unreconciled)
            if json {
                let objects = entries.map { JSONValue.object(LedgerOutput.json($0)) }
                return Terminal.standard.print(JSONValue.object(["entries": .array(objects)]).text())
            }
            var table = TextTable([
                "call", "try", "started", "key", "model", "target", "tokens", "cost", "basis", "problem",
            ])
            for entry in entries {
                table.add([
                    entry.call, String(entry.attempt), Timestamp.text(of: entry.start), entry.attribution.key,
                    entry.model, entry.target, "\(entry.usage.input) + \(entry.usage.output)",
                    entry.costNanoUSD.map { Quantity.text(ofNanoUSD: $0) } ?? "–", entry.basis.rawValue,
                    entry.failure ?? "",
                ])
            }
            Terminal.standard.print(table.text)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show all attempts of a call.")

        @OptionGroup var place: DatabaseOption

        @Argument(help: "The call, as in the header x-request-id.")
        var call: String

        @Flag(name: .long, help: "Print one JSON object on one line.")
        var json = false

        func run() async throws {
            let entries = try LedgerOutput.entries(of: call, in: SQLLedgerStore(try place.open()))
            let object = JSONValue.object([
                "call": .string(call), "attempts": .array(entries.map { .object(LedgerOutput.json($0)) }),
            ])
            Terminal.standard.print(object.text(indent: json ? 0 : 2))
        }
    }

    struct Reconcile: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what a call really cost that the server could not settle.",
            discussion: "A running server counts the change in its budgets from its next start.")

        @OptionGroup var place: DatabaseOption

        @Argument(help: "The call.")
        var call: String

        @Option(name: .long, help: ArgumentHelp("What the provider billed, in US dollars.", valueName: "amount"))
        var cost: String

        @Option(name: .long, help: "Which attempt, where several are open.")
        var attempt: Int?

        @Option(name: .long, help: "Input tokens by the provider's bill.")
        var inputTokens: Int?

        @Option(name: .long, help: "Output tokens by the provider's bill.")
        var outputTokens: Int?

        @Flag(name: .long, help: "Print one JSON object.")
        var json = false

        func run() async throws {
            let amount = try KeyValues.money(cost, "--cost")
            guard inputTokens ?? 0 >= 0, outputTokens ?? 0 >= 0 else {
                throw PlainFailure("ArgumentInvalid", "--input-tokens and --output-tokens must be 0 or more")
            }
            let store = SQLLedgerStore(try place.open())
            let open = try LedgerOutput.entries(of: call, in: store)
                .filter { $0.basis == .unreconciled && (attempt == nil || $0.attempt == attempt) }
            guard let old = open.first else {
                throw PlainFailure(
                    "EntryNotFound",
                    "no attempt of the call `\(call)` is unreconciled; `pawang ledger list --unreconciled` shows those that are"
                )
            }
            guard open.count == 1 else {
                let attempts = open.map { String($0.attempt) }.joined(separator: ", ")
                throw PlainFailure(
                    "ArgumentInvalid",
                    "several attempts of the call are unreconciled: name one of \(attempts) with --attempt")
            }
            var new = old
            new.basis = .exact
            new.costNanoUSD = amount
            new.usage.input = inputTokens ?? old.usage.input
            new.usage.output = outputTokens ?? old.usage.output
            try store.reconcile(new, increments: LedgerOutput.difference(from: old, to: new))
            if json {
                Terminal.standard.print(JSONValue.object(LedgerOutput.json(new)).text())
            } else {
                Terminal.standard.print(
                    "attempt \(new.attempt) of the call \(call): \(Quantity.text(ofNanoUSD: old.spentNanoUSD)) held, \(Quantity.text(ofNanoUSD: amount)) billed"
                )
            }
        }
    }

    struct Balances: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what was spent in the present hour, day and month and in total.")

        @OptionGroup var place: DatabaseOption

        @Flag(name: .long, help: "Print one JSON object.")
        var json = false

        func run() async throws {
            let balances = try SQLLedgerStore(try place.open()).balances(at: SystemClock.nanoseconds())
            if json {
                let objects = balances.map { JSONValue.object(LedgerOutput.json($0)) }
                return Terminal.standard.print(JSONValue.object(["balances": .array(objects)]).text())
            }
            var table = TextTable(["for", "name", "window", "since", "spent", "tokens", "calls"])
            for balance in balances {
                table.add([
                    balance.scope.kind.rawValue, balance.scope.name, balance.window.rawValue,
                    balance.window == .total ? "" : Timestamp.text(of: balance.start),
                    Quantity.text(ofNanoUSD: balance.spentNanoUSD), "\(balance.inputTokens) + \(balance.outputTokens)",
                    String(balance.calls),
                ])
            }
            Terminal.standard.print(table.text)
        }
    }
}
