import Domain
package import Gateway

extension SQLLedgerStore {
    /// Replaces an unreconciled entry and its span, and adds the difference to its balances, in one transaction.
    ///
    /// Throws ``StoreFailure/Kind/conflict`` if there is no such entry or it is reconciled already.
    package func reconcile(_ entry: CallRecord, increments: [Balance]) throws {
        try database.write { connection in
            let found = try connection.query(
                "SELECT entry FROM ledger_entries WHERE call = ? AND attempt = ? AND basis = 'unreconciled'",
                [.foreign(entry.call), .int(entry.attempt)])
            guard let number = try found.first?.int(0) else {
                throw StoreFailure(
                    .conflict,
                    "there is no unreconciled entry of the call `\(entry.call)`, attempt \(entry.attempt); `pawang ledger list --unreconciled` shows them"
                )
            }
            var writer = JSONWriter()
            try Self.replace(
                "ledger_entries", LedgerRows.columns, LedgerRows.values(entry, number: number), connection)
            try Self.replace(
                "call_spans", LedgerSpans.columns, LedgerSpans.values(entry, number: number, writer: &writer),
                connection)
            try Self.add(increments, connection)
        }
    }

    /// Replaces the row whose first column is the first value.
    private static func replace(
        _ table: String, _ columns: [String], _ values: [SQLValue], _ connection: any SQLConnection
    ) throws {
        let changes = columns.dropFirst().map { "\($0) = ?" }.joined(separator: ", ")
        try connection.execute(
            "UPDATE \(table) SET \(changes) WHERE \(columns[0]) = ?", Array(values.dropFirst()) + values.prefix(1))
    }
}
