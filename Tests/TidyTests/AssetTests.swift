import Foundation
import Testing

@Suite("Assets")
struct AssetTests {
    @Test("Every embedded file that the code asks for by name exists")
    func assetsExist() throws {
        let violations = try Repository.sources().flatMap { file in
            Self.missing(in: file) { path in
                FileManager.default.fileExists(
                    atPath: Repository.root.appendingPathComponent("Sources/CAssets/\(path)").path)
            }
        }
        #expect(violations.isEmpty, "\(violations.list)")
    }

    @Test("A file that is not there is refused, and one whose name is computed is left to its own test")
    func missingAsset() {
        let text = """
            let page = Assets.text("report/report.html")
            let gone = Assets.bytes("report/gone.html")
            let some = Assets.bytes("schemas/\\(kind).json")
            """
        let file = SourceFile(path: "Sources/App/Fixture.swift", text: text)
        #expect(Self.missing(in: file) { $0 == "report/report.html" }.map(\.place) == ["Sources/App/Fixture.swift:2"])
    }

    private static func missing(in file: SourceFile, exists: (String) -> Bool) -> [Violation] {
        file.lines.enumerated().flatMap { index, line in
            ["Assets.bytes(\"", "Assets.text(\"", "Assets.texts(below: \""].flatMap { call in
                String(line).components(between: call, and: "\"").map(String.init)
            }
            .filter { !$0.contains("\\(") && !exists($0) }
            .map {
                Violation(
                    place: "\(file.path):\(index + 1)",
                    reason: "Sources/CAssets/\($0) does not exist, so the program would end there")
            }
        }
    }
}
