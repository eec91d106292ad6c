import ArgumentParser
import Domain
import Foundation
import Gateway
import GatewayServer
import Stores

/// `pawang key`: who may call the gateway, what, and on whose account.
struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Make, list and revoke keys of the gateway.",
        subcommands: [Create.self, List.self, Show.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key and show it, once.",
            discussion: """
                Running servers take it within a second.

                    pawang key create --team payments --models 'gpt-*,small' --budget 10/day --budget 200/month --rpm 60 --expires 90d
                """)

        @OptionGroup var place: DatabaseOption

        @Option(name: .long, help: "The team its calls count for.")
        var team: String?

        @Option(name: .long, help: "The service its calls count for.")
        var service: String?

        @Option(name: .customLong("use-case"), help: "The use case its calls count for.")
        var useCase: String?

        @Option(
            name: .long,
            help: ArgumentHelp("The public models it may use, * at an end for any; all by default.", valueName: "a,b"))
        var models: [String] = []

        @Option(
            name: .long,
            help: ArgumentHelp(
                "US dollars per hour, day, month or in total; may be given for each.", valueName: "amount/window"))
        var budget: [String] = []

        @Option(name: .long, help: ArgumentHelp("Requests a minute.", valueName: "number"))
        var rpm: Int?

        @Option(name: .long, help: ArgumentHelp("Tokens a minute.", valueName: "number"))
        var tpm: Int?

        @Option(name: .long, help: ArgumentHelp("When it ends: 30d, 12h, 2027-01-31.", valueName: "time|date"))
        var expires: String?

        @Option(
            name: .long,
            help: ArgumentHelp(
                "Owners that a client may name itself, of team, service, use_case.", valueName: "a,b"))
        var delegate: [String] = []

        @Option(name: .long, help: "Who has it, and what for.")
        var note: String?

        @Flag(name: .long, help: "Print one JSON object.")
        var json = false

        func run() async throws {
            let now = SystemClock.nanoseconds()
            let wanted = KeyRecord(
                id: "", hash: "", team: try KeyValues.name(team, "--team"),
                service: try KeyValues.name(service, "--service"), useCase: try KeyValues.name(useCase, "--use-case"),
                models: try models.flatMap(KeyValues.list).map { try KeyValues.name($0, "--models") ?? $0 },
                budgets: try KeyValues.budgets(budget), requestsPerMinute: try KeyValues.rate(rpm, "--rpm"),
                tokensPerMinute: try KeyValues.rate(tpm, "--tpm"), delegates: try KeyValues.delegates(delegate),
                created: now, expires: try expires.map { try KeyValues.expiry($0, now: now) },
                note: try KeyValues.name(note, "--note") ?? "")
            let (key, record) = KeyMint.make(wanted)
            try SQLKeyStore(try place.open()).insert(record)
            let terminal = Terminal.standard
            if json {
                var object = KeyOutput.json(record, now: now)
                object["key"] = .string(key.reveal())
                terminal.print(JSONValue.object(object).text())
            } else {
                terminal.print(key.reveal())
                terminal.note("This is the only time the key is shown: only its hash is kept. Its id is \(record.id).")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List all keys, oldest first.")

        @OptionGroup var place: DatabaseOption

        @Flag(name: .long, help: "Print one JSON object.")
        var json = false

        func run() async throws {
            let now = SystemClock.nanoseconds()
            let keys = try SQLKeyStore(try place.open()).keys()
            let terminal = Terminal.standard
            if json {
                let objects = keys.map { JSONValue.object(KeyOutput.json($0, now: now)) }
                return terminal.print(JSONValue.object(["keys": .array(objects)]).text())
            }
            guard !keys.isEmpty else { return terminal.print("no keys; `pawang key create` makes one") }
            var table = TextTable(["key", "state", "team", "service", "use case", "models", "budgets", "made", "note"])
            for key in keys {
                let state = KeyOutput.state(key, now: now)
                table.add([
                    key.id, state == "active" ? terminal.good(state) : terminal.bad(state), key.team ?? "–",
                    key.service ?? "–", key.useCase ?? "–",
                    key.models.isEmpty ? "all" : key.models.joined(separator: ","),
                    key.budgets.isEmpty ? "–" : key.budgets.map(KeyOutput.budget).joined(separator: ", "),
                    Timestamp.text(of: key.created), key.note,
                ])
            }
            terminal.print(table.text)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show what a key may do. The key itself is not kept.")

        @OptionGroup var place: DatabaseOption

        @Argument(help: "The key's id.")
        var id: String

        @Flag(name: .long, help: "Print one JSON object on one line.")
        var json = false

        func run() async throws {
            let id = KeyOutput.id(self.id)
            guard let key = try SQLKeyStore(try place.open()).keys().first(where: { $0.id == id }) else {
                throw KeyOutput.unknown(id)
            }
            let object = JSONValue.object(KeyOutput.json(key, now: SystemClock.nanoseconds()))
            Terminal.standard.print(object.text(indent: json ? 0 : 2))
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revoke a key for good; running servers refuse it within a second.")

        @OptionGroup var place: DatabaseOption

        @Argument(help: "The key's id.")
        var id: String

        @Flag(name: .long, help: "Print one JSON object.")
        var json = false

        func run() async throws {
            let id = KeyOutput.id(self.id), store = SQLKeyStore(try place.open()), now = SystemClock.nanoseconds()
            if try !store.revoke(id: id, at: now) {
                guard let key = try store.keys().first(where: { $0.id == id }), let revoked = key.revoked else {
                    throw KeyOutput.unknown(id)
                }
                throw PlainFailure(
                    "KeyRevoked", "the key `\(id)` was revoked already, at \(Timestamp.text(of: revoked))")
            }
            if json {
                Terminal.standard.print(
                    JSONValue.object(["id": .string(id), "revoked": .string(Timestamp.text(of: now))]).text())
            } else {
                Terminal.standard.print("the key \(id) is revoked")
            }
        }
    }
}

/// Keys as texts.
enum KeyOutput {
    /// The id in a text that may be the whole key.
    static func id(_ text: String) -> String {
        let parts = text.split(separator: "_")
        return parts.count == 3 && parts[0] == "pwg" ? String(parts[1]) : text
    }

    static func state(_ key: KeyRecord, now: Int) -> String {
        if key.revoked != nil { return "revoked" }
        return key.expires.map { $0 <= now } == true ? "expired" : "active"
    }

    static func budget(_ budget: KeyBudget) -> String {
        "\(Quantity.text(ofNanoUSD: budget.limitNanoUSD))/\(budget.window.rawValue)"
    }

    static func json(_ key: KeyRecord, now: Int) -> JSONObject {
        func time(_ nanoseconds: Int?) -> JSONValue { nanoseconds.map { .string(Timestamp.text(of: $0)) } ?? .null }
        func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
        func number(_ number: Int?) -> JSONValue { number.map { .int($0) } ?? .null }
        return [
            "id": .string(key.id), "state": .string(state(key, now: now)), "team": text(key.team),
            "service": text(key.service), "use_case": text(key.useCase),
            "models": .array(key.models.map { .string($0) }),
            "budgets": .array(
                key.budgets.map { ["window": .string($0.window.rawValue), "limit_nano_usd": .int($0.limitNanoUSD)] }),
            "requests_per_minute": number(key.requestsPerMinute), "tokens_per_minute": number(key.tokensPerMinute),
            "delegates": .array(key.delegates.map { .string($0.rawValue) }), "created": time(key.created),
            "expires": time(key.expires), "revoked": time(key.revoked), "note": .string(key.note),
        ]
    }

    static func unknown(_ id: String) -> PlainFailure {
        PlainFailure("KeyNotFound", "there is no key `\(id)`; `pawang key list` shows them")
    }
}
