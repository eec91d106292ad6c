/// What the gateway has to know of a request's body, read without turning the body into values.
///
/// Everything else is left to the upstream. Of a member that is read here only one may be there: servers differ in
/// which one of repeated members they take, and nobody shall be billed for another model than was checked.
package struct RequestScan: Sendable {
    package let operation: Operation
    /// The model that is asked for, by the name under which it is offered.
    package internal(set) var model: String
    /// Whether a streamed answer is wanted.
    package internal(set) var isStream = false
    /// Whether the client wants the usage in the stream (`stream_options.include_usage`).
    package internal(set) var wantsStreamUsage = false
    /// The limit on output tokens the client sets; of several the highest.
    package internal(set) var maximumOutputTokens: Int?
    /// How many answers are wanted (`n`).
    package internal(set) var choices = 1
    /// The end user, as the client names them: `user`, `safety_identifier` or Anthropic's `metadata.user_id`.
    package internal(set) var user: String?
    /// Texts of `metadata`: at most 64, of at most 512 bytes each; what is beyond that is not read.
    package internal(set) var metadata: [String: String] = [:]
    package internal(set) var encodingFormat: String?
    package internal(set) var serviceTier: String?
    package internal(set) var hasImages = false
    package internal(set) var hasAudio = false
    package internal(set) var hasTools = false
    /// The most searches of the web that Anthropic's own tool may make; 10 where the request sets no bound.
    package internal(set) var maximumSearches = 0
    /// Whether parts of the input are marked to be written to the provider's cache (`cache_control`).
    package internal(set) var cachesInput = false
    /// Whether they are marked to be kept there for an hour.
    package internal(set) var cachesInputLong = false
    /// Whether the input is partly kept by the provider (`previous_response_id`, `conversation`), so that the estimate
    /// cannot include it.
    package internal(set) var hasStoredInput = false
    /// Texts or token lists to embed.
    package internal(set) var inputs = 0
    /// An estimate of the input tokens that is rather too high than too low.
    ///
    /// A token for 3.2 bytes of text, 8 for each message, 1,700 for each image; media in base64 are not counted as
    /// text.
    package internal(set) var estimatedInputTokens = 0
    /// Where the members stand that may have to be replaced.
    var places = RequestPlaces()

    /// Reads a body.
    ///
    /// - Parameter pathModel: the model of the path (Azure's deployment), which counts instead of the body's.
    /// - Throws: `.invalidRequest` with the member that is wrong.
    package init(
        _ operation: Operation, _ body: UnsafeRawBufferPointer, pathModel: String? = nil
    ) throws(GatewayFailure) {
        self.operation = operation
        model = pathModel ?? ""
        var problem = ""
        guard let tree = JSONTree(body, problem: &problem) else {
            throw GatewayFailure(.invalidRequest, "The request's body is no JSON text: \(problem).")
        }
        guard tree.root.isObject else {
            throw GatewayFailure(.invalidRequest, "The request's body must be a JSON object.")
        }
        try read(tree, of: body)
        guard !model.isEmpty else {
            throw GatewayFailure(
                .invalidRequest, "The request names no model: set `model` to one of those that GET /v1/models lists.",
                parameter: "model")
        }
    }

    /// Reads a body.
    package init(_ operation: Operation, _ body: [UInt8], pathModel: String? = nil) throws(GatewayFailure) {
        let result: Result<Self, GatewayFailure> = body.withUnsafeBytes { bytes in
            do throws(GatewayFailure) {
                return .success(try Self(operation, bytes, pathModel: pathModel))
            } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }
}

/// Where the members of a body stand that may have to be replaced.
struct RequestPlaces: Sendable {
    /// A limit on output tokens.
    struct Limit: Sendable {
        var value: Range<Int>
        /// What the client set; `nil` where it wrote `null`.
        var tokens: Int?
    }

    /// Where a member can be added as the first.
    var firstMember = 0
    var hasMembers = false
    var model: Range<Int>?
    var limits: [Limit] = []
    /// The value of `stream_options`, and within it that of `include_usage`.
    var streamOptions: Range<Int>?
    var includeUsage: Range<Int>?
    var hasStreamOptions = false
    var streamOptionsAreEmpty = true
}
