import type { AgentPackage } from './tools.ts'

/** OpenCode as it was tried with this runtime. */
export const OPENCODE_PACKAGE: AgentPackage = {
  runtime: 'opencode',
  title: 'OpenCode',
  package: 'opencode-ai',
  version: '1.18.33',
  bin: 'opencode',
  native: true,
  installScript: true,
}
