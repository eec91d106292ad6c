/// What is committed and held in one scope, in the current windows and those before them.
///
/// The windows before are kept because an attempt counts in the window in which it was reserved, whenever it ends.
struct Account: Sendable {
    /// Sums of one window.
    struct Sums: Sendable, Hashable {
        var committed = 0
        /// Held by open reservations.
        var open = 0
    }

    /// A window that is over, with its sums.
    struct Past: Sendable, Hashable {
        var start = Int.min
        var sums = Sums()
    }

    let scope: BudgetScope
    /// The configured rules of the scope.
    var rules: [BudgetRule] = []
    /// A key's own budgets, as its record said at its last admission.
    var keyBudgets: [KeyBudget] = []
    var keyOwner: String?
    var requests: RateBucket?
    var tokens: RateBucket?
    private(set) var starts: WindowStarts
    private var current = PerWindow(repeating: Sums())
    private var past = PerWindow(repeating: Past())
    /// Committed in windows that have not begun by our clock: it went back between two starts.
    private var ahead: [Int: PerWindow<Int>] = [:]

    init(scope: BudgetScope, starts: WindowStarts) {
        self.scope = scope
        self.starts = starts
    }

    var hasBudgets: Bool { !rules.isEmpty || !keyBudgets.isEmpty }

    /// Goes on to later windows; their sums begin at zero.
    mutating func advance(to later: WindowStarts) {
        guard later != starts else { return }
        for window in [BudgetWindow.hour, .day, .month] where later[window] != starts[window] {
            past[window] = Past(start: starts[window], sums: current[window])
            current[window] = Sums(committed: ahead[later[window]]?[window] ?? 0)
        }
        starts = later
        if !ahead.isEmpty { ahead = ahead.filter { $0.key > later.hour } }
    }

    /// The sums of the window that begins at `start`; `nil` if it is neither current nor the one before.
    func sums(of window: BudgetWindow, from start: Int) -> Sums? {
        if start == starts[window] { return current[window] }
        let before = past[window]
        return start == before.start ? before.sums : nil
    }

    /// Adds to the sums of the windows that begin at `begins`; older windows are only in the store.
    mutating func post(committed: Int, open: Int, at begins: WindowStarts) {
        post(committed, open, .hour, begins.hour)
        post(committed, open, .day, begins.day)
        post(committed, open, .month, begins.month)
        post(committed, open, .total, 0)
    }

    /// Adds what was committed in one window, now or later.
    mutating func load(committed: Int, in window: BudgetWindow, from start: Int) {
        if start > starts[window] {
            let known = ahead[start]?[window] ?? 0
            ahead[start, default: PerWindow(repeating: 0)][window] = known.saturatingAdd(committed)
        } else {
            post(committed, 0, window, start)
        }
    }

    private mutating func post(_ committed: Int, _ open: Int, _ window: BudgetWindow, _ start: Int) {
        if start == starts[window] {
            current[window].committed = current[window].committed.saturatingAdd(committed)
            current[window].open = current[window].open.saturatingAdd(open)
        } else if start == past[window].start {
            past[window].sums.committed = past[window].sums.committed.saturatingAdd(committed)
            past[window].sums.open = past[window].sums.open.saturatingAdd(open)
        }
    }
}
