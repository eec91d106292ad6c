import CPostgreSQL

/// An error of the server or of the connection to it, before it has the store's name.
struct PostgreSQLFailure: Error {
    /// The five characters of SQLSTATE; empty where the connection itself failed.
    let state: String
    /// The server's or the library's own sentence; neither repeats a password.
    let text: String

    init(state: String, text: String) {
        self.state = state
        self.text = text.split(separator: "\n").map { $0.drop { $0 == " " || $0 == "\t" } }.joined(separator: "; ")
    }

    /// What went wrong with a statement.
    init(result: OpaquePointer?, connection: OpaquePointer?) {
        // 'C': SQLSTATE, 'M': the message.
        let state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) }
        let text =
            PQresultErrorField(result, Int32(UInt8(ascii: "M"))).map { String(cString: $0) }
            ?? String(cString: PQerrorMessage(connection))
        self.init(state: state ?? "", text: text)
    }

    /// What went wrong while connecting, where the library gives no SQLSTATE but the server's words.
    init(connecting text: String) {
        let known = [
            ("password authentication failed", "28P01"), ("no password supplied", "28P01"),
            ("no pg_hba.conf entry", "28000"), ("does not exist", "3D000"), ("too many clients", "53300"),
            ("remaining connection slots", "53300"), ("is starting up", "57P03"), ("is shutting down", "57P03"),
            ("is in recovery mode", "57P03"),
        ]
        self.init(state: known.first { text.contains($0.0) }?.1 ?? "", text: text)
    }

    var isConflict: Bool { state == "23505" }

    /// Whether the same transaction may well succeed when it is run again: deadlock, serialization.
    var isTransient: Bool { state == "40001" || state == "40P01" }

    /// The failure of the store `name`.
    func failure(store name: String) -> StoreFailure {
        let (kind, reason) = reason
        return StoreFailure(kind, "the store `\(name)`: \(reason)")
    }

    private var reason: (StoreFailure.Kind, String) {
        switch state {
        case "": (.unavailable, "it cannot be reached; check that it runs, its address and the network: \(text)")
        case "28P01", "28000": (.unavailable, "it refuses the user or the password; check both in the address")
        case "3D000": (.unavailable, "there is no such database; make it with `createdb`")
        case "53300": (.unavailable, "it has no connection left; raise its max_connections, or stop another client")
        case "57P01", "57P02", "57P03": (.unavailable, "it is stopping or starting; try again: \(text)")
        case "53100", "53200": (.full, "its server has no room left; make room and try again: \(text)")
        case "25006": (.readOnly, "it is read-only, perhaps a replica; give the address of the primary")
        case "42501": (.readOnly, "the user may not do this; grant the right: \(text)")
        case "57014":
            (
                .timeout,
                "a statement took longer than \(PostgreSQLConnection.statementSeconds) s; try again when the server is less busy"
            )
        case "55P03": (.busy, "another transaction holds what is needed; try again")
        case "22021", "22P05": (.value, "a text cannot be kept in the database's encoding; it must be UTF8: \(text)")
        case "XX001", "XX002": (.damaged, "it is damaged; restore a copy: \(text)")
        case _ where state.hasPrefix("08"): (.unavailable, "the connection was lost: \(text)")
        case _ where state.hasPrefix("23"): (.conflict, "what is to be added contradicts what is there: \(text)")
        case _ where isTransient: (.busy, "another transaction was in the way; try again")
        default: (.other, "\(text) (\(state))")
        }
    }
}
