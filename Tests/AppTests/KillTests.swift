import Domain
import Foundation
import Testing

/// Everything here runs the real binary, which `bin/test` names.
@Suite("Interrupted experiments", .serialized)
struct KillTests {
    /// A small generator whose sequence is the same for ever, so that a failure can be had again.
    private struct SeededGenerator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    /// Runs until the end, killed at random moments; returns how often.
    ///
    /// Checks after each kill that nothing stored as completed is asked again.
    private func survive(
        _ place: KillPlace, store: String, kills: Int, requests: ClosedRange<Int>, microseconds: ClosedRange<UInt32>,
        generator: inout SeededGenerator
    ) async throws -> Int {
        var done = 0
        var completed: Set<String> = []
        while done < kills {
            let before = place.model.questions.count
            let count = Int.random(in: requests, using: &generator)
            let delay = UInt32.random(in: microseconds, using: &generator)
            let ended = try await place.run(store: store) { send in
                guard count > 0 else {
                    // Before the first request: while it starts, loads, or opens the store.
                    usleep(delay)
                    send(SIGKILL)
                    return
                }
                // Not on the model's own thread: the answer must go out meanwhile.
                place.model.set(afterFurther: count) {
                    DispatchQueue.global().asyncAfter(deadline: .now() + .microseconds(Int(delay))) { send(SIGKILL) }
                }
            }
            let again = completed.intersection(place.model.questions[before...])
            #expect(again.isEmpty, "after \(done) kills, finished lines were asked again: \(again.sorted().prefix(5))")
            if ended.status == 0 { return done }
            try #require(ended.status == -SIGKILL, "after \(done) kills: \(ended.errors)")
            done += 1
            let stored = try await place.stored(store)
            #expect(stored.completed.isSuperset(of: completed), "a completed line was lost by kill \(done)")
            #expect(stored.experiments <= 1, "kill \(done) made it begin anew")
            completed = stored.completed
        }
        let before = place.model.questions.count
        let ended = try await place.run(store: store)
        #expect(ended.status == 0, "\(ended.errors)")
        #expect(completed.intersection(place.model.questions[before...]).isEmpty)
        #expect(try await place.stored(store).experiments == 1)
        return done
    }

    @Test("2,000 lines killed 50 times give what an uninterrupted run gives, and no finished line is asked again")
    func killed() async throws {
        let place = try KillPlace(model: CountingModel())
        let whole = try await place.run(store: "whole")
        try #require(whole.status == 0, "\(whole.errors)")
        let expected = try place.results("whole")
        try #require(expected.count == 2 * KillPlace.rows + 1)
        #expect(place.model.questions.count == 2 * KillPlace.rows)

        var generator = SeededGenerator(state: 20_261_122)
        var kills = 0
        for round in 1...2 {
            let before = place.model.questions.count
            let store = "killed-\(round)"
            let made = try await survive(
                place, store: store, kills: 25, requests: 0...110, microseconds: 0...4000, generator: &generator)
            #expect(try place.results(store) == expected)
            // Only what was on its way at a kill can be asked twice: eight lines at most.
            #expect(place.model.questions.count - before <= 2 * KillPlace.rows + 8 * made)
            kills += made
        }
        #expect(kills == 50)
    }

    @Test("Killed while it scores and writes the report, it goes on without asking anything again")
    func killedAtTheEnd() async throws {
        let place = try KillPlace(model: CountingModel(), rows: 100)
        let whole = try await place.run(store: "whole")
        try #require(whole.status == 0, "\(whole.errors)")
        var generator = SeededGenerator(state: 7)
        // From the last request on: its line is stored, then lines are scored and the report is written.
        var kills = 0
        for round in 0..<8 {
            let before = place.model.questions.count
            kills += try await survive(
                place, store: "end-\(round)", kills: 1, requests: 200...200, microseconds: 0...80_000,
                generator: &generator)
            #expect(place.model.questions.count - before <= 200 + 8)
            #expect(try place.results("end-\(round)") == place.results("whole"))
        }
        #expect(kills >= 3, "it was too fast to be killed")
    }

    @Test("Ctrl-C ends with status 130, keeps what is finished, and the same command goes on")
    func interrupted() async throws {
        let place = try KillPlace(model: CountingModel(), rows: 200)
        let whole = try await place.run(store: "whole")
        try #require(whole.status == 0, "\(whole.errors)")
        let before = place.model.questions.count
        for count in [1, 60, 130] {
            let start = place.model.questions.count
            let ended = try await place.run(store: "stopped") { send in
                place.model.set(afterFurther: count) { send(SIGINT) }
            }
            #expect(ended.status == 130, "\(ended.errors)")
            #expect(place.model.questions.count - start < count + 60, "it went on after Ctrl-C")
        }
        let completed = try await place.stored("stopped").completed
        #expect(completed.count > 150)
        let resumed = place.model.questions.count
        let ended = try await place.run(store: "stopped")
        #expect(ended.status == 0, "\(ended.errors)")
        #expect(completed.intersection(place.model.questions[resumed...]).isEmpty)
        #expect(place.model.questions.count - before <= 400 + 3 * 8)
        #expect(try place.results("stopped") == place.results("whole"))
    }

    @Test("--max-calls is never overshot, failed attempts and concurrency included, and a higher limit goes on")
    func budget() async throws {
        let place = try KillPlace(model: CountingModel(failingEvery: 5), rows: 50)
        for limit in [0, 1, 23] {
            let before = place.model.questions.count
            let ended = try await place.run(store: "budget", arguments: ["--max-calls", "\(limit)"])
            #expect(ended.status == 1, "\(ended.errors)")
            #expect(place.model.questions.count - before == limit)
        }
        let completed = try await place.stored("budget").completed
        // Of 24 requests every fifth failed.
        #expect(completed.count == 20)
        let before = place.model.questions.count
        let ended = try await place.run(store: "budget")
        #expect(ended.status == 0, "\(ended.errors)")
        #expect(completed.intersection(place.model.questions[before...]).isEmpty)
        #expect(try await place.stored("budget").completed.count == 100)
    }
}
