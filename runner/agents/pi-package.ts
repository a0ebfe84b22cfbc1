import type { AgentPackage } from './tools.ts'

/** Pi as it was tried with this runtime. */
export const PI_PACKAGE: AgentPackage = {
  runtime: 'pi',
  title: 'Pi',
  package: '@earendil-works/pi-coding-agent',
  version: '0.87.1',
  bin: 'pi',
  script: true,
}
