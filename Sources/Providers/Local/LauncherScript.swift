/// The Python program that runs llama.cpp's server from PyPI's `xllamacpp` for us.
///
/// It takes its settings as JSON in its only argument, prints one line of JSON (`address` or `error`) when it knows
/// which, and ends when its standard input ends: then we are gone, even if by kill -9.
enum LauncherScript {
    static let source = #"""
        import glob, importlib.util, json, os, signal, sys, threading

        def say(**fields):
            print(json.dumps(fields), flush=True)

        def fail(sentence):
            say(error=sentence)
            os._exit(3)

        def watch():
            while os.read(0, 4096):
                pass
            os._exit(0)

        def model_file(path):
            if not path.startswith("package:"):
                return path
            package = path[len("package:"):]
            # The package is only looked up, not imported: its own dependencies need not be there.
            spec = importlib.util.find_spec(package.replace("-", "_"))
            folders = list(spec.submodule_search_locations or []) if spec else []
            files = sorted(f for d in folders for f in glob.glob(os.path.join(d, "**", "*.gguf"), recursive=True))
            if not files:
                fail(f"The Python package {package} is not installed in {sys.prefix} or holds no GGUF file.")
            return files[0]

        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        settings = json.loads(sys.argv[1])
        path = model_file(settings["path"])
        if not os.path.isfile(path):
            fail(f"The model file {path} does not exist.")
        try:
            import xllamacpp
        except ImportError:
            fail(f"The Python package xllamacpp is not installed in {sys.prefix}. Install it with pip install --no-deps xllamacpp.")
        threading.Thread(target=watch, daemon=True).start()
        parameters = xllamacpp.CommonParams()
        parameters.model.path = path
        parameters.hostnames = ["127.0.0.1"]
        parameters.port = 0
        parameters.n_ctx = settings["context"] * settings["parallel"]
        parameters.n_parallel = settings["parallel"]
        parameters.cpuparams.n_threads = settings["threads"]
        parameters.use_jinja = True
        parameters.endpoint_metrics = True
        parameters.embedding = settings["embedding"]
        if settings["pooling"]:
            parameters.pooling_type = getattr(
                xllamacpp.llama_pooling_type, "LLAMA_POOLING_TYPE_" + settings["pooling"].upper())
        try:
            server = xllamacpp.Server(parameters)
        except Exception as error:
            fail(f"llama.cpp cannot serve {path}: {error}")
        say(address=server.listening_address)
        while True:
            signal.pause()
        """#
}
