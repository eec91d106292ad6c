import Domain
import Testing

@testable import Gateway

@Suite("What the client is told in the end")
struct RouteOutcomeTests {
    struct Case: Sendable {
        var failures: [AttemptFailure.Kind]
        var kind: GatewayFailure.Kind
        var words: [String]
    }

    static let table: [Case] = [
        Case(failures: [.connect], kind: .upstreamUnreachable, words: ["a: could not connect"]),
        Case(failures: [.resetBeforeHead], kind: .upstreamUnreachable, words: ["closed before"]),
        Case(failures: [.interrupted], kind: .upstreamInterrupted, words: ["cut off"]),
        Case(failures: [.timeout(.head)], kind: .upstreamTimeout, words: ["answer's head"]),
        Case(failures: [.timeout(.firstToken)], kind: .upstreamTimeout, words: ["first token"]),
        Case(failures: [.refused(status: 503, .unavailable)], kind: .upstreamFailed, words: ["HTTP 503"]),
        Case(failures: [.refused(status: 429, .rateLimit)], kind: .upstreamRateLimited, words: ["HTTP 429"]),
        Case(failures: [.refused(status: 429, .quota)], kind: .upstreamRateLimited, words: ["quota used up"]),
        Case(failures: [.refused(status: 401, .authentication)], kind: .upstreamAuthentication, words: ["key refused"]),
        Case(failures: [.refused(status: 404, .notFound)], kind: .upstreamFailed, words: ["model not found"]),
        Case(failures: [.malformed], kind: .upstreamMalformed, words: ["malformed"]),
        Case(failures: [.empty], kind: .upstreamMalformed, words: ["empty answer"]),
        Case(failures: [.tooLarge], kind: .upstreamTooLarge, words: ["too large"]),
        Case(
            failures: [.refused(status: 429, .rateLimit), .connect], kind: .upstreamRateLimited,
            words: ["a: HTTP 429", "b: could not connect"]),
        Case(
            failures: [.connect, .refused(status: 500, .unavailable), .malformed], kind: .upstreamFailed,
            words: ["a: could not connect", "b: HTTP 500", "c: malformed", "3 attempts"]),
    ]

    @Test("The most telling failure decides, and every attempt is named", arguments: table)
    func outcome(_ example: Case) {
        let names = ["a", "b", "c"].prefix(example.failures.count)
        let route = Fixture.route(
            [Fixture.target("a")], fallbacks: names.dropFirst().map { ("model-\($0)", [Fixture.target($0)]) }
        ) { $0.attempts = example.failures.count }
        var plan = Fixture.plan(route)
        var step = plan.next(now: 0)
        for (index, kind) in example.failures.enumerated() {
            #expect(step.target == names[index])
            step = plan.failed(AttemptFailure(kind), now: index + 1)
        }
        let failure = step.failure
        #expect(failure?.kind == example.kind)
        for words in example.words { #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")") }
        #expect(plan.failures.map(\.target) == Array(names))
    }

    @Test("The upstream's own sentence and the shortest wait are passed on")
    func details() {
        let route = Fixture.route([Fixture.target("a") { $0.weight = 9 }, Fixture.target("b") { $0.weight = 0 }]) {
            $0.attempts = 2
        }
        var plan = Fixture.plan(route)
        _ = plan.next(now: 0)
        let said = GatewayFailure(.upstreamRateLimited, "Rate limit reached for requests.")
        _ = plan.failed(
            AttemptFailure(.refused(status: 429, .rateLimit), retryAfter: .milliseconds(20_500), detail: said), now: 1)
        let end = plan.failed(
            AttemptFailure(.refused(status: 503, .unavailable), retryAfter: .seconds(90)), now: 2
        ).failure
        #expect(end?.retryAfterSeconds == 21)
        #expect(end?.upstreamStatus == 429)
        #expect(end?.message.contains("a said: Rate limit reached for requests.") == true)
    }

    @Test("Every kind of failure leads to an end, with a kind of its own for what the client can do")
    func everyKind() {
        for failure in AttemptFailure.all {
            let route = Fixture.route([Fixture.target("a")]) { $0.attempts = 1 }
            var plan = Fixture.plan(route)
            _ = plan.next(now: 0)
            let end = plan.failed(failure, now: 1).failure
            #expect(end?.kind == FailurePolicy.of(failure.kind).kind, "\(failure.kind)")
            #expect(!failure.kind.label.contains(" "))
        }
    }
}
