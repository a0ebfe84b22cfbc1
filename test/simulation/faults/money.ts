// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are pieces of source, not templates
/** Faults in money: what is kept free, what is charged, what people add. */
import type { SourceFault } from '../faults.ts'

const BOOKS = ['test/conformance/pglite-pglite.test.ts']
const CORE = ['src/pipeline/budget.test.ts']
const SWEEP = ['src/gateway/sweep-calls.test.ts']
const API = ['src/web/internal/api.test.ts']

const opening = 'src/gateway/open-call.ts'
const ending = 'src/gateway/end-call.ts'
const accounts = 'src/gateway/accounts.ts'
const payer = 'src/gateway/payer.ts'
const core = 'src/pipeline/budget.ts'

export const MONEY_FAULTS: readonly SourceFault[] = [
  {
    name: 'what others keep free is not counted',
    file: opening,
    edits: [['s.spent_usd + s.reserved_usd + ${reservedUsd}::float8 <= ', 's.spent_usd + ${reservedUsd}::float8 <= ']],
    tests: BOOKS,
  },
  {
    name: 'nothing is kept free for a call',
    file: opening,
    edits: [
      [
        'update ${spent} s set reserved_usd = s.reserved_usd + ${reservedUsd}::float8',
        'update ${spent} s set reserved_usd = s.reserved_usd',
      ],
    ],
    tests: BOOKS,
  },
  {
    name: 'one budget with room is enough',
    file: opening,
    edits: [
      [
        'select (select count(*) from held where fits) = (select count(*) from asked) as fits',
        'select (select count(*) from held where fits) > 0 as fits',
      ],
    ],
    tests: BOOKS,
  },
  {
    name: 'a call that others keep out is refused for good',
    file: opening,
    edits: [
      [
        'const waits = spentUsd + usd <= account.limitUsd + EPSILON_USD',
        'const waits = spentUsd > account.limitUsd + EPSILON_USD',
      ],
    ],
    tests: BOOKS,
  },
  {
    name: 'the money of a call is kept free for ever',
    file: ending,
    edits: [['a.period, -reserved_usd, ', 'a.period, 0, ']],
    tests: BOOKS,
  },
  {
    name: 'a call is charged as often as its end is told',
    file: ending,
    edits: [["where id = ${id} and state = 'open'", 'where id = ${id}']],
    tests: BOOKS,
  },
  {
    name: 'what nobody told costs nothing',
    file: ending,
    edits: [["return outcome === 'failed' ? { usd: 0", "return outcome !== 'done' ? { usd: 0"]],
    tests: SWEEP,
  },
  {
    name: 'what people add passes the deployment’s limit',
    file: accounts,
    edits: [['const least = Math.min(own, most)', 'const least = set === undefined ? most : own']],
    tests: BOOKS,
  },
  {
    name: 'a job that shall stop may call models',
    file: payer,
    edits: [["row.jobState === 'running' && row.cancel === null", "row.jobState === 'running'"]],
    tests: API,
  },
  {
    name: 'an older start may call models',
    file: payer,
    edits: [['current && wanted && row.start === start', 'current && wanted && row.start >= start']],
    tests: API,
  },
  {
    name: 'a call of another job is ended',
    file: payer,
    edits: [['and(eq(modelCalls.jobId, jobs.id), eq(modelCalls.id, id))', 'eq(modelCalls.id, id)']],
    tests: API,
  },
  {
    name: 'a raise takes the place of the one before',
    file: core,
    edits: [
      [
        'run.budget = { addedUsd: addedUsd(run) + addUsd, near: null, reached: null }',
        'run.budget = { addedUsd: addUsd, near: null, reached: null }',
      ],
    ],
    tests: CORE,
  },
  {
    name: 'a raise that is too little goes on',
    file: core,
    edits: [['if (missing > addUsd)', 'if (missing < 0)']],
    tests: CORE,
  },
  {
    name: 'a raise passes what the deployment lets a run spend',
    file: core,
    edits: [['if (now + addUsd <= runCeiling) return null', 'if (now <= runCeiling) return null']],
    tests: CORE,
  },
  {
    name: 'a raise takes a run out of any pause',
    file: core,
    edits: [
      [
        "const held = run.status.state === 'paused' && run.status.cause === 'budget'",
        "const held = run.status.state === 'paused'",
      ],
    ],
    tests: CORE,
  },
  {
    name: 'a run whose budget is used up works on',
    file: core,
    edits: [["  pause(turn, { by: SWITCHYARD, why: reachedWords(stand), cause: 'budget' })\n", '']],
    tests: CORE,
  },
]
