extension RoutePlan {
    /// The next step by the order of the type's comment.
    mutating func choose(now: Int) -> PlanStep {
        guard now < deadline else { return .give(outcome(.deadline, now: now)) }
        if let step = nextAccess(now: now) ?? untried(now: now) { return step }
        let survey = survey(now: now)
        if let index = survey.ready {
            let place = tried[index]
            if place.readyAt > now { return wait(until: place.readyAt, now: now) }
            if let step = start(stage: place.stage, index: place.index, isForced: false, now: now) { return step }
        }
        guard survey.isEligible else { return .give(outcome(.ineligible, now: now)) }
        guard !survey.isFull else { return .give(outcome(.full, now: now)) }
        if let forced = survey.forced, !hasForced {
            if forced.readyAt > now { return wait(until: forced.readyAt, now: now) }
            if let step = start(stage: forced.stage, index: forced.index, isForced: true, now: now) {
                hasForced = true
                return step
            }
        }
        if let back = survey.back { return wait(until: max(back, now + 1), now: now) }
        return .give(outcome(.exhausted, now: now))
    }

    /// Another key of the target whose key was refused just now.
    private mutating func nextAccess(now: Int) -> PlanStep? {
        guard tried.indices.contains(current), tried[current].mayRepeat, tried[current].firstAccess > 0 else {
            return nil
        }
        let place = tried[current]
        guard place.readyAt <= now else { return nil }
        return start(stage: place.stage, index: place.index, isForced: false, now: now)
    }

    /// A healthy target that was not tried, by weight; the model's own first.
    private mutating func untried(now: Int) -> PlanStep? {
        for (stage, content) in route.stages.enumerated() {
            // Another thread may take the last slot between looking and taking: then look again.
            for _ in content.targets.indices {
                var choice = WeightedChoice()
                for (index, target) in content.targets.enumerated() where place(stage, index) == nil {
                    guard target.isEligible(for: facts),
                        content.health[index].availability(of: target, now: now) == .free
                    else { continue }
                    choice.offer(index, weight: target.declaration.weight, random: &random)
                }
                guard let index = choice.picked else { break }
                if let step = start(stage: stage, index: index, isForced: false, now: now) { return step }
            }
        }
        return nil
    }

    /// What is left when no healthy target is untried.
    private struct Survey {
        var isEligible = false
        /// Whether a healthy target has no slot left.
        var isFull = false
        /// The place in `tried` that is healthy and ready first.
        var ready: Int?
        /// The cooling target that comes back first, and when it may be tried.
        var forced: (stage: Int, index: Int, until: Int, readyAt: Int)?
        /// When a target comes back that asked this very call to wait.
        var back: Int?
    }

    private func survey(now: Int) -> Survey {
        var survey = Survey()
        for (stage, content) in route.stages.enumerated() {
            for (index, target) in content.targets.enumerated() where target.isEligible(for: facts) {
                survey.isEligible = true
                let known = place(stage, index)
                let state = known.map { tried[$0] }
                guard state?.mayRepeat ?? true else { continue }
                let availability = content.health[index].availability(
                    of: target, firstAccess: state?.firstAccess ?? 0, now: now)
                switch availability {
                case .free:
                    guard let known else { continue }
                    if survey.ready.map({ tried[known].readyAt < tried[$0].readyAt }) ?? true { survey.ready = known }
                case .full: survey.isFull = true
                case .cooling(let until):
                    if let state, state.isAskedToWait {
                        survey.back = min(survey.back ?? .max, max(until, state.readyAt))
                    } else if survey.forced.map({ until < $0.until }) ?? true {
                        survey.forced = (stage, index, until, state?.readyAt ?? .min)
                    }
                }
            }
        }
        return survey
    }

    private func place(_ stage: Int, _ index: Int) -> Int? {
        tried.firstIndex { $0.stage == stage && $0.index == index }
    }

    private mutating func start(stage: Int, index: Int, isForced: Bool, now: Int) -> PlanStep? {
        let content = route.stages[stage]
        let firstAccess = place(stage, index).map { tried[$0].firstAccess } ?? 0
        let lease = content.health[index].start(
            content.targets[index], firstAccess: firstAccess, now: now, isForced: isForced)
        return lease.map { begin($0, stage: stage, index: index) }
    }

    private func wait(until time: Int, now: Int) -> PlanStep {
        let wait = time - now
        // A wait that cannot end in an answer is only time lost for the client.
        guard time < deadline, wait <= Self.longestWait.nanoseconds else {
            return .give(outcome(time < deadline ? .exhausted : .deadline, now: now))
        }
        return .wait(.nanoseconds(wait))
    }
}
