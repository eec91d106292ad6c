import Domain

/// `swagger.json` of a flow: OpenAPI 3.0, as prompt flow writes it.
struct OpenAPIDocument {
    let name: String
    let interface: FlowInterface
    /// Where the paths begin, unless at the root.
    let base: String?

    var json: JSONValue {
        var document: JSONObject = [
            "openapi": "3.0.0", "info": .object(info),
            "components": ["securitySchemes": ["bearerAuth": ["type": "http", "scheme": "bearer"]]],
            "security": [["bearerAuth": []]],
            "paths": ["/score": ["post": score], "/feedback": Self.feedback],
        ]
        if let base { document["servers"] = [["url": .string(base)]] }
        return .object(document)
    }

    private var info: JSONObject {
        var info: JSONObject = [
            "title": .string("Promptflow[\(name)] API"), "version": "1.0.0", "x-flow-name": .string(name),
        ]
        if let input = interface.inputs.last(where: \.isChatInput) {
            info["x-chat-input"] = .string(input.name)
            info["x-flow-type"] = "chat"
        }
        if let history = interface.inputs.last(where: \.isChatHistory) {
            info["x-chat-history"] = .string(history.name)
        }
        if let output = interface.outputs.last(where: \.isChatOutput) { info["x-chat-output"] = .string(output.name) }
        return info
    }

    private var score: JSONValue {
        var input: JSONObject = ["type": "object"]
        if !interface.inputs.isEmpty {
            input["properties"] = .object(JSONObject(interface.inputs.map { ($0.name, Self.schema($0)) }))
            // All of them, those with a default too: prompt flow's document says so.
            input["required"] = .array(interface.inputs.map { .string($0.name) })
        }
        var output: JSONObject = ["type": "object"]
        let shown = interface.outputs.filter { !$0.isEvaluationOnly }
        if !shown.isEmpty, !interface.hasOpenOutputs {
            output["properties"] = .object(
                JSONObject(shown.map { ($0.name, Self.schema($0.type, description: $0.description)) }))
        }
        return [
            "summary": .string("run promptflow: \(name) with an given input"),
            "requestBody": [
                "description": "promptflow input data", "required": .bool(!interface.inputs.isEmpty),
                "content": ["application/json": ["schema": .object(input), "example": [:]]],
            ],
            "responses": [
                "200": [
                    "description": "successful operation",
                    "content": ["application/json": ["schema": .object(output)]],
                ],
                "400": ["description": "Invalid input"], "default": ["description": "unexpected error"],
            ],
        ]
    }

    private static func schema(_ input: FlowInterface.Input) -> JSONValue {
        schema(input.type, description: input.description, fallback: input.defaultValue)
    }

    private static func schema(_ type: String, description: String?, fallback: JSONValue? = nil) -> JSONValue {
        var schema: JSONObject = ["type": .string(types[type] ?? "string")]
        if let description, !description.isEmpty { schema["description"] = .string(description) }
        if let fallback, fallback.isTrue { schema["default"] = fallback }
        if type == "object" { schema["additionalProperties"] = [:] }
        if type == "list" { schema["items"] = ["type": "object", "additionalProperties": [:]] }
        return .object(schema)
    }

    private static let types = [
        "int": "integer", "double": "number", "bool": "boolean", "string": "string", "list": "array",
        "object": "object", "image": "object",
    ]

    private static let feedback: JSONValue = [
        "post": [
            "summary": "collect promptflow feedback",
            "requestBody": [
                "description": "promptflow feedback data", "required": true, "content": anyObject,
            ],
            "responses": [
                "200": ["description": "successful operation", "content": anyObject],
                "400": ["description": "Invalid input"], "default": ["description": "unexpected error"],
            ],
        ],
        "parameters": [
            [
                "name": "flatten", "in": "query", "description": "flatten the feedback data into traced data",
                "required": false, "schema": ["type": "boolean"],
            ]
        ],
    ]

    private static let anyObject: JSONValue = [
        "application/json": ["schema": ["type": "object", "additionalProperties": [:]]]
    ]
}

extension JSONValue {
    /// Whether Python would take the value for true: a default that is not is left out.
    fileprivate var isTrue: Bool {
        switch self {
        case .null: false
        case .bool(let value): value
        case .int(let value): value != 0
        case .double(let value): value != 0
        case .string(let value): !value.isEmpty
        case .array(let value): !value.isEmpty
        case .object(let value): !value.isEmpty
        }
    }
}
