/// A virtual API key: who may call what, and on whose account.
package struct KeyRecord: Sendable, Hashable {
    /// Public; 12 characters, part of the key itself.
    package var id: String
    /// SHA-256 of the whole key, 64 hexadecimal digits.
    ///
    /// The key itself is shown once and kept nowhere.
    package var hash: String
    package var team: String?
    package var service: String?
    package var useCase: String?
    /// The models it may use, by the names that clients ask for; a trailing `*` stands for anything; empty for all.
    package var models: [String]
    /// Its own budgets.
    package var budgets: [KeyBudget]
    package var requestsPerMinute: Int?
    package var tokensPerMinute: Int?
    /// Owners a client may name itself (`team`, `service`, `use_case`) by header or `metadata`; else the key's count.
    package var delegates: [BudgetScope.Kind]
    /// Nanoseconds since 1970.
    package var created: Int
    package var expires: Int?
    package var revoked: Int?
    /// Who made it, and what for.
    package var note: String

    package init(
        id: String, hash: String, team: String? = nil, service: String? = nil, useCase: String? = nil,
        models: [String] = [], budgets: [KeyBudget] = [], requestsPerMinute: Int? = nil, tokensPerMinute: Int? = nil,
        delegates: [BudgetScope.Kind] = [], created: Int, expires: Int? = nil, revoked: Int? = nil, note: String = ""
    ) {
        self.id = id
        self.hash = hash
        self.team = team
        self.service = service
        self.useCase = useCase
        self.models = models
        self.budgets = budgets
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerMinute = tokensPerMinute
        self.delegates = delegates
        self.created = created
        self.expires = expires
        self.revoked = revoked
        self.note = note
    }
}

/// A key's limit on money in a window.
package struct KeyBudget: Sendable, Hashable {
    package var window: BudgetWindow
    package var limitNanoUSD: Int

    package init(window: BudgetWindow, limitNanoUSD: Int) {
        self.window = window
        self.limitNanoUSD = limitNanoUSD
    }
}

/// Keeps keys.
///
/// Its functions block.
package protocol KeyStore: Sendable {
    /// Adds a key. Throws if its id is taken.
    func insert(_ key: KeyRecord) throws
    /// Revokes a key from `time` (nanoseconds since 1970) on; false if there is none with this id or it is revoked.
    func revoke(id: String, at time: Int) throws -> Bool
    /// All keys, the revoked ones included, oldest first.
    func keys() throws -> [KeyRecord]
    /// A number that grows with every change of a key, cheap enough to ask for four times a second.
    func revision() throws -> Int
}
