/**
 * The order of the test files: those that take minutes begin first, so that everything else is done beside them and no
 * worker waits at the end. Vitest itself goes by the size of a file where it has not seen it run, as in CI; the longest ones
 * are the smallest, because what they do is in a suite beside them.
 */
import path from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The longest first. The crash points mostly wait, for processes that they have killed. */
export const LONGEST = [
  'test/faults/embedded-crash-points.test.ts',
  'test/faults/services-crash-points.test.ts',
  'test/agents/conformance/conformance.test.ts',
  'test/faults/restart.test.ts',
  'test/faults/two-apps.test.ts',
  'test/conformance/postgres-redis.test.ts',
  'test/conformance/postgres-postgres.test.ts',
  'test/conformance/pglite-redis.test.ts',
  'test/conformance/pglite-pglite.test.ts',
  'test/demo/unattended.test.ts',
  'test/controls/walk.test.ts',
  'test/attack/attack.test.ts',
  'test/faults/workflow.test.ts',
  'test/demo/bugfix.test.ts',
  'test/demo/demo.test.ts',
  'test/fleet/stopped-runner.test.ts',
  'test/fleet/lost-runner.test.ts',
  'test/e2e/reconcile.test.ts',
  'test/e2e/lossy.test.ts',
]

/** The longest files, then the other ones with processes and servers, then the units, which share processes. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const bySize = await super.sort(files)
    const root = this.ctx.config.root
    const rank = (file: TestSpecification): number => {
      if (file.project.name === 'units') return LONGEST.length + 1
      const place = LONGEST.indexOf(path.relative(root, file.moduleId))
      return place === -1 ? LONGEST.length : place
    }
    return bySize.toSorted((one, other) => rank(one) - rank(other))
  }
}
