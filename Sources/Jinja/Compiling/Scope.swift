/// The names one scope knows and what each starts with, found before its body is compiled.
///
/// Which scope a name belongs to follows Jinja2: branches of `if` share the scope around them, loops and `with` open
/// one, and inside a scope it is the first mention, load or store, that decides where the name comes from.
final class Scope {
    /// What a name's slot holds when the scope is entered.
    enum Origin: Equatable {
        /// Set by the statement that opens the scope, as a loop sets its target.
        case parameter
        /// The caller's value.
        case caller(String)
        /// The value of a scope further out.
        case outer(slot: Int)
        case undefined
    }

    /// What branches of `if` may see differently.
    struct Table {
        var slots: [String: Int] = [:]
        var origins: [Int: Origin] = [:]
        var stores: Set<String> = []
    }

    let parent: Scope?
    var table = Table()
    /// One slot for each name, whichever branches mention it.
    private var allotted: [String: Int] = [:]

    init(parent: Scope?) {
        self.parent = parent
    }

    func slot(of name: String) -> Int? {
        table.slots[name] ?? parent?.slot(of: name)
    }

    func load(_ name: String, in slots: inout SlotPool) {
        guard slot(of: name) == nil else { return }
        define(name, as: .caller(name), in: &slots)
    }

    func store(_ name: String, in slots: inout SlotPool) {
        table.stores.insert(name)
        guard table.slots[name] == nil else { return }
        define(name, as: parent?.slot(of: name).map { .outer(slot: $0) } ?? .undefined, in: &slots)
    }

    func declareParameter(_ name: String, in slots: inout SlotPool) {
        table.stores.insert(name)
        define(name, as: .parameter, in: &slots)
    }

    /// Joins what branches found; a name that only some path stored may come from further out.
    func merge(_ branches: [Table]) {
        let before = table.stores
        for branch in branches {
            table.slots.merge(branch.slots) { $1 }
            table.origins.merge(branch.origins) { $1 }
            table.stores.formUnion(branch.stores)
        }
        for name in table.stores.subtracting(before) {
            guard let slot = table.slots[name] else { continue }
            table.origins[slot] = parent?.slot(of: name).map { .outer(slot: $0) } ?? .caller(name)
        }
    }

    private func define(_ name: String, as origin: Origin, in slots: inout SlotPool) {
        let slot = allotted[name] ?? slots.add(name)
        allotted[name] = slot
        table.slots[name] = slot
        table.origins[slot] = origin
    }

    /// Settles the scope once all of its body was seen: the copies to make each time it is entered.
    ///
    /// A caller's value that is never overwritten here needs no copy; its name then means the input's own slot.
    func settle(in slots: inout SlotPool) -> [SlotEntry] {
        var entry: [SlotEntry] = []
        for (name, slot) in table.slots.sorted(by: { $0.value < $1.value }) {
            switch table.origins[slot] {
            case .caller(let input):
                let source = slots.input(input)
                if table.stores.contains(name) {
                    entry.append(SlotEntry(slot: slot, source: source))
                } else {
                    table.slots[name] = source
                }
            case .outer(let source): entry.append(SlotEntry(slot: slot, source: source))
            case .undefined: entry.append(SlotEntry(slot: slot, source: nil))
            case .parameter, nil: break
            }
        }
        return entry
    }
}

/// Hands out slots, and remembers which hold the caller's values.
struct SlotPool {
    private(set) var names: [String] = []
    private(set) var inputs: [(name: String, slot: Int)] = []

    mutating func add(_ name: String) -> Int {
        names.append(name)
        return names.count - 1
    }

    mutating func input(_ name: String) -> Int {
        if let known = inputs.first(where: { ExactText.same($0.name, name) }) { return known.slot }
        let slot = add(name)
        inputs.append((name, slot))
        return slot
    }
}
