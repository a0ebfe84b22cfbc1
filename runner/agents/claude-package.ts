import type { AgentPackage } from './tools.ts'

/** Claude Code as it was tried with this runtime. */
export const CLAUDE_PACKAGE: AgentPackage = {
  runtime: 'claude',
  title: 'Claude Code',
  package: '@anthropic-ai/claude-code',
  version: '2.1.329',
  bin: 'claude',
  native: true,
  installScript: true,
}
