import Synchronization
import Testing

@testable import Gateway

@Suite("Requests that are sent again")
struct IdempotencyTableTests {
    /// What became of those who wait.
    private final class Outcomes: Sendable {
        private let list = Mutex<[IdempotencyTable.Outcome]>([])
        var all: [IdempotencyTable.Outcome] { list.withLock { $0 } }
        func add(_ outcome: IdempotencyTable.Outcome) { list.withLock { $0.append(outcome) } }
    }

    private static let second = 1_000_000_000

    private static func request(
        _ body: String = "{}", name: String? = nil, retry: Int? = nil, key: String = "key1", path: String = "/v1/chat"
    ) throws -> IdempotentRequest {
        let request = try Array(body.utf8).withUnsafeBytes { bytes throws(GatewayFailure) in
            try IdempotentRequest(keyID: key, name: name, retryCount: retry, path: path, body: bytes)
        }
        return try #require(request)
    }

    private static func isFirst(_ claim: IdempotencyTable.Claim) -> IdempotencyTable.Ticket? {
        if case .first(let ticket) = claim { ticket } else { nil }
    }

    private static func replayed(_ claim: IdempotencyTable.Claim) -> String? {
        if case .replay(let answer) = claim { String(decoding: answer.chunks.joined(), as: UTF8.self) } else { nil }
    }

    private static func waiter(_ claim: IdempotencyTable.Claim) -> IdempotencyTable.Waiter? {
        if case .joined(let waiter) = claim { waiter } else { nil }
    }

    @Test("Without a name or a retry count nothing is known again")
    func untracked() throws {
        let request = try IdempotentRequest(
            keyID: "k", name: nil, retryCount: nil, path: "/", body: UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(request == nil)
        #expect(throws: GatewayFailure.self) {
            try Self.request(name: String(repeating: "n", count: 256))
        }
    }

    @Test("A named request that was answered gets its answer again, for its time")
    func replay() throws {
        let table = IdempotencyTable()
        let ticket = try #require(Self.isFirst(table.claim(try Self.request(name: "a"), at: 0) { _ in }))
        table.finish(ticket, with: AnswerCacheTests.answer("done"), at: 10)
        #expect(Self.replayed(table.claim(try Self.request(name: "a"), at: 599 * Self.second) { _ in }) == "done")
        #expect(Self.isFirst(table.claim(try Self.request(name: "a"), at: 601 * Self.second) { _ in }) != nil)
    }

    @Test("The same name with another body is refused, under way or answered")
    func otherBody() throws {
        let table = IdempotencyTable()
        let ticket = try #require(Self.isFirst(table.claim(try Self.request("1", name: "a"), at: 0) { _ in }))
        for _ in 0..<2 {
            guard case .refused(let failure) = table.claim(try Self.request("2", name: "a"), at: 1, onEnd: { _ in })
            else {
                Issue.record("another body was taken")
                return
            }
            #expect(failure.kind == .invalidRequest)
            #expect(failure.shouldRetry == false)
            table.finish(ticket, with: AnswerCacheTests.answer("done"), at: 1)
        }
        guard case .refused = table.claim(try Self.request("1", name: "a", path: "/other"), at: 1, onEnd: { _ in })
        else {
            Issue.record("another path was taken")
            return
        }
    }

    @Test("Names of different keys are different")
    func keysApart() throws {
        let table = IdempotencyTable()
        #expect(Self.isFirst(table.claim(try Self.request(name: "a", key: "1"), at: 0) { _ in }) != nil)
        #expect(Self.isFirst(table.claim(try Self.request(name: "a", key: "2"), at: 0) { _ in }) != nil)
    }

    @Test("Who asks again while it is under way gets the same answer, once")
    func joined() throws {
        let table = IdempotencyTable()
        let outcomes = Outcomes()
        let ticket = try #require(Self.isFirst(table.claim(try Self.request(retry: 0), at: 0) { _ in }))
        for _ in 0..<3 {
            #expect(Self.waiter(table.claim(try Self.request(retry: 1), at: 1) { outcomes.add($0) }) != nil)
        }
        #expect(outcomes.all.isEmpty)
        table.finish(ticket, with: AnswerCacheTests.answer("done"), at: 2)
        table.finish(ticket, with: AnswerCacheTests.answer("again"), at: 3)
        #expect(outcomes.all.count == 3)
        for outcome in outcomes.all {
            guard case .answer(let answer) = outcome else {
                Issue.record("no answer")
                continue
            }
            #expect(answer.chunks == [Array("done".utf8)])
        }
        #expect(Self.replayed(table.claim(try Self.request(retry: 2), at: 119 * Self.second) { _ in }) == "done")
        #expect(Self.isFirst(table.claim(try Self.request(retry: 2), at: 130 * Self.second) { _ in }) != nil)
    }

