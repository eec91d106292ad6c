import Domain
import Gateway
import HTTPTypes
package import Hummingbird
import NIOCore

/// prompt flow's serving API: `POST /score`, `GET /health`, `/version` and `/swagger.json`, `POST /feedback`.
///
/// Below `/flows/{name}` for every flow, where each of them needs a key; and at the root for one flow, if wanted, where
/// the version needs none, nor does the server's own `/health`, as probes send none.
package struct FlowRoutes: Sendable {
    let serving: FlowServing
    let access: RequestAccess
    private let version: String
    private let buildInfo: String
    /// The flow that is also served at the root.
    private let rootFlow: String?

    /// - Parameter buildInfo: prompt flow's `BUILD_INFO`: JSON with a `build_number`, or empty.
    package init(
        serving: FlowServing, access: RequestAccess, version: String, buildInfo: String = "", rootFlow: String? = nil
    ) {
        self.serving = serving
        self.access = access
        self.version = version
        self.buildInfo = buildInfo
        self.rootFlow = rootFlow
    }

    /// Adds the routes; the server itself has `GET /health`.
    package func add(to router: Router<GatewayRequestContext>) {
        router.post("/flows/:name/score") { request, context in await score(request, name: try name(context)) }
        router.post("/flows/:name/feedback") { request, context in await feedback(request, name: try name(context)) }
        router.get("/flows/:name/swagger.json") { request, context in
            let name = try name(context)
            return await swagger(request, name: name, base: "/flows/\(name)")
        }
        router.get("/flows/:name/health") { request, context in
            await withFlow(request, name: try name(context)) { _ in health }
        }
        router.get("/flows/:name/version") { request, context in
            await withFlow(request, name: try name(context)) { _ in versionInfo }
        }
        guard let rootFlow else { return }
        router.post("/score") { request, _ in await score(request, name: rootFlow) }
        router.post("/feedback") { request, _ in await feedback(request, name: rootFlow) }
        router.get("/swagger.json") { request, _ in await swagger(request, name: rootFlow, base: nil) }
        router.get("/version") { _, _ in Response(json: versionInfo) }
    }

    private func name(_ context: GatewayRequestContext) throws -> String { try context.parameters.require("name") }

    private var health: JSONValue { ["status": "Healthy", "version": .string(version)] }

    private var versionInfo: JSONValue {
        let built = (try? JSONValue(parsing: buildInfo))?["build_number"]?.string
        return [
            "status": "Healthy", "build_info": .string(buildInfo), "version": .string(built ?? version),
        ]
    }

    private func swagger(_ request: Request, name: String, base: String?) async -> Response {
        await withFlow(request, name: name) { flow in
            OpenAPIDocument(name: name, interface: flow.interface, base: base).json
        }
    }

    private func withFlow(
        _ request: Request, name: String, _ answer: (any ServableFlow) -> JSONValue
    ) async -> Response {
        do throws(GatewayFailure) {
            let key = try access.key(of: request)
            return Response(json: answer(try await serving.flow(named: name, for: key)))
        } catch {
            return Response(score: ScoreFailure(error))
        }
    }

    /// Keeps what somebody thought of an answer; `?flatten=true` keeps the members of an object apart.
    private func feedback(_ request: Request, name: String) async -> Response {
        do throws(GatewayFailure) {
            let key = try access.key(of: request)
            _ = try await serving.flow(named: name, for: key)
            let body = try await request.bytes(upTo: Self.feedbackLimit)
            var content: JSONObject = ["feedback": .string(String(decoding: body, as: UTF8.self))]
            if request.uri.queryParameters.get("flatten")?.lowercased() == "true",
                case .object(let members)? = try? JSONValue(parsing: body)
            {
                content = members
            }
            try await keep(
                FlowFeedback(
                    flow: name, key: key.id, trace: TraceParent(request)?.trace, content: content, time: serving.now()))
            return Response(json: ["status": "Feedback received."])
        } catch {
            return Response(score: ScoreFailure(error))
        }
    }

    private func keep(_ feedback: FlowFeedback) async throws(GatewayFailure) {
        do {
            try await serving.catalogue.keepFeedback(feedback)
        } catch {
            serving.warn(feedback.flow, (error as? any Failure)?.message ?? "\(type(of: error))")
            throw GatewayFailure(
                .internalError, "The feedback could not be kept; the server's log says why. Send it again later.",
                shouldRetry: true)
        }
    }

    private static let feedbackLimit = 1 << 20
}

extension Response {
    /// An answer of JSON.
    init(json: JSONValue, status: Int = 200, headers: [(name: String, value: String)] = []) {
        var writer = JSONWriter(options: JSONWriter.Options(allowsNonFinite: false))
        writer.append(json)
        self.init(bytes: writer.bytes, status: status, headers: [("content-type", "application/json")] + headers)
    }

    /// A failure in prompt flow's form.
    init(score failure: ScoreFailure, headers: [(name: String, value: String)] = []) {
        self.init(json: failure.json, status: failure.status, headers: failure.headers + headers)
    }
}

extension Request {
    /// The whole body.
    func bytes(upTo limit: Int) async throws(GatewayFailure) -> [UInt8] {
        do {
            return Array(try await body.collect(upTo: limit).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw GatewayFailure(
                .bodyTooLarge, "The request's body is larger than \(limit) bytes.", shouldRetry: false)
        } catch {
            throw GatewayFailure(.clientClosed, "The request's body did not arrive whole.")
        }
    }

    /// All values of a header field, joined by commas.
    func joined(_ name: HTTPField.Name) -> String { headers[values: name].joined(separator: ",") }
}
