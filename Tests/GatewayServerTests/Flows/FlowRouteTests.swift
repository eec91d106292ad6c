import Domain
import Gateway
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import GatewayServer

@Suite("prompt flow's serving API")
struct FlowRouteTests {
    private static func post(
        _ client: any TestClientProtocol, _ path: String, _ body: String, key: String?, headers: HTTPFields = [:]
    ) async throws -> (status: Int, headers: HTTPFields, text: String) {
        var headers = headers
        if let key { headers[.authorization] = "Bearer \(key)" }
        let response = try await client.executeRequest(
            uri: path, method: .post, headers: headers, body: ByteBuffer(string: body))
        return (response.status.code, response.headers, String(buffer: response.body))
    }

    @Test("Inputs by name give outputs by name; a body that is no JSON is the only input")
    func score() async throws {
        let bench = try FlowBench()
        try await bench.withRoutes { client in
            let answer = try await Self.post(client, "/flows/plain/score", #"{"text":"a","count":3}"#, key: bench.key)
            #expect(answer.status == 200)
            #expect(answer.text == #"{"shown":"a-3"}"#)
            #expect(answer.headers[.contentType] == "application/json")
            let root = try await Self.post(client, "/score", #"{"text":"a"}"#, key: bench.key)
            #expect(root.text == #"{"shown":"a-2"}"#)
        }
        let entries = try bench.entries()
        #expect(entries.count == 2)
        #expect(entries.allSatisfy { $0.attribution.team == "payments" && $0.operation == "flow" })
    }

    @Test(
        "Failures are prompt flow's: its statuses and its error form",
        arguments: [
            (#"{"count":3}"#, 400, "UserError", "Required input fields ['text'] are missing in request data."),
            ("[1]", 400, "UserError", "Required input fields ['text'] are missing in request data."),
            ("hello", 400, "UserError", "more than one input"), ("", 400, "UserError", "more than one input"),
            (#"{"text":"boom"}"#, 400, "UserError", "it went wrong"),
            (#"{"text":"odd"}"#, 400, "UserError", "not an int"),
            (#"{"text":"down"}"#, 500, "SystemError", "no answer"),
        ])
    func failures(body: String, status: Int, code: String, message: String) async throws {
        let bench = try FlowBench(spent: 0)
        try await bench.withRoutes { client in
            let answer = try await Self.post(client, "/flows/plain/score", body, key: bench.key)
            #expect(answer.status == status)
            let error = try JSONValue(parsing: answer.text)["error"]
            #expect(error?["code"] == .string(code))
            #expect(error?["message"]?.string?.contains(message) == true)
        }
        let answers = bench.traffic.snapshot(at: 0).answers
        #expect(answers.reduce(0) { $0 + $1.answers } == 1)
        #expect(answers.first?.labels.statusClass == status / 100)
        #expect(bench.traffic.snapshot(at: 0).inFlight.isEmpty)
    }

    @Test("Without a key, with a wrong one, or one for other flows nothing runs")
    func keys() async throws {
        let bench = try FlowBench()
        try await bench.withRoutes { client in
            #expect(try await Self.post(client, "/flows/plain/score", "{}", key: nil).status == 401)
            #expect(try await Self.post(client, "/flows/plain/score", "{}", key: "pwg_no").status == 401)
            #expect(try await Self.post(client, "/flows/chat/score", "{}", key: bench.narrowKey).status == 403)
            #expect(try await Self.post(client, "/flows/none/score", "{}", key: bench.key).status == 404)
            let named: HTTPFields = [HTTPField.Name("api-key") ?? .cookie: bench.narrowKey]
            let answer = try await Self.post(
                client, "/flows/plain/score", #"{"text":"a"}"#, key: nil, headers: named)
            #expect(answer.status == 200)
        }
        #expect(try bench.entries().count == 1)
    }

    @Test("An answer streams where text/event-stream is named, pieces first, then the other outputs")
    func stream() async throws {
        let bench = try FlowBench()
        try await bench.withRoutes { client in
            let body = #"{"question":"one two","history":[1]}"#
            let answer = try await Self.post(
                client, "/flows/chat/score", body, key: bench.key,
                headers: [.accept: "application/json;q=0.5, text/event-stream"])
            #expect(answer.status == 200)
            #expect(answer.headers[.contentType] == "text/event-stream; charset=utf-8")
            #expect(
                answer.text
                    == "data: {\"answer\": \"one \"}\n\ndata: {\"answer\": \"two \"}\n\ndata: {\"turns\": [1]}\n\n")
            let whole = try await Self.post(
                client, "/flows/chat/score", body, key: bench.key, headers: [.accept: "*/*"])
            #expect(whole.text == #"{"answer":"one two ","turns":[1]}"#)
        }
        #expect(bench.traffic.snapshot(at: 0).inFlight.isEmpty)
        #expect(try bench.entries().map(\.isStream).sorted { $0 && !$1 } == [true, false])
    }

    @Test(
        "What cannot be given in an accepted form is refused before it costs anything",
        arguments: [
            ("/flows/plain/score", "text/event-stream"), ("/flows/plain/score", "text/html"),
            ("/flows/chat/score", "text/html"),
        ])
    func notAcceptable(path: String, accept: String) async throws {
        let bench = try FlowBench()
        try await bench.withRoutes { client in
            let answer = try await Self.post(
                client, path, #"{"text":"a","question":"b"}"#, key: bench.key, headers: [.accept: accept])
            #expect(answer.status == 406)
            #expect(answer.text.contains("Media type \(accept) in Accept header is not acceptable."))
        }
        #expect(try bench.entries().isEmpty)
    }

    @Test("A stream that fails before its first piece has its own status")
    func streamFails() async throws {
        let flow = TwinFlow(TwinFlow.chat.interface) { inputs, _ in
            TwinFlow.failed(inputs, LineError(code: "ProviderFailed", message: "no answer", blame: .environment))
        }
        let late = TwinFlow(TwinFlow.chat.interface) { inputs, binding in
            binding.onText?("talk", "half ")
            return TwinFlow.failed(inputs, LineError(code: "ProviderFailed", message: "broke off", blame: .environment))
        }
        let bench = try FlowBench(spent: 0, flows: ["early": flow, "late": late, "plain": .plain])
        try await bench.withRoutes { client in
            let headers: HTTPFields = [.accept: "text/event-stream"]
            let body = #"{"question":"x"}"#
            let early = try await Self.post(client, "/flows/early/score", body, key: bench.key, headers: headers)
            #expect(early.status == 500)
            #expect(early.headers[.contentType] == "application/json")
            let late = try await Self.post(client, "/flows/late/score", body, key: bench.key, headers: headers)
            #expect(late.status == 200)
            #expect(late.text.hasPrefix("data: {\"answer\": \"half \"}\n\ndata: {\"error\": {"))
        }
    }

    @Test("Owners that a key may not change stay its own")
    func attribution() async throws {
        let bench = try FlowBench()
        try await bench.withRoutes { client in
            var headers = HTTPFields()
            for (name, value) in [
                ("x-pawang-team", "other"), ("x-pawang-service", "web"), ("x-pawang-user", "ana"),
                ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
            ] {
                if let name = HTTPField.Name(name) { headers[name] = value }
            }
            _ = try await Self.post(client, "/score", #"{"text":"a"}"#, key: bench.key, headers: headers)
        }
        let entry = try #require(try bench.entries().first)
        #expect(entry.attribution.team == "payments")
        #expect(entry.attribution.service == "web")
        #expect(entry.attribution.user == "ana")
        #expect(entry.trace == "0af7651916cd43dd8448eb211c80319c")
        #expect(entry.parentSpan == "b7ad6b7169203331")
    }

    @Test("Feedback is kept as it came, or flattened")
    func feedback() async throws {
        let bench = try FlowBench()
        try await bench.withRoutes { client in
            let answer = try await Self.post(
                client, "/flows/plain/feedback?flatten=true", #"{"good":true}"#, key: bench.key)
            #expect(answer.text == #"{"status":"Feedback received."}"#)
            _ = try await Self.post(client, "/feedback", "nice", key: bench.key)
            #expect(try await Self.post(client, "/feedback", "nice", key: nil).status == 401)
        }
        #expect(bench.feedback.all.map(\.content) == [["good": true], ["feedback": "nice"]])
        #expect(bench.feedback.all.allSatisfy { $0.flow == "plain" && $0.key == bench.record.id })
    }

    @Test("Version, health and the OpenAPI document are prompt flow's")
    func descriptions() async throws {
        let bench = try FlowBench()
        try await bench.withRoutes { client in
            let version = try await client.executeRequest(uri: "/version", method: .get, headers: [:], body: nil)
            #expect(String(buffer: version.body) == #"{"status":"Healthy","build_info":"","version":"1.2.3"}"#)
            let key: HTTPFields = [.authorization: "Bearer \(bench.key)"]
            let health = try await client.executeRequest(
                uri: "/flows/chat/health", method: .get, headers: key, body: nil)
            #expect(String(buffer: health.body) == #"{"status":"Healthy","version":"1.2.3"}"#)
            let response = try await client.executeRequest(
                uri: "/flows/plain/swagger.json", method: .get, headers: key, body: nil)
            let document = try JSONValue(parsing: String(buffer: response.body))
            #expect(document["openapi"] == "3.0.0")
            #expect(document["servers"] == [["url": "/flows/plain"]])
            let schema = document["paths"]?["/score"]?["post"]?["requestBody"]?["content"]?["application/json"]?[
                "schema"]
            #expect(
                schema == [
                    "type": "object",
                    "properties": [
                        "text": ["type": "string", "description": "What to say"],
                        "count": ["type": "integer", "default": 2],
                    ],
                    "required": ["text", "count"],
                ])
        }
    }

    @Test("Metrics need a key that names them, unless the reader is on this machine")
    func metrics() async throws {
        let bench = try FlowBench()
        try await bench.withRoutes { client in
            _ = try await Self.post(client, "/score", #"{"text":"a"}"#, key: bench.key)
            for path in ["/metrics", "/traffic"] {
                for (key, status) in [("", 401), (bench.key, 403), (bench.metricsKey, 200)] {
                    let response = try await client.executeRequest(
                        uri: path, method: .get, headers: [.authorization: "Bearer \(key)"], body: nil)
                    #expect(response.status.code == status, "\(path)")
                }
            }
            let response = try await client.executeRequest(
                uri: "/traffic", method: .get, headers: [.authorization: "Bearer \(bench.metricsKey)"], body: nil)
            let report = try #require(TrafficReport(json: try JSONValue(parsing: String(buffer: response.body))))
            #expect(report.snapshot.answers.first?.answers == 1)
            #expect((report.gauges.process?.residentBytes ?? 0) > 1 << 20)
        }
    }
}
