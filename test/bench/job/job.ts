/** What a job costs besides its agent: one repository and three, warm and cold, in memory and on disk. */
import { access } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { type Bench, type BenchContext, bySize } from '../bench.ts'
import { alternate, median } from '../measure.ts'
import type { Row } from '../row.ts'
import type { RepositoryShape } from './repository.ts'
import { type JobTimes, openYard } from './yard.ts'

const TARGET = { kind: 'ratio', atMost: 1.3 } as const
/** Linux's file system in memory. */
const TMPFS = '/dev/shm'

export const job: Bench = {
  name: 'job',
  title: 'A job from taken to reported, without its agent',
  against:
    'a shell script over the same HTTP, its repositories in parallel: warm by `fetch` into a mirror and `clone --shared`, cold by `clone --depth 1`; then edit, commit, push',
  async run(context) {
    const rows: Row[] = []
    const memory = await access(TMPFS).then(
      () => true,
      () => false,
    )
    if (context.size === 'quick') return onFileSystem(context, 'disk', tmpdir())
    if (memory) rows.push(...(await onFileSystem(context, 'tmpfs', TMPFS)))
    else rows.push({ kind: 'skipped', what: 'tmpfs', why: `there is no ${TMPFS}` })
    return [...rows, ...(await onFileSystem(context, 'disk', tmpdir()))]
  },
}

async function onFileSystem({ size, tell }: BenchContext, where: string, root: string): Promise<Row[]> {
  const shapes = bySize(size, { quick: shapesOf(10), default: shapesOf(1), full: shapesOf(1) })
  const [small, large] = shapes
  const rounds = bySize(size, { quick: 1, default: 9, full: 15 })
  const yard = await openYard(root, shapes)
  const rows: Row[] = []
  try {
    for (const warm of [true, false]) {
      for (const each of size === 'quick' ? [shapes] : [[small], [large], shapes]) {
        const what = `${where}, ${warm ? 'warm' : 'cold'}, ${filesOf(each)}`
        tell(what)
        rows.push(await compare(yard, what, each, warm, rounds))
      }
    }
    return rows
  } finally {
    await yard.close()
  }
}

async function compare(
  yard: Awaited<ReturnType<typeof openYard>>,
  what: string,
  shapes: readonly RepositoryShape[],
  warm: boolean,
  rounds: number,
): Promise<Row> {
  const floorTimes: number[] = []
  const sides = [
    () => yard.job(shapes, warm),
    async (): Promise<JobTimes> => {
      floorTimes.push(await yard.floor(shapes, warm))
      return { total: 0, untilAgent: 0 }
    },
  ]
  // The first makes the runner's mirrors.
  await yard.job(shapes, warm)
  const [ours = []] = await alternate(rounds, sides)
  const untilAgent = median(ours.map((times) => times.untilAgent))
  return {
    kind: 'figure',
    what,
    unit: 'ms',
    ours: median(ours.map(({ total }) => total)),
    floor: median(floorTimes),
    target: TARGET,
    note: `${untilAgent.toFixed(0)} of ours until the agent runs`,
  }
}

type Three = readonly [RepositoryShape, RepositoryShape, RepositoryShape]

/** Three repositories as they are common, or a fraction of them. */
function shapesOf(part: number): Three {
  const of = (name: string, files: number): RepositoryShape => ({
    name,
    files: Math.ceil(files / part),
    commits: Math.ceil(200 / part),
  })
  return [of('small', 160), of('large', 977), of('middle', 218)]
}

function filesOf(shapes: readonly RepositoryShape[]): string {
  return `${shapes.map(({ files }) => files).join(' + ')} files`
}
