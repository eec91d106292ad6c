extension MetricsPage {
    /// Budgets, ledger, targets, cache and process.
    func writeState(to page: inout Exposition) {
        writeBudgets(to: &page)
        writeLedger(to: &page)
        page.begin("pawang_target_cooling", .gauge, help: "1 while a target is left alone after a failure.")
        for target in gauges.targets {
            page.sample([("model", target.model), ("target", target.target)], target.isCooling ? 1 : 0)
        }
        page.begin("pawang_target_in_flight", .gauge, help: "Calls of a target under way.")
        for target in gauges.targets {
            page.sample([("model", target.model), ("target", target.target)], target.inFlight)
        }
        page.begin("pawang_cache_lookups", .counter, help: "Look-ups in the exact cache.")
        page.sample([("result", "hit")], gauges.cache.hits)
        page.sample([("result", "miss")], gauges.cache.misses)
        page.begin("pawang_cache_evictions", .counter, help: "Cached answers that made room for others.")
        page.sample(gauges.cache.evictions)
        page.begin("pawang_cache_entries", .gauge, help: "Cached answers.")
        page.sample(gauges.cache.entries)
        page.begin("pawang_cache_bytes", .gauge, unit: "bytes", help: "Bytes of cached answers.")
        page.sample(gauges.cache.bytes)
        page.begin("pawang_connections", .gauge, help: "Open connections of clients.")
        page.sample(gauges.connections)
        page.begin("pawang_configuration_generation", .gauge, help: "Grows with every change of the configuration.")
        page.sample(gauges.configurationGeneration)
        page.begin("pawang_build_info", .gauge, help: "1, with the version as label.")
        page.sample([("version", gauges.version)], 1)
        writeProcess(to: &page)
    }

    private func writeBudgets(to page: inout Exposition) {
        func labels(_ budget: TrafficGauges.Budget) -> [Exposition.Label] {
            [
                ("budget", budget.name), ("scope", budget.scopeKind), ("name", budget.scopeName),
                ("window", budget.window),
            ]
        }
        page.begin("pawang_budget_limit_usd", .gauge, unit: "usd", help: "A budget's limit in its window.")
        for budget in gauges.budgets { page.sample(labels(budget), nano: budget.limitNanoUSD) }
        page.begin("pawang_budget_spent_usd", .gauge, unit: "usd", help: "What was spent in a budget's window.")
        for budget in gauges.budgets { page.sample(labels(budget), nano: budget.spentNanoUSD) }
        page.begin("pawang_budget_reserved_usd", .gauge, unit: "usd", help: "What calls under way hold of a budget.")
        for budget in gauges.budgets { page.sample(labels(budget), nano: budget.reservedNanoUSD) }
        page.begin("pawang_budget_reset_timestamp_seconds", .gauge, unit: "seconds", help: "When a budget begins anew.")
        for budget in gauges.budgets {
            if let resets = budget.resets { page.sample(labels(budget), nano: resets) }
        }
    }

    private func writeLedger(to page: inout Exposition) {
        page.begin("pawang_ledger_up", .gauge, help: "1 while the ledger can write; at 0 calls are refused.")
        page.sample(gauges.isLedgerHealthy ? 1 : 0)
        page.begin("pawang_ledger_open_reservations", .gauge, help: "Reservations that are not settled.")
        page.sample(gauges.openReservations)
        page.begin("pawang_ledger_backlog_entries", .gauge, help: "Entries of the journal not in the database yet.")
        page.sample(gauges.ledgerBacklog)
        page.begin(
            "pawang_ledger_journal_bytes", .counter, unit: "bytes", help: "Bytes written to the journal.")
        page.sample(gauges.ledgerJournalBytes)
        page.begin(
            "pawang_ledger_unreconciled_entries", .gauge,
            help: "Entries that the last start kept at their upper bound, since a crash cut them off.")
        page.sample(gauges.ledgerUnreconciled)
        page.begin(
            "pawang_ledger_conflicts", .counter, help: "Settlements that contradicted an earlier one of the attempt.")
        page.sample(gauges.ledgerConflicts)
    }

    private func writeProcess(to page: inout Exposition) {
        page.begin(
            "process_start_time_seconds", .gauge, unit: "seconds", help: "When the process started, in Unix time.")
        page.sample(nano: gauges.started)
        guard let process = gauges.process else { return }
        page.begin("process_cpu_seconds", .counter, unit: "seconds", help: "Processor time, user and system.")
        page.sample(nano: process.cpuNanoseconds)
        page.begin("process_resident_memory_bytes", .gauge, unit: "bytes", help: "Resident memory.")
        page.sample(process.residentBytes)
        page.begin("process_open_fds", .gauge, help: "Open file descriptors.")
        page.sample(process.openDescriptors)
    }
}
