import Domain
import Testing

@testable import Gateway

@Suite("Rewriting requests")
struct RequestRewriteTests {
    private func rewritten(
        _ text: String, _ rewrite: RequestRewrite, _ operation: Gateway.Operation = .chat, pathModel: String? = nil
    ) throws -> String {
        let body = Array(text.utf8)
        let scan = try RequestScan(operation, body, pathModel: pathModel)
        return String(decoding: rewrite.bytes(of: body, scan), as: UTF8.self)
    }

    @Test("Only the model's name changes; every other byte stays")
    func model() throws {
        let text = "{ \"messages\" : [ ],\n\t\"model\" :  \"a\\u0062\" , \"x\":1.50e0, \"y\":\"\\u00e9\" }\n"
        #expect(
            try rewritten(text, RequestRewrite(model: "quo\"ted"))
                == "{ \"messages\" : [ ],\n\t\"model\" :  \"quo\\\"ted\" , \"x\":1.50e0, \"y\":\"\\u00e9\" }\n")
    }

    @Test("A body that has no model, or no member at all, gets one")
    func addedModel() throws {
        let rewrite = RequestRewrite(model: "m")
        #expect(try rewritten(#" { "a":1}"#, rewrite, pathModel: "d") == #" {"model":"m", "a":1}"#)
        #expect(try rewritten("{}", rewrite, pathModel: "d") == #"{"model":"m"}"#)
        #expect(try rewritten(" { } ", rewrite, pathModel: "d") == #" {"model":"m" } "#)
    }

    @Test("Nothing to change means the same bytes")
    func nothing() throws {
        let text = #"{"model":"m","stream":true,"max_tokens":5}"#
        #expect(try rewritten(text, RequestRewrite()) == text)
        #expect(try rewritten(text, RequestRewrite(outputLimit: 5)) == text)
    }

    @Test(
        "Usage is asked for in a streamed chat that does not",
        arguments: [
            (#"{"model":"m","stream":true}"#, #"{"stream_options":{"include_usage":true},"model":"m","stream":true}"#),
            (
                #"{"model":"m","stream":true,"stream_options":{}}"#,
                #"{"model":"m","stream":true,"stream_options":{"include_usage":true}}"#
            ),
            (
                #"{"model":"m","stream":true,"stream_options":{ "a":1}}"#,
                #"{"model":"m","stream":true,"stream_options":{"include_usage":true, "a":1}}"#
            ),
            (
                #"{"model":"m","stream":true,"stream_options":{"include_usage": false }}"#,
                #"{"model":"m","stream":true,"stream_options":{"include_usage": true }}"#
            ),
            (
                #"{"model":"m","stream":true,"stream_options":null}"#,
                #"{"model":"m","stream":true,"stream_options":{"include_usage":true}}"#
            ),
            (
                #"{"model":"m","stream":true,"stream_options":{"include_usage":true}}"#,
                #"{"model":"m","stream":true,"stream_options":{"include_usage":true}}"#
            ),
            (#"{"model":"m","stream":false}"#, #"{"model":"m","stream":false}"#),
        ])
    func usage(text: String, expected: String) throws {
        #expect(try rewritten(text, RequestRewrite(addsStreamUsage: true)) == expected)
    }

    @Test("Usage is never asked for in Responses and Messages, which always give it")
    func noUsage() throws {
        let rewrite = RequestRewrite(addsStreamUsage: true)
        for operation in [Gateway.Operation.responses, .messages] {
            let text = #"{"model":"m","stream":true}"#
            #expect(try rewritten(text, rewrite, operation) == text)
        }
    }

    @Test("A limit is lowered where the client's is higher, and added under the name that the upstream knows")
    func limits() throws {
        let rewrite = RequestRewrite(provider: "openai", outputLimit: 100)
        #expect(
            try rewritten(#"{"model":"m","max_tokens":999999999}"#, rewrite) == #"{"model":"m","max_tokens":100}"#)
        #expect(
            try rewritten(#"{"model":"m","max_tokens":50,"max_completion_tokens":200}"#, rewrite)
                == #"{"model":"m","max_tokens":50,"max_completion_tokens":100}"#)
        #expect(try rewritten(#"{"model":"m","max_tokens":null}"#, rewrite) == #"{"model":"m","max_tokens":100}"#)
        #expect(try rewritten(#"{"model":"m"}"#, rewrite) == #"{"max_completion_tokens":100,"model":"m"}"#)
        #expect(
            try rewritten(#"{"model":"m"}"#, RequestRewrite(provider: "groq", outputLimit: 7))
                == #"{"max_tokens":7,"model":"m"}"#)
        #expect(try rewritten(#"{"model":"m"}"#, rewrite, .responses) == #"{"max_output_tokens":100,"model":"m"}"#)
        #expect(try rewritten(#"{"model":"m"}"#, rewrite, .messages) == #"{"max_tokens":100,"model":"m"}"#)
        #expect(try rewritten(#"{"model":"m","input":"x"}"#, rewrite, .embeddings) == #"{"model":"m","input":"x"}"#)
    }

    @Test("Four thousand random bodies mean after rewriting what they meant before, but for what was asked")
    func property() throws {
        var random = RandomJSON(seed: 7)
        for round in 0..<4000 {
            var members: [(String, JSONValue)] = (0..<random.upTo(5)).map { _ in
                ("x" + random.string(), random.value())
            }
            let hasModel = random.upTo(4) > 0
            if hasModel { members.append(("model", .string("m" + random.string()))) }
            if random.upTo(2) == 0 { members.append(("stream", .bool(random.upTo(3) > 0))) }
            if random.upTo(2) == 0 { members.append(("max_tokens", [.null, .int(5), .int(500)][random.upTo(3)])) }
            if random.upTo(3) == 0 {
                let options: [JSONValue] = [
                    .null, [:], ["include_usage": false], ["include_usage": true], ["a": "}", "include_usage": nil],
                    ["b": [1, "\""]],
                ]
                members.append(("stream_options", options[random.upTo(options.count)]))
            }
            members.shuffle(using: &random.numbers)
            let object = JSONObject(members)
            let rewrite = RequestRewrite(
                model: random.upTo(3) > 0 ? "n" + random.string() : nil, provider: random.upTo(2) == 0 ? "openai" : "x",
                addsStreamUsage: random.upTo(2) == 0, outputLimit: random.upTo(2) == 0 ? 100 : nil)
            let text = random.text(.object(object))
            let result = try rewritten(text, rewrite, pathModel: hasModel ? nil : "p")
            let value = try #require(try? JSONValue(parsing: result), "round \(round): \(text)")
            #expect(
                value.text(sortedKeys: true)
                    == JSONValue.object(expected(object, rewrite)).text(sortedKeys: true), "round \(round): \(text)")
        }
    }

    /// What the rewritten body must mean, worked out on values.
    private func expected(_ object: JSONObject, _ rewrite: RequestRewrite) -> JSONObject {
        var object = object
        if let model = rewrite.model { object["model"] = .string(model) }
        if rewrite.addsStreamUsage, object["stream"]?.bool == true {
            var options = object["stream_options"]?.object ?? [:]
            options["include_usage"] = true
            object["stream_options"] = .object(options)
        }
        if let limit = rewrite.outputLimit {
            if let given = object["max_tokens"] {
                object["max_tokens"] = .int(min(given.int ?? limit, limit))
            } else {
                object[rewrite.provider == "openai" ? "max_completion_tokens" : "max_tokens"] = .int(limit)
            }
        }
        return object
    }
}
