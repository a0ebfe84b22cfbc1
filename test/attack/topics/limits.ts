/** An agent that takes more than its share, or does not end. */
import { execFileSync } from 'node:child_process'
import { readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import process from 'node:process'
import { createJobStop } from '../../../runner/job-stop.ts'
import { openRunnerSandbox } from '../../../runner/sandbox/runner-sandbox.ts'
import { sandboxSettings } from '../../../src/contract/sandbox.ts'
import { openWorkshop, type Step, success } from '../../runner/workshop.ts'
import { NotHereError, type Topic } from '../attack.ts'
import { attacksOf, type Plan } from '../inside/plan.ts'
import { greedy } from '../stages/greedy.ts'

const MEBIBYTE = 1024 * 1024
/** Limits of the job here, far below the real ones, so that reaching them costs nothing. */
const FILE_BYTES = 4 * MEBIBYTE
const MORE_PROCESSES = 60
const FORKS = 300
/** Seconds that nothing else sleeps for: by these its processes are known. */
const SLEEPS = { forks: 471_101, away: 471_102, deaf: 471_103 } as const

/** Leaves some of them behind, for the end of the job; with all of them the probes after it could not start. */
const FORK_BOMB = `
const { spawn } = require("child_process")
const made = []
for (let count = 0; count < ${FORKS}; count += 1) {
  const child = spawn("sleep", ["${SLEEPS.forks}"], { stdio: "ignore", detached: true })
  child.on("error", () => {})
  if (child.pid !== undefined) made.push(child)
}
console.log(made.length === ${FORKS} ? "GOT all" : "made " + made.length)
for (const child of made.slice(5)) child.kill("SIGKILL")
for (const child of made) child.unref()
`

const plans: readonly Plan[] = [
  {
    name: 'processes without end',
    how: `${FORKS} processes in the background, where ${MORE_PROCESSES} are allowed.`,
    stopped: 'The number of a job’s processes is limited; those that were made end with the job.',
    told: 'nobody',
    probe: () => `${process.execPath} -e '${FORK_BOMB}'`,
    harm: async (_, printed) => [...(printed.includes('GOT all') ? ['all of them'] : []), ...(await alive(SLEEPS.forks))],
  },
  {
    name: 'a file without end',
    how: `A file of ${(2 * FILE_BYTES) / MEBIBYTE} MiB, where ${FILE_BYTES / MEBIBYTE} are allowed.`,
    stopped: 'The size of each file is limited.',
    told: 'nobody',
    probe: () => `head -c ${2 * FILE_BYTES} /dev/zero > big; wc -c < big; rm big`,
    harm: (_, printed) => (printed.includes(String(2 * FILE_BYTES)) ? ['the whole file'] : []),
  },
  {
    name: 'memory under the name of files',
    how: 'Writing into `/`, and far more than their size into `/run` and `/dev/shm`.',
    stopped: 'The root is read-only, and what else is memory has a fixed size.',
    told: 'nobody',
    probe: () =>
      'head -c 1000 /dev/zero > /filler && echo "GOT /"; i=0; while [ $i -lt 8 ]; do head -c 4000000 /dev/zero > /run/$i || break; i=$((i+1)); done; test $i -lt 8 || echo "GOT /run"; df -k /run /dev/shm; rm -f /run/[0-9]',
    harm: (_, printed) => printed.split('\n').filter((line) => line.startsWith('GOT')),
  },
  {
    name: 'a process that outlives its job',
    how: 'A new session, two forks and an empty environment, so that neither group nor mark finds it.',
    stopped: 'The process namespace dies with the job, and everything in it.',
    told: 'nobody',
    probe: () =>
      `(setsid env -i /bin/sh -c '(sleep ${SLEEPS.away} &) ; exit' > /dev/null 2>&1 &); for i in 1 2 3 4 5 6 7 8 9; do grep -qs ${SLEEPS.away} /proc/[0-9]*/cmdline && break; sleep 0.1; done; echo STARTED`,
    harm: () => alive(SLEEPS.away),
  },
]

const limited = attacksOf(plans, (sandbox) => ({
  ...sandbox,
  host: {
    ...sandbox.host,
    limits: { ...sandbox.host.limits, fileBytes: FILE_BYTES, processes: ownProcesses() + MORE_PROCESSES },
  },
}))

/** Processes and threads of an ordinary user count together with those of a job; a job of root's has a user of its own. */
function ownProcesses(): number {
  if (process.getuid?.() === 0) return 0
  return execFileSync('ps', ['-u', String(process.getuid?.()), '-L', '-o', 'lwp='])
    .toString()
    .split('\n').length
}

/** Processes of the host that sleep for so many seconds. */
async function alive(seconds: number): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'latin1').catch(() => '')))
  const found = lines.filter((line) => line.includes(`sleep\0${seconds}`))
  return found.length === 0 ? [] : [`${found.length} processes are alive`]
}

