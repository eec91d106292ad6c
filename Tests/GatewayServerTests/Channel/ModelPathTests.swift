import Gateway
import Testing

@testable import GatewayServer

@Suite("Paths of the data path")
struct ModelPathTests {
    @Test(
        "Model calls are known by method and path",
        arguments: [
            ("POST", "/v1/chat/completions", ModelPath.call(.chat, model: nil)),
            ("POST", "/v1/chat/completions?x=y", .call(.chat, model: nil)),
            ("POST", "/chat/completions", .call(.chat, model: nil)),
            ("POST", "/v1/responses", .call(.responses, model: nil)),
            ("POST", "/v1/embeddings", .call(.embeddings, model: nil)),
            ("POST", "/v1/messages", .call(.messages, model: nil)),
            ("POST", "/v1/messages/count_tokens?beta=true", .call(.countTokens, model: nil)),
            (
                "POST", "/openai/deployments/my%2Fgpt/chat/completions?api-version=2024-10-21",
                .call(.chat, model: "my/gpt")
            ),
            ("POST", "/openai/deployments/gpt/embeddings", .call(.embeddings, model: "gpt")),
            ("POST", "/openai/v1/responses", .call(.responses, model: nil)),
            ("POST", "/openai/responses?api-version=1", .call(.responses, model: nil)),
            ("GET", "/v1/models", .models), ("GET", "/openai/models?api-version=1", .models),
            ("GET", "/v1/models/org/model-1", .model("org/model-1")),
            ("GET", "/v1/models/org%2fmodel", .model("org/model")),
            ("GET", "/v1/responses/resp_1", .notKept), ("DELETE", "/v1/responses/resp_1", .notKept),
            ("GET", "/v1/chat/completions", .wrongMethod(allowed: "POST")),
            ("POST", "/v1/models", .wrongMethod(allowed: "GET")),
        ])
    func known(method: String, target: String, path: ModelPath) {
        #expect(ModelPath(method: method, target: target) == path)
    }

    @Test(
        "Everything else is the router's",
        arguments: [
            "/", "/health", "/metrics", "/flows/a/score", "/v1", "/v1/", "/v1/models/", "/v1/chat", "/v1/files",
            "/openai/deployments/", "/openai/deployments/x", "/openai/deployments//chat/completions",
            "/v1/chat/completions/",
        ])
    func router(target: String) {
        #expect(ModelPath(method: "POST", target: target) == nil)
        #expect(ModelPath(method: "GET", target: target) == nil)
    }

    @Test("Escapes are written out where they are some")
    func escapes() {
        #expect("a%2Fb%20c"[...].percentDecoded == "a/b c")
        #expect("100%"[...].percentDecoded == "100%")
        #expect("%zz%4"[...].percentDecoded == "%zz%4")
    }

    @Test(
        "Trace parents are read as the recommendation says",
        arguments: [
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true),
            ("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", true),
            ("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false),
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more", false),
            ("00-00000000000000000000000000000000-b7ad6b7169203331-01", false),
            ("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false),
            ("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", false), ("00-1-2-3", false), ("", false),
        ])
    func traceParents(text: String, isValid: Bool) {
        #expect((TraceParent(text) != nil) == isValid)
    }

    @Test("Dates are written as HTTP wants them")
    func dates() {
        #expect(HTTPDate.text(of: 784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(HTTPDate.text(of: 951_782_400) == "Tue, 29 Feb 2000 00:00:00 GMT")
        #expect(HTTPDate.text(of: 0) == "Thu, 01 Jan 1970 00:00:00 GMT")
    }
}
