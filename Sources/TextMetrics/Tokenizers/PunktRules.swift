/// The second look of Punkt at a token, in the light of the token after it (Kiss and Strunk 2006, section 4).
enum PunktRules {
    private enum Evidence { case startsSentence, continuesSentence, none }

    /// Corrects what the token's own form suggested.
    static func reconsider(_ token: inout PunktToken, before next: PunktToken, model: PunktModel) {
        guard token.isPeriodFinal else { return }
        let type = token.typeWithoutPeriod
        let nextType = next.typeWithoutSentencePeriod
        if model.isCollocation(type, nextType) {
            token.endsSentence = false
            token.isAbbreviation = true
            return
        }
        if token.isAbbreviation || token.isEllipsis, !token.isInitial {
            if evidence(of: next, model: model) == .startsSentence
                || (next.startsUpper && model.startsSentences(nextType))
            {
                token.endsSentence = true
                return
            }
        }
        if token.isInitial || type.elementsEqual(PunktToken.number) {
            reconsiderInitialOrOrdinal(&token, before: next, model: model)
        }
    }

    private static func reconsiderInitialOrOrdinal(
        _ token: inout PunktToken, before next: PunktToken, model: PunktModel
    ) {
        let evidence = evidence(of: next, model: model)
        let isUnseenName =
            token.isInitial && next.startsUpper && evidence == .none
            && model.spelling(of: next.typeWithoutSentencePeriod) == .unknown
        if evidence == .continuesSentence || isUnseenName {
            token.endsSentence = false
            token.isAbbreviation = true
        }
    }

    /// What the spelling of a token says about whether a sentence starts with it.
    private static func evidence(of token: PunktToken, model: PunktModel) -> Evidence {
        if token.isPunctuation { return .continuesSentence }
        let spelling = model.spelling(of: token.typeWithoutSentencePeriod)
        if token.startsUpper, spelling == .lowerCase || spelling == .neverCapitalised { return .startsSentence }
        if token.startsLower, spelling != .neverCapitalised { return .continuesSentence }
        return .none
    }
}
