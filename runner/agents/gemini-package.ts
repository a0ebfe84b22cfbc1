import type { AgentPackage } from './tools.ts'

/** Gemini CLI as it was tried with this runtime. */
export const GEMINI_PACKAGE: AgentPackage = {
  runtime: 'gemini',
  title: 'Gemini CLI',
  package: '@google/gemini-cli',
  version: '0.61.0',
  bin: 'gemini',
  script: true,
}
