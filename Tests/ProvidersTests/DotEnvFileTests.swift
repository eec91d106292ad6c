import Domain
import Providers
import Testing

@Suite("Variables of a .env file")
struct DotEnvFileTests {
    @Test("Comments, export, quotes, escapes, blanks and empty values")
    func forms() throws {
        let text =
            "\u{FEFF}# comment\n\nPLAIN=value # comment\nexport EXPORTED = spaced \nHASH=a#b\nEMPTY=\nSINGLE='a \\n $b # c'\n"
            + "DOUBLE=\"a\\n\\\"b\\\" \\$c \\x\" # comment\nLINES=\"one\ntwo\"\r\nLAST=x\r\nPLAIN=later\nURL=https://h/?a=b"
        let values = try DotEnvFile(parsing: text, file: ".env").values.mapValues { $0.reveal() }
        #expect(
            values == [
                "PLAIN": "later", "EXPORTED": "spaced", "HASH": "a#b", "EMPTY": "", "SINGLE": "a \\n $b # c",
                "DOUBLE": "a\n\"b\" $c \\x", "LINES": "one\ntwo", "LAST": "x", "URL": "https://h/?a=b",
            ])
    }

    @Test(
        "What is no assignment is an error with file and line that shows no value",
        arguments: [
            ("A=1\nhunter2-secret\n", ".env:2:"), ("A=\"hunter2-secret\nmore", ".env:1:"),
            ("A='hunter2-secret\n'", ".env:1:"),
            ("\n\nA=\"b\" hunter2-secret", ".env:3:"), ("=hunter2-secret", ".env:1:"),
        ])
    func errors(text: String, place: String) throws {
        do {
            _ = try DotEnvFile(parsing: text, file: ".env")
            Issue.record("nothing was thrown")
        } catch {
            #expect("\(error)".contains(place))
            #expect(!"\(error)".contains("hunter2"))
        }
    }
}
