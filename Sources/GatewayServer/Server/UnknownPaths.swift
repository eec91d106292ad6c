import Gateway
import HTTPTypes
import Hummingbird
import NIOCore

/// Answers what no route knows as every other refusal: in OpenAI's form of an error.
struct UnknownPaths: RouterMiddleware {
    typealias Context = GatewayRequestContext

    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound && error.body == nil {
            let failure = GatewayFailure(
                .notFound,
                "There is nothing at \(request.method.rawValue.prefix(16)) \(request.uri.path.prefix(100)). Models are called at /v1/chat/completions, /v1/responses, /v1/embeddings and /v1/messages.",
                shouldRetry: false)
            let body = ErrorBody(failure, .openAI)
            var headers = HTTPFields()
            for (name, value) in body.headers {
                if let name = HTTPField.Name(name) { headers[name] = value }
            }
            return Response(
                status: .notFound, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body.bytes)))
        }
    }
}
