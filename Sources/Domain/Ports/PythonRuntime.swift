/// Where Python code runs: interpreter, folder and environment variables.
///
/// Equal places share workers.
package struct PythonPlace: Sendable, Hashable {
    /// The interpreter, or `nil` for the workspace's own or the first `python3` on the path.
    package var interpreter: String?
    /// The flow's folder: working directory and first place to import from.
    package var directory: String
    package var environment: [String: String]

    package init(interpreter: String? = nil, directory: String, environment: [String: String] = [:]) {
        self.interpreter = interpreter
        self.directory = directory
        self.environment = environment
    }
}

/// A Python function or class that a flow uses.
package enum PythonTool: Sendable, Hashable {
    /// A file of the flow with one `@tool` function (or a `ToolProvider` method), and which one if there are several.
    case file(path: String, function: String?)
    /// A function of an installed package: `package.module.function`.
    case package(function: String)
    /// A flex flow's entry, `module:function` or `module:Class`, with the class's initialisation values.
    case entry(String, initialization: JSONObject)
    /// The `__aggregate__` method of a flex flow's class.
    case entryAggregate(String, initialization: JSONObject)
}

/// A parameter of a tool.
package struct PythonParameter: Sendable, Hashable {
    package var name: String
    /// The annotation's text: `str`, `int`, `AzureOpenAIConnection`…; empty where there is none.
    package var annotation: String
    /// The default, or `nil` where the parameter is required.
    ///
    /// A default that is no JSON value is ``JSONValue/null``.
    package var defaultValue: JSONValue?

    package init(name: String, annotation: String = "", defaultValue: JSONValue? = nil) {
        self.name = name
        self.annotation = annotation
        self.defaultValue = defaultValue
    }
}

/// What is known of a tool before it is called.
package struct PythonSignature: Sendable, Hashable {
    package var function: String
    package var parameters: [PythonParameter]
    /// Accepts any further keyword arguments.
    package var acceptsAnything: Bool

    package init(function: String, parameters: [PythonParameter], acceptsAnything: Bool = false) {
        self.function = function
        self.parameters = parameters
        self.acceptsAnything = acceptsAnything
    }
}

/// What a call gave back.
package struct PythonResult: Sendable {
    /// The value, where Python's `json` accepts it.
    ///
    /// Other objects stay in the worker until the session ends and are named by a handle: `{"$pawang.handle": …,
    /// "repr": …, "type": …, "error": …}`, where `error` is the exception's text for using it as a flow output.
    /// Later calls of the session may take the handle as an argument, alone or inside lists and objects; with a
    /// further member `path` (`a['k'][0]`) it stands for that member of the object.
    ///
    /// An argument equal to a list or object that an earlier call of the session returned as a tuple, or with keys that
    /// are no strings, becomes that very object again, as it would in one process.
    package var output: JSONValue
    /// The pieces of a generator's output, in order; `output` is then a handle of an iterator that can be read again.
    package var pieces: [JSONValue]?
    /// What `log_metric` recorded, in order of first use.
    package var metrics: JSONObject
    /// What was printed, bounded.
    package var log: String

    package init(output: JSONValue, pieces: [JSONValue]? = nil, metrics: JSONObject = [:], log: String = "") {
        self.output = output
        self.pieces = pieces
        self.metrics = metrics
        self.log = log
    }
}

/// Why Python code could not be used.
package struct PythonFailure: Failure, Equatable {
    package enum Kind: String, Sendable {
        /// The tool raised; `message` is `(ExceptionType) text`.
        case raised = "ToolExecutionError"
        /// The file, function or module cannot be loaded.
        case load = "ToolLoadError"
        /// The worker ended or sent something else than answers.
        case worker = "PythonWorkerFailed"
        case timeout = "PythonTimeout"
        /// No usable interpreter.
        case interpreter = "PythonNotFound"
        case canceled = "Canceled"
    }
    package var kind: Kind
    package var message: String
    /// The end of the Python traceback, for the trace; bounded.
    package var traceback: String

    package init(_ kind: Kind, _ message: String, traceback: String = "") {
        self.kind = kind
        self.message = message
        self.traceback = traceback
    }

    package var code: String { kind.rawValue }
    package var blame: Blame { kind == .worker || kind == .interpreter ? .environment : .request }
}

/// Runs the Python parts of flows in worker processes of its own.
package protocol PythonRuntime: Sendable {
    /// The signature of a tool. Loads its file in a worker.
    func signature(of tool: PythonTool, in place: PythonPlace) async throws(PythonFailure) -> PythonSignature
    /// Takes a worker for one line; waits until one is free. The caller must end the session.
    func beginSession(in place: PythonPlace) async throws(PythonFailure) -> any PythonSession
    /// Stops all workers.
    func shutDown() async
}

/// One line's hold on a worker.
///
/// Calls may overlap: each runs on its own thread of the worker.
package protocol PythonSession: Sendable {
    /// Calls a tool. Arguments named in `connections` become connection objects of the shim package.
    func call(
        _ tool: PythonTool, arguments: JSONObject, connections: [String: Connection]
    ) async throws(PythonFailure) -> PythonResult
    /// Gives the worker back. A worker with unfinished calls is killed and replaced.
    func end() async
}
