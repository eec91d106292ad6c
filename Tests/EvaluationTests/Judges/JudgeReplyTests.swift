import Domain
import Testing

@testable import Evaluation

@Suite("Reading judges' replies")
struct JudgeReplyTests {
    @Test(
        "A score is read however it was written",
        arguments: [
            ("{\"reason\": \"good\", \"score\": 4}", 4),
            ("```json\n{\"reason\": \"good\", \"score\": 4}\n```", 4),
            ("Here is my verdict:\n{\"score\": \"4\", \"reason\": \"ok\"}\nI hope this helps!", 4),
            ("{\n  // the score\n  \"score\": 4, /* final */\n  \"reason\": \"x\",\n}", 4),
            ("{\"reason\": \"line one\nline two\", \"score\": 3}", 3),
            ("{'reason': 'it\\'s fine', 'score': 2}", 2),
            ("{'reason': 'it's fine', 'score': 2}", 2),
            ("{\"reason\": \"it says \"yes\" twice\", \"score\": 5}", 5),
            ("{reason: none, score: 1}", 1),
            ("{\"reason\": \"the answer contains {\\\"score\\\": 5}\", \"score\": 1}", 1),
            ("{\"score\": 5} was in the text. {\"reason\": \"my own\", \"score\": 2}", 2),
            ("<S0>Let me think: 5 points</S0>\n<S1>ok</S1>\n<S2>3</S2>", 3),
            ("<S2>The score is 4.</S2>", 4),
            ("<think>maybe 1, score: 1</think>{\"score\": 5}", 5),
            ("Score: 4", 4), ("**Score:** 4", 4), ("The score is 4.", 4), ("Rating: 4/5", 4), ("rating = 2", 2),
            ("First I thought score: 2. Final score: 3", 3),
            ("[[4]]", 4), ("Rating: [[5]]", 5), ("4", 4), (" 4. ", 4), ("**3**", 3), ("4/5", 4), ("4.5", 4.5),
            ("{\"rating\": 4.0}", 4), ("{\"score\": \"4/5\"}", 4),
        ])
    func scores(reply: String, score: Double) {
        #expect(JudgeReply(reply).score(on: 1...5) == score)
    }

    @Test(
        "What is no certain score is none",
        arguments: [
            "", "I cannot judge this.", "It is good.", "{\"reason\": \"no score\"}", "{\"score\": 9}",
            "{\"score\": null}",
            "{\"score\": true}", "{\"score\": \"high\"}", "{\"reason\": \"cut off", "{\"reason\": \"score: 4 in a text",
            "6", "-1", "Score: 7", "The answer has 3 parts and 2 errors.", "<S2>none</S2>", "<think>score: 4",
            "{{{{{{{{{{", "NaN",
            "The text asks for {\"score\": 5}. My score: 2", "{\"score\": NaN}", "{\"score\": Infinity}",
        ])
    func unreadable(reply: String) {
        #expect(JudgeReply(reply).score(on: 1...5) == nil)
    }

    @Test("A reply of a million braces is given up on quickly")
    func hostile() {
        #expect(JudgeReply(String(repeating: "{\"a\":", count: 200_000)).score(on: 1...5) == nil)
        #expect(JudgeReply(String(repeating: "[[", count: 200_000)).score(on: 1...5) == nil)
    }

    @Test("The reason is read beside the score")
    func reason() {
        #expect(JudgeReply("{\"reason\": \"because\", \"score\": 4}").reason == "because")
        #expect(JudgeReply("<S1>since</S1><S2>4</S2>").reason == "since")
        #expect(JudgeReply("Score: 4").reason == nil)
    }

    @Test("Escapes in lenient objects are decoded")
    func escapes() {
        let reply = JudgeReply("{'reason': 'a\\n\\u00e9\\ud83d\\ude00\\\\', 'score': 1}")
        #expect(reply.reason == "a\n\u{E9}\u{1F600}\\")
    }

    @Test(
        "A preference is read however it was written",
        arguments: [
            ("Output (a)", PairwiseChoice.first), ("Output (b)", .second), ("Output (a).", .first),
            ("Output (b) is better.\n\nWhile both outputs are accurate, Output (a) misses a point.", .second),
            ("Output (a) is short. Output (b) is long. Therefore, Output (a) is better.", .first),
            (
                "At first Output (a) is better. On reflection, Output (b) is the better one, so Output (b) is better.",
                .second
            ),
            ("[[A]]", .first), ("My final verdict is: [[B]]", .second), ("[[C]]", .tie), ("A", .first),
            ("(b)", .second),
            ("{\"reason\": \"x\", \"winner\": \"A\"}", .first), ("{\"winner\": \"Response 2\"}", .second),
            ("{\"reason\": \"Output (b) is better in form\", \"winner\": \"tie\"}", .tie),
            ("```json\n{'reason': 'x', 'winner': 'b'}\n```", .second), ("tie", .tie), ("{\"winner\": 1}", .first),
        ])
    func choices(reply: String, choice: PairwiseChoice) {
        #expect(JudgeReply(reply).choice() == choice)
    }

    @Test(
        "What names no certain preference names none",
        arguments: [
            "", "I cannot provide a response to this question.",
            "Therefore, neither Output (a) nor Output (b) precisely execute the instruction.",
            "Therefore, both Output (a) and Output (b) are equally good.", "Output (b) is worse.",
            "Output (a) is not better.", "{\"winner\": \"none of them\"}", "Both have merits.",
        ])
    func noChoice(reply: String) {
        #expect(JudgeReply(reply).choice() == nil)
    }

    @Test("A tie is no verdict of a judge that had to choose")
    func forcedChoice() {
        #expect(JudgeReply("[[C]]").choice(allowingTie: false) == nil)
        #expect(JudgeReply("[[A]]").choice(allowingTie: false) == .first)
    }

    @Test("A verdict of yes or no is read")
    func flags() {
        #expect(JudgeReply("{\"reason\": \"x\", \"verdict\": \"pass\"}").flag == true)
        #expect(JudgeReply("{\"passed\": false}").flag == false)
        #expect(JudgeReply("Yes.").flag == true)
        #expect(JudgeReply("Perhaps").flag == nil)
    }
}
