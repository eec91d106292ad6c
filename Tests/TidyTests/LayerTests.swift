import Testing

@Suite("Layers")
struct LayerTests {
    @Test("No file imports what its layer must not know")
    func importsKeepToTheLayers() throws {
        let files = try Repository.sources()
        #expect(files.count > 100, "the walk found too few files to be right")
        let violations = files.flatMap(\.layerViolations)
        #expect(violations.isEmpty, "\(violations.list)")
    }

    @Test("Every folder of Sources has a layer")
    func everyTargetHasALayer() throws {
        #expect(try Repository.targets() == Layer.ofTarget.keys.sorted())
    }

    @Test(
        "The rule refuses its fixtures",
        arguments: [
            ("Sources/Jinja/Fixture.swift", "package import Domain", "leaf library"),
            ("Sources/Statistics/Fixture.swift", "import Crypto", "leaf library"),
            ("Sources/Domain/Fixture.swift", "import GRDB", "CYYJSON, Crypto and Yams only"),
            ("Sources/Flows/Fixture.swift", "internal import Evaluation", "slices never import each other"),
            (
                "Sources/Flows/Fixture.swift", "@testable import struct Registry.Workspace",
                "slices never import each other"
            ),
            ("Sources/Evaluation/Fixture.swift", "import Stores", "slices never import adapters"),
            ("Sources/Evaluation/Fixture.swift", "import class GRDB.DatabaseQueue", "no database"),
            ("Sources/Registry/Fixture.swift", "@preconcurrency import NIOCore", "no network"),
            ("Sources/Stores/Fixture.swift", "import Providers", "adapters never import each other"),
            ("Sources/Providers/Fixture.swift", "import App", "only the executable"),
            ("Sources/pawang/Fixture.swift", "import Flows", "stub"),
            ("Sources/Unknown/Fixture.swift", "import Foundation", "has no layer"),
        ])
    func fixturesAreRefused(path: String, line: String, reason: String) {
        let violations = SourceFile(path: path, text: "// First line.\n\(line)\n").layerViolations
        #expect(violations.count == 1)
        #expect(violations.first?.place == "\(path):2")
        #expect(violations.first?.reason.contains(reason) == true)
    }

    @Test("The rule lets through what the design allows")
    func allowedImportsPass() {
        let allowed = [
            "Flows": "import Domain\nimport Foundation\nimport Jinja\nimport Yams",
            "Evaluation": "package import Domain\nimport Statistics\nimport TextMetrics",
            "Providers": "import AsyncHTTPClient\nimport Domain\nimport NIOCore",
            "Stores": "import Domain\nimport GRDB",
            "PythonWorkers": "import Domain\nimport Flows", "App": "import Flows\nimport Stores\nimport Evaluation",
            "pawang": "import App",
        ]
        for (target, text) in allowed {
            #expect(SourceFile(path: "Sources/\(target)/Fixture.swift", text: text).layerViolations == [])
        }
    }

    @Test("Lines of a text in several lines are no imports")
    func textIsNoCode() {
        let script = "let script = \"\"\"\n    import GRDB\n    \"\"\"\nimport Stores\n"
        let file = SourceFile(path: "Sources/Flows/Fixture.swift", text: script)
        #expect(file.imports.map(\.module) == ["Stores"])
        #expect(file.imports.map(\.line) == [4])
    }
}
