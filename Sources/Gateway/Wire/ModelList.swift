import Domain

/// Answers to `GET /v1/models` and `GET /v1/models/{id}`.
///
/// Clients that send `anthropic-version` get Anthropic's shape, all others OpenAI's. There are no pages: all models
/// come at once.
package struct ModelList: Sendable {
    /// A model by the name under which it is offered, as a key may see it.
    package struct Model: Sendable, Equatable {
        package var name: String
        /// Seconds since 1970 from which on it is offered.
        package var created: Int
        package var owner: String

        package init(name: String, created: Int, owner: String = "pawang") {
            self.name = name
            self.created = created
            self.owner = owner
        }
    }

    package let models: [Model]

    package init(_ models: [Model]) { self.models = models }

    /// The body of the list.
    package func bytes(_ dialect: Dialect) -> [UInt8] {
        let entries = JSONValue.array(models.map { .object(Self.object($0, dialect)) })
        switch dialect {
        case .openAI:
            return JSONValue.object(["object": "list", "data": entries]).bytes()
        case .anthropic:
            let list: JSONObject = [
                "data": entries, "has_more": false, "first_id": models.first.map { .string($0.name) } ?? .null,
                "last_id": models.last.map { .string($0.name) } ?? .null,
            ]
            return JSONValue.object(list).bytes()
        }
    }

    /// The body of one model, or `nil` if it is not in the list.
    package func bytes(of name: String, _ dialect: Dialect) -> [UInt8]? {
        models.first { $0.name == name }.map { JSONValue.object(Self.object($0, dialect)).bytes() }
    }

    private static func object(_ model: Model, _ dialect: Dialect) -> JSONObject {
        switch dialect {
        case .openAI:
            [
                "id": .string(model.name), "object": "model", "created": .int(model.created),
                "owned_by": .string(model.owner),
            ]
        case .anthropic:
            [
                "type": "model", "id": .string(model.name), "display_name": .string(model.name),
                "created_at": .string(date(model.created)),
            ]
        }
    }

    /// `2026-11-22T23:58:00Z`.
    private static func date(_ seconds: Int) -> String {
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let time = seconds - days * 86_400
        // Counted in eras of 400 years that begin in March, so that the leap day is the last of its year.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0)
        let parts = [month < 10 ? month + 3 : month - 9, day, time / 3600, time / 60 % 60, time % 60]
        let digits = parts.map { $0 < 10 ? "0\($0)" : "\($0)" }
        return "\(year)-\(digits[0])-\(digits[1])T\(digits[2]):\(digits[3]):\(digits[4])Z"
    }
}
