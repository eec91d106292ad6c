import Testing

@Suite("Flows give what the reference lists")
struct ConformanceTests {
    @Test("A case of Tests/conformance holds", arguments: ConformanceCase.all)
    func holds(_ conformanceCase: ConformanceCase) async throws {
        try await conformanceCase.check()
    }

    @Test("There are at least 60 cases, and they cover each of the reference's 50 rows")
    func isComplete() throws {
        #expect(ConformanceCase.all.count >= 60)
        let covered = Set(try ConformanceCase.all.flatMap { try $0.rows() })
        #expect(Set(1...50).subtracting(covered).sorted().isEmpty)
    }
}

@Suite("Broken input gives one clear error and the documented exit status")
struct BrokenInputTests {
    @Test("A broken input is refused in one sentence", arguments: BrokenInput.all)
    func isRefused(_ input: BrokenInput) async throws {
        try await input.check()
    }

    @Test("There are at least 100 broken inputs, each with a name of its own")
    func isComplete() {
        #expect(BrokenInput.all.count >= 100)
        #expect(Set(BrokenInput.all.map(\.name)).count == BrokenInput.all.count)
    }
}
