import Foundation
import Testing

@testable import Evaluation

@Suite("The page of a report")
struct ReportAssetsTests {
    @Test("The policy names the digests of exactly the style and scripts that are in the page")
    func digests() throws {
        let assets = try ReportSample.plainAssets()
        // sha256 of `body {}`, `chart()` and `one()\ntwo()` by Python's hashlib.
        #expect(assets.fixed[.styleHashes] == "'sha256-YjaKGiklmzC6wjXA513HAMmzus8VE61XCOT+SmwNZWA='")
        #expect(
            assets.fixed[.scriptHashes]
                == "'sha256-tdRfleBWK8SkbKUkN7WBO8zLz6mTendwxwaHQmn6Fio=' 'sha256-3o9wm4gHYljzevTW+BnpT6lvF1GO+NEyCsGtAr8bBGA='"
        )
    }

    @Test("The page of the product takes every part, and its policy forbids the network")
    func product() throws {
        let assets = try ReportSample.assets()
        let page = assets.pieces.joined()
        for rule in [
            "default-src 'none'", "img-src data:", "base-uri 'none'", "form-action 'none'",
            "require-trusted-types-for 'script'",
        ] {
            #expect(page.contains(rule), "the policy lacks \(rule)")
        }
        #expect(!page.contains("unsafe-inline"))
        #expect(!page.contains("{{"))
        // The policy has to stand before anything that it is to govern.
        let policy = try #require(page.range(of: "Content-Security-Policy"))
        #expect(!page[..<policy.lowerBound].contains("<script"))
    }

    @Test("Nothing of ours loads from elsewhere or turns text into markup")
    func noDoors() throws {
        let folder = try ReportSample.repository() + "/Sources/CAssets/report"
        for name in ReportAssets.scriptNames.map({ "\($0).js" }) + ["report.css", "report.html"] {
            let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
                .replacing("http://www.w3.org/2000/svg", with: "")
            for door in [
                "http:", "https:", "@import", "url(", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write",
                "eval(",
                "new Function", "fetch(", "XMLHttpRequest", "srcdoc",
            ] { #expect(!text.contains(door), "\(name) has \(door)") }
        }
    }

    @Test("A page without a marker, or with one out of order, is refused")
    func missingMarker() throws {
        #expect(throws: ReportError.self) { try ReportAssets(page: "{{title}}", style: "", chart: "", scripts: []) }
    }

    @Test("A text that would end its own element is refused", arguments: ["</ScRiPt>", "<!--"])
    func endsItsElement(text: String) throws {
        let page = ReportAssets.Slot.allCases.map(\.marker).joined()
        #expect(throws: ReportError.self) { try ReportAssets(page: page, style: "", chart: "", scripts: [text]) }
        #expect(throws: Never.self) { try ReportAssets(page: page, style: "", chart: "", scripts: ["a"]) }
    }
}
