extension TrafficSnapshot {
    /// What was counted since an earlier snapshot of the same server; series in which nothing happened are left out.
    ///
    /// What is in work stays as it is now.
    package func since(_ earlier: TrafficSnapshot) -> TrafficSnapshot {
        let attemptsBefore = Dictionary(earlier.attempts.map { ($0.labels, $0) }) { first, _ in first }
        let answersBefore = Dictionary(earlier.answers.map { ($0.labels, $0) }) { first, _ in first }
        var difference = self
        difference.attempts = attempts.map { $0.since(attemptsBefore[$0.labels]) }.filter { $0.attempts > 0 }
        difference.answers = answers.map { $0.since(answersBefore[$0.labels]) }.filter { $0.answers > 0 }
        return difference
    }
}

extension AttemptSeries {
    fileprivate func since(_ earlier: AttemptSeries?) -> AttemptSeries {
        guard let earlier, earlier.attempts <= attempts else { return self }
        var difference = self
        difference.attempts -= earlier.attempts
        difference.retries -= earlier.retries
        difference.streams -= earlier.streams
        difference.inputTokens -= earlier.inputTokens
        difference.outputTokens -= earlier.outputTokens
        difference.cachedInputTokens -= earlier.cachedInputTokens
        difference.reasoningTokens -= earlier.reasoningTokens
        difference.costNanoUSD -= earlier.costNanoUSD
        difference.estimated -= earlier.estimated
        difference.unpriced -= earlier.unpriced
        difference.duration = duration.since(earlier.duration)
        difference.firstToken = firstToken.since(earlier.firstToken)
        difference.inputTokenUsage = inputTokenUsage.since(earlier.inputTokenUsage)
        difference.outputTokenUsage = outputTokenUsage.since(earlier.outputTokenUsage)
        return difference
    }
}

extension AnswerSeries {
    fileprivate func since(_ earlier: AnswerSeries?) -> AnswerSeries {
        guard let earlier, earlier.answers <= answers else { return self }
        var difference = self
        difference.answers -= earlier.answers
        difference.cacheHits -= earlier.cacheHits
        difference.replays -= earlier.replays
        difference.duration = duration.since(earlier.duration)
        return difference
    }
}
