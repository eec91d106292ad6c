/// Whom money is counted for.
package struct BudgetScope: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case global
        case team
        case service
        case useCase = "use_case"
        case key
    }

    package var kind: Kind
    /// The team's, service's or use case's name, or the key's id; empty for `global`.
    package var name: String

    package init(_ kind: Kind, _ name: String = "") {
        self.kind = kind
        self.name = name
    }
}

/// The stretch of time a budget is for; calendar hours, days and months in UTC.
package enum BudgetWindow: String, Sendable, Hashable, CaseIterable {
    case hour
    case day
    case month
    case total
}

/// A limit on money in a scope.
package struct BudgetRule: Sendable, Hashable {
    /// Stable, for messages: `team payments, per month`.
    package var name: String
    package var scope: BudgetScope
    package var window: BudgetWindow
    package var limitNanoUSD: Int
    /// Whom to ask for more.
    package var owner: String?

    package init(name: String, scope: BudgetScope, window: BudgetWindow, limitNanoUSD: Int, owner: String? = nil) {
        self.name = name
        self.scope = scope
        self.window = window
        self.limitNanoUSD = limitNanoUSD
        self.owner = owner
    }
}

/// Who pays for a call and on whose behalf it is made.
package struct Attribution: Sendable, Hashable {
    /// The key's id.
    package var key: String
    package var team: String?
    package var service: String?
    package var useCase: String?
    /// The end user, as the client names them.
    package var user: String?
    /// The conversation.
    package var session: String?
    /// The digest of the flow's release.
    package var release: String?

    package init(
        key: String, team: String? = nil, service: String? = nil, useCase: String? = nil, user: String? = nil,
        session: String? = nil, release: String? = nil
    ) {
        self.key = key
        self.team = team
        self.service = service
        self.useCase = useCase
        self.user = user
        self.session = session
        self.release = release
    }

    /// Every scope the call counts in.
    package var scopes: [BudgetScope] {
        var scopes = [BudgetScope(.global), BudgetScope(.key, key)]
        if let team { scopes.append(BudgetScope(.team, team)) }
        if let service { scopes.append(BudgetScope(.service, service)) }
        if let useCase { scopes.append(BudgetScope(.useCase, useCase)) }
        return scopes
    }
}
