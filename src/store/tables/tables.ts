/** Every table of the store, for drizzle-kit. */
export { deliveries } from './deliveries.ts'
export { configurations, githubBlocks, projections, takenTriggers } from './github.ts'
export { agentLog, jobs, runners } from './jobs.ts'
export { appliedEvents, history } from './journal.ts'
export { modelCalls, spent } from './model-calls.ts'
export { outbox } from './outbox.ts'
export { runLegs, runs } from './runs.ts'
export { timers } from './timers.ts'
