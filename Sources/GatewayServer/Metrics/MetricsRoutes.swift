import Domain
package import Gateway
import HTTPTypes
package import Hummingbird
import NIOCore

/// `GET /metrics` for Prometheus and `GET /traffic` for `pawang top`, on the server's own listener.
///
/// Programs on the same machine need no key; others need one that names `metrics` among its models.
package struct MetricsRoutes: Sendable {
    private let traffic: Traffic
    private let gauges: @Sendable () -> TrafficGauges
    private let access: RequestAccess
    private let now: @Sendable () -> Int

    /// - Parameters:
    ///   - gauges: what is read when someone asks; may take a millisecond.
    ///   - now: nanoseconds since 1970.
    package init(
        traffic: Traffic, gauges: @escaping @Sendable () -> TrafficGauges, access: RequestAccess,
        now: @escaping @Sendable () -> Int
    ) {
        self.traffic = traffic
        self.gauges = gauges
        self.access = access
        self.now = now
    }

    /// Adds both routes.
    package func add(to router: Router<GatewayRequestContext>) {
        router.get("/metrics") { request, context in
            answer(request, context) {
                let format = Exposition.Format(accept: request.headers[.accept] ?? "")
                let page = MetricsPage(traffic.snapshot(at: now()), gauges: gaugesWithProcess())
                return (page.text(as: format), format.contentType)
            }
        }
        router.get("/traffic") { request, context in
            answer(request, context) {
                let report = TrafficReport(snapshot: traffic.snapshot(at: now()), gauges: gaugesWithProcess())
                return (report.json.bytes(), "application/json")
            }
        }
    }

    private func answer(
        _ request: Request, _ context: GatewayRequestContext, _ body: () -> (bytes: [UInt8], contentType: String)
    ) -> Response {
        do throws(GatewayFailure) {
            try access.checkMetrics(request, from: context.remoteAddress)
        } catch {
            return Response(failure: error)
        }
        let (bytes, contentType) = body()
        return Response(bytes: bytes, status: 200, headers: [("content-type", contentType)])
    }

    private func gaugesWithProcess() -> TrafficGauges {
        var gauges = gauges()
        gauges.process = ProcessUsage.current
        return gauges
    }
}

extension Response {
    /// An answer of bytes.
    init(bytes: [UInt8], status: Int, headers: [(name: String, value: String)]) {
        self.init(
            status: .init(code: status), headers: HTTPFields(pairs: headers),
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// A failure in OpenAI's form.
    init(failure: GatewayFailure) {
        let body = ErrorBody(failure, .openAI)
        self.init(bytes: body.bytes, status: body.status, headers: body.headers)
    }
}

extension HTTPFields {
    /// Fields by name and value; one that is no valid field is left out.
    init(pairs: [(name: String, value: String)]) {
        self.init()
        for (name, value) in pairs {
            if let name = HTTPField.Name(name) { append(HTTPField(name: name, value: value)) }
        }
    }
}
