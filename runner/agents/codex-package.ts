import type { AgentPackage } from './tools.ts'

/** Codex as it was tried with this runtime. */
export const CODEX_PACKAGE: AgentPackage = {
  runtime: 'codex',
  title: 'Codex',
  package: '@openai/codex',
  version: '0.169.0',
  bin: 'codex',
  native: true,
  script: true,
}