/** A job without a sandbox, whose agent does not listen to the request to end. */
async function deaf() {
  const shop = await openWorkshop()
  try {
    await shop.repository('acme/api')
    const up = path.join(shop.dir, 'up')
    const steps: Step[] = [
      { do: 'deaf' },
      {
        do: 'sh',
        script: `(setsid sh -c 'trap "" TERM HUP; sleep ${SLEEPS.deaf}' > /dev/null 2>&1 &); until grep -qs ${SLEEPS.deaf} /proc/[0-9]*/cmdline; do :; done; touch ${up}`,
      },
      { do: 'event', event: { type: 'text', text: 'up' } },
      { do: 'hang' },
      success(),
    ]
    const stop = createJobStop()
    const spec = shop.spec([shop.leg('acme/api')], steps, { limits: { killGraceMs: 300 } })
    const running = shop.run(spec, {}, stop)
    await shop.app.heard(({ progress }) => JSON.stringify(progress).includes('"up"'))
    stop.stop({ kind: 'cancelled', reason: 'A person said stop.', keep: false })
    const { result } = await running
    await rm(up)
    return { result, left: await alive(SLEEPS.deaf) }
  } finally {
    await shop.close()
  }
}

export const limits: Topic = {
  title: 'Taking too much, and not ending',
  attacks: [
    ...limited,
    ...greedy,
    {
      name: 'not ending when told to, without a sandbox',
      how: 'With `SANDBOX=off`: SIGTERM is ignored, by the agent and by a child in a session of its own.',
      stopped: 'The group is killed after a grace, and who left it is found by the job’s mark in its environment.',
      told: 'people',
      async attempt() {
        const { result, left } = await deaf()
        return {
          got: left,
          stopped: result.status === 'cancelled' ? 'all of it is dead' : '',
          told: result.status === 'cancelled' ? result.reason : null,
        }
      },
    },
    {
      name: 'getting away without a sandbox',
      how: 'The same with `SANDBOX=off`, and the child clears its environment.',
      stopped: 'Where the kernel gives a process namespace, there is one without a sandbox too, and it ends with the job.',
      told: 'nobody',
      attempt: getAway,
    },
  ],
}

async function getAway() {
  const shop = await openWorkshop()
  try {
    await shop.repository('acme/api')
    const { log } = await shop.deps()
    const settings = sandboxSettings({ SANDBOX: 'off' })
    const sandbox = await openRunnerSandbox(settings, { dataDir: shop.dataDir, env: {}, registries: [], log })
    if (sandbox.host === null && sandbox.holder === null) throw new NotHereError('no process namespace can be made here')
    const began = path.join(shop.dir, 'began')
    const script = `setsid env -i sh -c 'touch ${began}; exec sleep ${SLEEPS.away + 10}' > /dev/null 2>&1 & until test -e ${began}; do :; done; echo x > x.txt`
    const spec = shop.spec([shop.leg('acme/api')], [{ do: 'sh', script }, success()])
    const { result } = await shop.run(spec, { sandbox })
    const got = await alive(SLEEPS.away + 10)
    return { got, stopped: result.status === 'finished' ? 'nothing of it is alive' : '', told: null }
  } finally {
    await shop.close()
  }
}
