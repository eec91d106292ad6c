import Domain

/// A worker's answer to one request.
struct Reply: Sendable {
    private let members: JSONObject

    init(_ members: JSONObject) {
        self.members = members
    }

    /// The failure that the answer tells of, if it does.
    var failure: PythonFailure? {
        guard let error = members["error"]?.object else { return nil }
        return PythonFailure(
            error["kind"]?.string == "load" ? .load : .raised, error["message"]?.string ?? "",
            traceback: error["traceback"]?.string ?? "")
    }

    /// The result of a call, or `nil` if the answer is none.
    var result: PythonResult? {
        guard let output = members["output"] else { return nil }
        return PythonResult(
            output: output, pieces: members["pieces"]?.array, metrics: members["metrics"]?.object ?? [:],
            log: members["log"]?.string ?? "")
    }

    /// A tool's signature, or `nil` if the answer is none.
    var signature: PythonSignature? {
        guard let signature = members["signature"]?.object, let function = signature["function"]?.string,
            let parameters = signature["parameters"]?.array
        else { return nil }
        return PythonSignature(
            function: function,
            parameters: parameters.map { parameter in
                PythonParameter(
                    name: parameter["name"]?.string ?? "", annotation: parameter["annotation"]?.string ?? "",
                    defaultValue: parameter["default"])
            },
            acceptsAnything: signature["acceptsAnything"]?.bool ?? false)
    }
}
