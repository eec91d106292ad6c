import Domain

/// Reads `budgets:`, a list of limits on money.
struct BudgetsReader {
    static let keys = ["scope", "name", "per", "limit", "owner"]
    static let maximum = 10_000

    let log: ReadingLog

    func budgets(_ node: YAMLNode?) -> [BudgetRule] {
        guard let node, !node.isNull else { return [] }
        var rules: [BudgetRule] = []
        do throws(DocumentError) {
            let elements = try node.list("budgets")
            guard elements.count <= Self.maximum else {
                throw DocumentError("`budgets` may have \(Self.maximum) entries", at: node.location)
            }
            for (index, element) in elements.enumerated() {
                guard let rule = rule(element, path: "budgets.\(index)") else { continue }
                if rules.contains(where: { $0.scope == rule.scope && $0.window == rule.window }) {
                    log.problem("there are two budgets for \(rule.name)", at: element.location)
                }
                rules.append(rule)
            }
        } catch {
            log.problems.append(error)
        }
        return rules
    }

    private func rule(_ node: YAMLNode, path: String) -> BudgetRule? {
        let problems = log.problems.count
        let section = SectionReader(path: path, node: node, known: Self.keys, log: log)
        guard let map = section.map else { return nil }
        for key in ["scope", "per", "limit"] where !section.has(key) {
            log.problem("`\(path)` needs `\(key)`", at: map.location)
        }
        var scope = BudgetScope(.global)
        do throws(DocumentError) {
            if section.has("scope") { scope = try BudgetScope(reading: map, in: path) }
        } catch {
            log.problems.append(error)
        }
        log.settings.append(
            EffectiveSetting(path: "\(path).scope", text: scope.text, origin: .file(node.location)))
        let window = section.word("per", default: BudgetWindow.month)
        let limit = section.read("limit", default: 0, text: Quantity.text(ofNanoUSD:)) {
            node, what throws(DocumentError) in
            let text = try node.text(what)
            guard let nano = Quantity.nanoUSD(text) else {
                throw DocumentError(
                    "`\(what)` must be an amount such as 200 USD or 0.05 USD, but is `\(text.shown)`", at: node.location
                )
            }
            return nano
        }
        let owner = section.text("owner")
        guard log.problems.count == problems else { return nil }
        let per = window == .total ? "in total" : "per \(window.rawValue)"
        return BudgetRule(
            name: "\(scope.text), \(per)", scope: scope, window: window, limitNanoUSD: limit, owner: owner)
    }
}

extension BudgetScope {
    /// Reads `scope` and `name` of a map.
    init(reading map: YAMLMap, in what: String) throws(DocumentError) {
        let kind: Kind = try SectionReader.word(try map.required("scope", in: "`\(what)`"), "\(what).scope")
        guard let name = try map.present("name")?.text("\(what).name"), !name.isEmpty else {
            guard kind == .global else {
                throw DocumentError("`\(what)` needs the `name` of its \(kind.words)", at: map.location)
            }
            self.init(.global)
            return
        }
        guard kind != .global else {
            throw DocumentError("`\(what)` is for all calls and has no `name`", at: map["name"]?.location)
        }
        self.init(kind, name)
    }

    /// `team payments`, `all calls`.
    package var text: String { kind == .global ? "all calls" : "\(kind.words) \(name)" }
}

extension BudgetScope.Kind {
    fileprivate var words: String { self == .useCase ? "use case" : rawValue }
}
