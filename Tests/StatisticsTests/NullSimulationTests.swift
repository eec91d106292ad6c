import Foundation
import Testing

@testable import Statistics

@Suite("False claims where there is no difference")
struct NullSimulationTests {
    @Test("Every method stays near its 5 %, naive uses are seen to fail, and the page says exactly that")
    func agreesWithPage() throws {
        var rows: [String] = []
        for simulation in NullSimulation.all {
            let rate = try simulation.rate()
            #expect(simulation.bounds.contains(rate), "\(simulation.method), \(simulation.data)")
            rows.append(simulation.row(rate: rate))
        }
        let page = try String(contentsOf: Self.page, encoding: .utf8)
        let parts = page.components(separatedBy: "<!-- simulated -->\n")
        try #require(parts.count == 3, "the table stands between two lines of <!-- simulated -->")
        let printed = parts[1].split(separator: "\n").dropFirst(2).map(String.init)
        let isSame = printed == rows
        #expect(isSame, "the rows in docs/reference/statistics.md must be\n\(rows.joined(separator: "\n"))")
    }

    private static var page: URL {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { folder.deleteLastPathComponent() }
        return folder.appending(path: "docs/reference/statistics.md")
    }
}