    @Test("The same content that is no retry is a request of its own; the retry joins the newest")
    func askedTwice() throws {
        let table = IdempotencyTable()
        let first = try #require(Self.isFirst(table.claim(try Self.request(retry: 0), at: 0) { _ in }))
        let second = try #require(Self.isFirst(table.claim(try Self.request(retry: 0), at: 1) { _ in }))
        let outcomes = Outcomes()
        #expect(Self.waiter(table.claim(try Self.request(retry: 1), at: 2) { outcomes.add($0) }) != nil)
        table.finish(first, with: AnswerCacheTests.answer("first"), at: 3)
        #expect(outcomes.all.isEmpty)
        table.finish(second, with: AnswerCacheTests.answer("second"), at: 4)
        guard case .answer(let answer)? = outcomes.all.first else {
            Issue.record("no answer")
            return
        }
        #expect(answer.chunks == [Array("second".utf8)])
        #expect(Self.replayed(table.claim(try Self.request(retry: 1), at: 5) { _ in }) == "second")
    }

    @Test("Where the first has no answer to give, the next in line carries it out", arguments: [nil, 429, 500])
    func succession(status: Int?) throws {
        let table = IdempotencyTable()
        let (next, last) = (Outcomes(), Outcomes())
        let ticket = try #require(Self.isFirst(table.claim(try Self.request(name: "a"), at: 0) { _ in }))
        _ = table.claim(try Self.request(name: "a"), at: 1) { next.add($0) }
        _ = table.claim(try Self.request(name: "a"), at: 1) { last.add($0) }
        table.finish(ticket, with: status.map { AnswerCacheTests.answer("bad", status: $0) }, at: 2)
        guard case .yours(let successor)? = next.all.first else {
            Issue.record("nobody carries it out")
            return
        }
        #expect(last.all.isEmpty)
        table.finish(successor, with: AnswerCacheTests.answer("good"), at: 3)
        #expect(next.all.count == 1)
        #expect(last.all.count == 1)
        #expect(Self.replayed(table.claim(try Self.request(name: "a"), at: 4) { _ in }) == "good")
    }

    @Test("Who leaves is not called, even if the one it waited for has passed the work on")
    func leaving() throws {
        let table = IdempotencyTable()
        let (stays, leaves) = (Outcomes(), Outcomes())
        let ticket = try #require(Self.isFirst(table.claim(try Self.request(name: "a"), at: 0) { _ in }))
        _ = table.claim(try Self.request(name: "a"), at: 1) { stays.add($0) }
        let waiter = try #require(
            Self.waiter(table.claim(try Self.request(name: "a"), at: 1) { leaves.add($0) }))
        table.finish(ticket, with: nil, at: 2)
        guard case .yours(let successor)? = stays.all.first else {
            Issue.record("nobody carries it out")
            return
        }
        table.leave(waiter)
        table.finish(successor, with: AnswerCacheTests.answer("good"), at: 3)
        #expect(leaves.all.isEmpty)
    }

    @Test("Waiters, requests and bytes are bounded")
    func bounds() throws {
        var settings = IdempotencyTable.Settings()
        settings.waiterLimit = 2
        settings.requestLimit = 10
        settings.byteLimit = 8000
        let table = IdempotencyTable(settings: settings)
        let ticket = try #require(Self.isFirst(table.claim(try Self.request(name: "a"), at: 0) { _ in }))
        for place in 0..<3 {
            let claim = table.claim(try Self.request(name: "a"), at: 1) { _ in }
            #expect((Self.waiter(claim) != nil) == (place < 2))
        }
        table.finish(ticket, with: AnswerCacheTests.answer("done"), at: 1)
        for number in 0..<100 {
            let claim = table.claim(try Self.request(name: "n\(number)"), at: 2) { _ in }
            let ticket = try #require(Self.isFirst(claim))
            table.finish(ticket, with: AnswerCacheTests.answer(String(repeating: "x", count: 300)), at: 2)
            #expect(table.counts.kept <= 10)
            #expect(table.counts.bytes <= 8000)
        }
        #expect(table.counts.running == 0)
        for number in 0..<10 {
            #expect(Self.isFirst(table.claim(try Self.request(name: "r\(number)"), at: 3) { _ in }) != nil)
        }
        guard case .refused(let failure) = table.claim(try Self.request(name: "one more"), at: 3, onEnd: { _ in })
        else {
            Issue.record("there is no bound")
            return
        }
        #expect(failure.kind == .overloaded)
    }

    @Test("Of a thousand at once, one carries it out and all get its answer")
    func burst() async throws {
        var settings = IdempotencyTable.Settings()
        settings.waiterLimit = 1000
        let table = IdempotencyTable(settings: settings)
        let outcomes = Outcomes()
        let request = try Self.request(name: "a")
        let firsts = await withTaskGroup(of: IdempotencyTable.Ticket?.self) { group in
            for _ in 0..<1000 {
                group.addTask { Self.isFirst(table.claim(request, at: 0) { outcomes.add($0) }) }
            }
            var tickets: [IdempotencyTable.Ticket] = []
            for await ticket in group { if let ticket { tickets.append(ticket) } }
            return tickets
        }
        #expect(firsts.count == 1)
        table.finish(try #require(firsts.first), with: AnswerCacheTests.answer("done"), at: 1)
        #expect(outcomes.all.count == 999)
    }
}
