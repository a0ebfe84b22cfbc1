/**
 * The demo's thread for crash tests: its people, repositories and agent, with a CI that looks into the commit instead of
 * starting test runners, so that a case is quick. What can be held waits for a file, so that a test decides when it goes on.
 */
import path from 'node:path'
import type { AgentScriptInput } from '../agents/agent-script.ts'
import { API, DOCS, STOREFRONT } from '../demo/repositories.ts'
import { DEMO_SCRIPT } from '../demo/script.ts'
import type { NewRepository } from '../github/state/repositories.ts'

/** `whole`: as in the demo, with the red check, the fixer and the rework. `short`: the coder makes no mistake. */
export type ThreadLength = 'whole' | 'short'

/** What waits until the test lets it go on: the coder between its two commits, or CI before its verdict. */
export type Held = 'coder' | 'ci'

export interface Thread {
  script: AgentScriptInput
  repositories: NewRepository[]
  /** There as soon as the held coder has committed in the first repository. */
  reachedFile: string
  /** Whoever is held goes on once this is there. */
  goFile: string
}

const CONFIGURATION = '.github/switchyard.yml'

type Call = AgentScriptInput['calls'][number]
type Action = Call['actions'][number]

export function makeThread(length: ThreadLength, held: Held | null, folder: string): Thread {
  const reachedFile = path.join(folder, 'reached')
  const goFile = path.join(folder, 'go')
  const hold: Action[] = [
    { do: 'write', path: reachedFile, content: '' },
    { do: 'wait-for', file: goFile },
  ]
  const calls = DEMO_SCRIPT.calls.map((call): Call => {
    // Agents that start test runners make a case slow; CI judges here.
    const actions = call.actions.filter((action) => action.do !== 'run').map(length === 'short' ? withoutMistake : same)
    if (held !== 'coder' || call.when?.role !== 'coder') return { ...call, actions }
    const commit = actions.findIndex((action) => action.do === 'commit')
    return { ...call, actions: actions.toSpliced(commit + 1, 0, ...hold) }
  })
  const ci = (file: string) => ciThatFinds('discountPercent', file, held === 'ci' ? goFile : null)
  const files = { ...API.files, [CONFIGURATION]: configuration(held) }
  return {
    script: { calls },
    repositories: [
      { ...API, files, ci: ci('src/items.mjs') },
      { ...STOREFRONT, ci: ci('src/price.mjs') },
      { ...DOCS, ci: [] },
    ],
    reachedFile,
    goFile,
  }
}

const same = (action: Action): Action => action

/** The demo's coder reads the wrong field in the storefront. */
function withoutMistake(action: Action): Action {
  if (action.do !== 'write' || action.path !== 'src/price.mjs') return action
  return { ...action, content: action.content.replace('item.discount ', 'item.discountPercent ') }
}

/** Green when the commit's file has the text. */
function ciThatFinds(text: string, file: string, goFile: string | null): NonNullable<NewRepository['ci']> {
  const look = `git grep --quiet ${text} HEAD -- ${file}`
  const wait = goFile === null ? '' : `while [ ! -e '${goFile}' ]; do sleep 0.05; done; `
  return [{ name: 'test', command: ['sh', '-c', `${wait}${look}`] }]
}

/** A pipeline of our own: the crash points are counted, so what the built-in one does more must not move them. */
const STEPS = `pipelines:
  default:
    - { kind: plan }
    - { kind: approval }
    - { id: code, kind: agent }
    - { id: review, kind: companion }
    - { kind: ci }
    - { kind: merge }
`
/** The shortest time between two checkpoints that can be set. */
const QUICK_CHECKPOINTS = 'roles:\n  coder:\n    limits:\n      checkpointSeconds: 1\n'

function configuration(held: Held | null): string {
  return `${String(API.files?.[CONFIGURATION])}${STEPS}${held === 'coder' ? QUICK_CHECKPOINTS : ''}`
}
