import Domain
import Testing

@testable import Gateway

@Suite("Keys of the exact cache")
struct AnswerKeyTests {
    static let body = #"{"model":"m","messages":[{"role":"user","content":"hi"}],"temperature":0.5}"#

    static func key(
        _ body: String = body, operation: Operation = .chat, model: String = "fast", isStream: Bool = false,
        keyID: String? = "key1", headers: [String] = []
    ) -> AnswerKey? {
        Array(body.utf8).withUnsafeBytes {
            AnswerKey(
                operation: operation, model: model, isStream: isStream, keyID: keyID, headers: headers, body: $0)
        }
    }

    @Test(
        "Requests that ask for the same thing have the same key",
        arguments: [
            #"{"temperature":0.5,"messages":[{"content":"hi","role":"user"}],"model":"m"}"#,
            #" { "model" : "m", "messages" : [ { "role":"user" , "content":"h\u0069" } ], "temperature":0.5 } "#,
            #"{"model":"m","messages":[{"role":"user","content":"hi"}],"temperature":0.5,"stream":false}"#,
            #"{"model":"m","messages":[{"role":"user","content":"hi"}],"temperature":0.5,"user":"ana"}"#,
            #"{"model":"m","messages":[{"role":"user","content":"hi"}],"temperature":0.5,"metadata":{"team":"a"}}"#,
            #"{"model":"other name of the same route","messages":[{"role":"user","content":"hi"}],"temperature":0.5}"#,
            #"{"temperature":9,"model":"m","messages":[{"role":"user","content":"hi"}],"temperature":0.5}"#,
        ])
    func same(body: String) throws {
        let first = try #require(Self.key())
        #expect(Self.key(body) == first)
    }

    @Test(
        "Requests that ask for something else have another key",
        arguments: [
            #"{"model":"m","messages":[{"role":"user","content":"hi!"}],"temperature":0.5}"#,
            #"{"model":"m","messages":[{"role":"user","content":"hi"}],"temperature":0.50}"#,
            #"{"model":"m","messages":[{"role":"user","content":"hi"}],"temperature":"0.5"}"#,
            #"{"model":"m","messages":[{"role":"user","content":"hi"}],"temperature":null}"#,
            #"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#,
            #"{"model":"m","messages":[{"role":"user","content":"hi","user":"x"}],"temperature":0.5}"#,
            #"{"model":"m","messages":[{"role":"user"},{"content":"hi"}],"temperature":0.5}"#,
            #"{"model":"m","messages":[{"role":"user","content":"hi"}],"temperature":0.5,"seed":1}"#,
        ])
    func different(body: String) throws {
        let first = try #require(Self.key())
        #expect(try #require(Self.key(body)) != first)
    }

    @Test("Whose key it is counts, unless the cache is shared")
    func keysApart() throws {
        let mine = try #require(Self.key(keyID: "key1"))
        #expect(Self.key(keyID: "key2") != mine)
        #expect(Self.key(keyID: nil) != mine)
        #expect(Self.key(keyID: nil) == Self.key(keyID: nil))
    }

    @Test("Operation, model, headers and the way of answering count")
    func frame() throws {
        let first = try #require(Self.key())
        #expect(Self.key(operation: .responses) != first)
        #expect(Self.key(model: "slow") != first)
        #expect(Self.key(isStream: true) != first)
        #expect(Self.key(headers: ["beta"]) != first)
        #expect(Self.key(headers: ["a", "b"]) != Self.key(headers: ["ab"]))
    }

    @Test("Whether usage is streamed counts for streams only")
    func streamOptions() throws {
        let plain = #"{"model":"m","messages":[]}"#
        let asked = #"{"model":"m","messages":[],"stream_options":{"include_usage":true}}"#
        #expect(Self.key(plain) == Self.key(asked))
        #expect(Self.key(plain, isStream: true) != Self.key(asked, isStream: true))
    }

    @Test("Numbers that only look the same as doubles are kept apart")
    func largeNumbers() {
        #expect(Self.key(#"{"seed":9007199254740993}"#) != Self.key(#"{"seed":9007199254740992}"#))
    }

    @Test("What is no object, no JSON or nested too deeply has no key")
    func refused() {
        #expect(Self.key("") == nil)
        #expect(Self.key("[]") == nil)
        #expect(Self.key("{") == nil)
        #expect(
            Self.key(#"{"a":"# + String(repeating: "[", count: 600) + String(repeating: "]", count: 600) + "}") == nil)
    }
}
