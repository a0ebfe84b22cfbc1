import type { Scenario, ScenarioName } from '../scenario.ts'
import { BUGFIX } from './bugfix/bugfix.ts'
import { DEFAULT } from './default.ts'
import { UNATTENDED } from './unattended.ts'

export const SCENARIOS: Readonly<Record<ScenarioName, Scenario>> = {
  default: DEFAULT,
  bugfix: BUGFIX,
  unattended: UNATTENDED,
}
