/** `docs/crash-points.md`. */
import type { CrashPoint } from '../../src/contract/crash-point.ts'
import type { BackendName } from './backends.ts'
import { GOES_ON_WITHIN_SECONDS, type Row, tableOf } from './crash-table.ts'

const TITLES: Readonly<Record<BackendName, string>> = {
  embedded: 'One process, PGlite in a folder (`npm start`)',
  services: 'App and runner as two processes, Postgres and Redis',
}

/** Points that the demo's thread does not come by: where the kill there is shown. */
export const ELSEWHERE = [
  {
    point: 'calls-journaled',
    moment: "what a workflow's calls came to is kept, its script not told",
    shown: 'test/faults/workflow.test.ts',
  },
  {
    point: 'script-advanced',
    moment: 'the script went on and its calls are kept, the run not told',
    shown: 'test/faults/workflow.test.ts',
  },
  {
    point: 'schedule-issue-opened',
    moment: "a schedule's issue is open, its number not kept",
    shown: 'test/faults/two-apps.test.ts',
  },
] as const satisfies readonly { point: CrashPoint; moment: string; shown: string }[]

function elsewhere(): string {
  const rows = ELSEWHERE.map(({ point, moment, shown }) => `| \`${point}\` | ${moment} | [\`${shown}\`](../${shown}) |`)
  return [
    '## Points that the thread does not come by',
    '',
    'The same holds there: the run ends as it would have, no call that had ended is made again, and there is one issue.',
    '',
    '| point | what has just happened | shown in |',
    '|---|---|---|',
    ...rows,
  ].join('\n')
}

export function crashPage(
  tables: readonly { backend: BackendName; rows: readonly Row[] }[],
  { date, cores }: { date: string; cores: number },
): string {
  const longest = Math.max(...tables.flatMap(({ rows }) => rows.map(({ seconds }) => seconds ?? 0)))
  const sections = tables.map(({ backend, rows }) => `## ${TITLES[backend]}\n\n${tableOf(rows)}\n`)
  return `# Killed at every crash point

Between every two durable writes of app and runner there is a named crash point
([\`src/contract/crash-point.ts\`](../src/contract/crash-point.ts)). For each that it comes by, the demo's thread is run on the local
GitHub, from the label to two merged pull requests; the process that comes by the point dies there by SIGKILL and is started
again at once. The tables are written by \`node test/faults/table.ts\`; the same cases are tests in \`test/faults/\`, all of them
with \`CRASH_TESTS=all\`, the most telling ones in every \`npm test\`, and in CI each of the others on one of the two.

**Same end** means: compared with a run that nobody disturbed, the issue is closed with the same label and the same comments,
one of each kind; the same two pull requests are merged, the provider first, each by one merge; every head has one check run of
each name; both default branches have the same files and the same commits, none doubled and none lost; no work branch is left;
the third repository is untouched; every program stops when it is asked to.

**Seconds until work went on** are counted from the kill to the first thing seen for the run that only the killed program could
have done. Of the app: a request to GitHub that writes, a job that it let start, a result that it stored. Of the runner: a git
fetch or push, a job that it began. Of both in one process: any of these. The start of the program is part of it. Asked for
are ${GOES_ON_WITHIN_SECONDS} s; the longest here is ${longest.toFixed(1)} s. With Redis, a job that the killed process held comes back when its hold has run
out ([\`src/contract/queue.ts\`](../src/contract/queue.ts)); in the embedded database nobody else can hold one, so it comes back at
once.

\`#2\` is the second passing of a point in the life of the process. The agent is scripted and CI is a look into the commit, so that
a case is quick; the cases at \`merge-called\`, \`agent-ended\` and \`pushed #4\` take the whole thread with its red check, its fixer and
its rework. Measured on ${date}, ${cores} cores, other work running beside.

${sections.join('\n')}
${elsewhere()}
`
}
