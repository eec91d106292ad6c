import Domain
import Gateway
import Testing

@Suite("Hostile requests")
struct HostileRequestTests {
    private static let wrong: [JSONValue] = [
        nil, true, -1, 1.5, .double(.nan), .double(1e300), .int(.max), "", "x", [], [nil], [1], [:], ["x": 1],
        [["x": [:]]],
    ]

    private static func request(
        _ body: JSONValue, _ from: Operation, _ to: Dialect
    ) -> Result<[UInt8], GatewayFailure> {
        do throws(GatewayFailure) {
            return .success(
                try Translation.request(
                    body, from: from, to: to, model: "m", defaultOutputLimit: 10, isStream: false
                ).body)
        } catch {
            return .failure(error)
        }
    }

    private static func answer(
        _ body: JSONValue, _ from: Operation, _ to: Operation
    ) -> Result<[UInt8], GatewayFailure> {
        do throws(GatewayFailure) {
            return .success(try Translation.answer(body, from: from, to: to, publicModel: "m", created: 1))
        } catch {
            return .failure(error)
        }
    }

    @Test("Any value in any place is translated or refused clearly", arguments: try TranslationCase.all("requests"))
    func anyValueAnywhere(testCase: TranslationCase) throws {
        let from = try testCase.from
        let to = try #require(Dialect(rawValue: testCase.to))
        for place in Place.all(in: testCase.body) {
            for value in Self.wrong {
                let body = place.replaced(in: testCase.body, by: value)
                switch Self.request(body, from, to) {
                case .success(let bytes): #expect((try? JSONValue(parsing: bytes)) != nil, "\(place)")
                case .failure(let failure):
                    #expect(failure.status == 400 && !failure.message.isEmpty, "\(place): \(failure)")
                }
            }
        }
    }

    @Test("Any value in any place of an answer is translated or refused", arguments: try TranslationCase.all("answers"))
    func anyAnswer(testCase: TranslationCase) throws {
        let from = try testCase.from
        let to = try #require(Operation(rawValue: testCase.to))
        for place in Place.all(in: testCase.body) {
            for value in Self.wrong {
                let body = place.replaced(in: testCase.body, by: value)
                guard case .failure(let failure) = Self.answer(body, from, to) else { continue }
                #expect(failure.blame == .environment || failure.kind == .upstreamRefused, "\(place): \(failure)")
            }
        }
    }

    @Test("Names of losses are bounded and safe in a header")
    func lossesAreSafe() throws {
        var body: JSONObject = ["model": "m", "messages": [["role": "user", "content": "a"]]]
        body["evil\r\nx-injected: 1"] = 1
        body[String(repeating: "a", count: 1000)] = 1
        for number in 0..<100 { body["member\(number)"] = 1 }
        let losses = try Translation.request(
            .object(body), from: .chat, to: .anthropic, model: "m", defaultOutputLimit: 1, isStream: false
        ).losses
        #expect(losses.count == 32)
        #expect(losses.first == "unknown")
        #expect(losses.allSatisfy { !$0.contains("\r") && $0.utf8.count <= 64 })
    }

    @Test("A body that is no object is refused", arguments: [JSONValue.null, [], "x", 1])
    func noObject(body: JSONValue) throws {
        for (from, to) in [(Operation.chat, Dialect.anthropic), (.messages, .openAI), (.responses, .anthropic)] {
            #expect(throws: GatewayFailure.self) {
                try Translation.request(body, from: from, to: to, model: "m", defaultOutputLimit: 1, isStream: false)
            }
        }
    }
}

/// The way to a value inside another.
private struct Place: CustomStringConvertible {
    private var steps: [(key: String?, index: Int)]

    var description: String { steps.map { $0.key ?? "\($0.index)" }.joined(separator: ".") }

    static func all(in value: JSONValue) -> [Place] {
        var places: [Place] = []
        collect(value, Place(steps: []), into: &places)
        return places
    }

    private static func collect(_ value: JSONValue, _ place: Place, into places: inout [Place]) {
        if !place.steps.isEmpty { places.append(place) }
        for (index, element) in (value.array ?? []).enumerated() {
            var next = place
            next.steps.append((nil, index))
            collect(element, next, into: &places)
        }
        for (key, member) in value.object ?? [:] {
            var next = place
            next.steps.append((key, 0))
            collect(member, next, into: &places)
        }
    }

    func replaced(in value: JSONValue, by new: JSONValue) -> JSONValue { replaced(value, steps[...], new) }

    private func replaced(_ value: JSONValue, _ steps: ArraySlice<(key: String?, index: Int)>, _ new: JSONValue)
        -> JSONValue
    {
        guard let step = steps.first else { return new }
        if let key = step.key {
            var object = value.object ?? [:]
            object[key] = replaced(object[key] ?? .null, steps.dropFirst(), new)
            return .object(object)
        }
        var elements = value.array ?? []
        elements[step.index] = replaced(elements[step.index], steps.dropFirst(), new)
        return .array(elements)
    }
}
