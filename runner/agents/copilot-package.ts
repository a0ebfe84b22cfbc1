import type { AgentPackage } from './tools.ts'

/** The Copilot CLI as it was tried with this runtime. */
export const COPILOT_PACKAGE: AgentPackage = {
  runtime: 'copilot',
  title: 'The Copilot CLI',
  package: '@github/copilot',
  version: '1.0.102',
  bin: 'copilot',
  native: true,
  script: true,
}
