/// A value for each of the four windows.
struct PerWindow<Value> {
    var hour: Value
    var day: Value
    var month: Value
    var total: Value

    init(repeating value: Value) {
        hour = value
        day = value
        month = value
        total = value
    }

    subscript(window: BudgetWindow) -> Value {
        get {
            switch window {
            case .hour: hour
            case .day: day
            case .month: month
            case .total: total
            }
        }
        set {
            switch window {
            case .hour: hour = newValue
            case .day: day = newValue
            case .month: month = newValue
            case .total: total = newValue
            }
        }
    }
}

extension PerWindow: Sendable where Value: Sendable {}

/// The first nanoseconds of the windows that hold a time.
struct WindowStarts: Sendable, Hashable {
    let hour: Int
    let day: Int
    let month: Int

    init(at time: Int) {
        hour = BudgetWindow.hour.start(at: time)
        day = BudgetWindow.day.start(at: time)
        month = BudgetWindow.month.start(at: time)
    }

    subscript(window: BudgetWindow) -> Int {
        switch window {
        case .hour: hour
        case .day: day
        case .month: month
        case .total: 0
        }
    }
}
