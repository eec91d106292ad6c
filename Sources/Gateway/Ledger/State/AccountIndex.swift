/// Finds the account of a scope by its name.
struct AccountIndex: Sendable {
    private var global: Int?
    private var keys: [String: Int] = [:]
    private var teams: [String: Int] = [:]
    private var services: [String: Int] = [:]
    private var useCases: [String: Int] = [:]

    func key(_ name: String) -> Int? { keys[name] }
    // Most gateways have no rules for some kinds of scopes: then the name is not even hashed.
    func team(_ name: String) -> Int? { teams.isEmpty ? nil : teams[name] }
    func service(_ name: String) -> Int? { services.isEmpty ? nil : services[name] }
    func useCase(_ name: String) -> Int? { useCases.isEmpty ? nil : useCases[name] }

    subscript(scope: BudgetScope) -> Int? {
        get {
            switch scope.kind {
            case .global: global
            case .key: keys[scope.name]
            case .team: teams[scope.name]
            case .service: services[scope.name]
            case .useCase: useCases[scope.name]
            }
        }
        set {
            switch scope.kind {
            case .global: global = newValue
            case .key: keys[scope.name] = newValue
            case .team: teams[scope.name] = newValue
            case .service: services[scope.name] = newValue
            case .useCase: useCases[scope.name] = newValue
            }
        }
    }
}
