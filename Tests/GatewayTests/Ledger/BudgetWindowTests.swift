import Testing

@testable import Gateway

@Suite("Windows of budgets")
struct BudgetWindowTests {
    private static let day = LedgerFixture.day

    @Test("Every day from 1680 to 2262 is the one after the day before, with leap years as the calendar has them")
    func calendarIsRight() {
        var date = CalendarDay(year: 1680, month: 1, day: 1)
        var time = date.nanoseconds
        while date.year < 2262 {
            #expect(CalendarDay(containing: time) == date)
            #expect(date.nanoseconds == time)
            let lengths = [31, Self.isLeap(date.year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            date.day += 1
            if date.day > lengths[date.month - 1] {
                date = date.firstOfNextMonth
            }
            let (next, overflow) = time.addingReportingOverflow(Self.day)
            if overflow { return }
            time = next
        }
    }

    private static func isLeap(_ year: Int) -> Bool {
        year % 400 == 0 || year % 4 == 0 && year % 100 != 0
    }

    @Test(
        "A window begins with its first nanosecond and ends with its last",
        arguments: [
            (BudgetWindow.month, (2024, 2, 29), (2024, 2, 1), (2024, 3, 1)),
            (.month, (2023, 2, 28), (2023, 2, 1), (2023, 3, 1)),
            (.month, (2100, 2, 28), (2100, 2, 1), (2100, 3, 1)),
            (.month, (2026, 12, 31), (2026, 12, 1), (2027, 1, 1)),
            (.month, (1970, 1, 1), (1970, 1, 1), (1970, 2, 1)),
            (.day, (2024, 2, 29), (2024, 2, 29), (2024, 3, 1)),
            // Clocks change in Europe and the United States on these days; a window in UTC does not care.
            (.day, (2026, 3, 29), (2026, 3, 29), (2026, 3, 30)),
            (.day, (2026, 11, 1), (2026, 11, 1), (2026, 11, 2)),
            // A second was inserted at the end of this day; Unix time has none.
            (.day, (2016, 12, 31), (2016, 12, 31), (2017, 1, 1)),
        ])
    func boundaries(
        window: BudgetWindow, in date: (Int, Int, Int), from first: (Int, Int, Int), to next: (Int, Int, Int)
    ) {
        func time(_ date: (Int, Int, Int)) -> Int {
            CalendarDay(year: date.0, month: date.1, day: date.2).nanoseconds
        }
        let start = time(first)
        let end = time(next)
        for inside in [start, time(date), time(date) + Self.day - 1, end - 1] {
            #expect(window.start(at: inside) == start)
            #expect(window.end(at: inside) == end)
        }
        #expect(window.start(at: end) == end)
        #expect(window.start(at: start - 1) < start)
    }

    @Test("Hours are hours, before 1970 too, and a total never ends")
    func hoursAndTotal() {
        #expect(BudgetWindow.hour.start(at: LedgerFixture.friday) == LedgerFixture.friday - 30 * LedgerFixture.minute)
        #expect(BudgetWindow.hour.end(at: LedgerFixture.friday) == LedgerFixture.friday + 30 * LedgerFixture.minute)
        #expect(BudgetWindow.hour.start(at: -1) == -LedgerFixture.hour)
        #expect(BudgetWindow.total.start(at: LedgerFixture.friday) == 0)
        #expect(BudgetWindow.total.end(at: LedgerFixture.friday) == nil)
    }

    @Test("Times and amounts are written exactly")
    func texts() {
        #expect(LedgerText.time(LedgerFixture.friday + 5 * LedgerFixture.second) == "2026-11-20T10:30:05Z")
        #expect(LedgerText.time(0) == "1970-01-01T00:00:00Z")
        #expect(LedgerText.money(1_250_000_000) == "1.25 USD")
        #expect(LedgerText.money(3) == "0.000000003 USD")
        #expect(LedgerText.money(-1) == "-0.000000001 USD")
        #expect(LedgerText.money(10_000_000_000) == "10.00 USD")
        #expect(LedgerText.money(.min) == "-9223372036.854775808 USD")
    }
}
