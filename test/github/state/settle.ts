/** What GitHub does by itself when rules are met: auto-merge and merge queues, one round at a time per repository. */
import { settleAutoMerge } from './auto-merge.ts'
import { advanceQueue } from './merge-queue.ts'
import type { Repository } from './model.ts'
import { pullsOf } from './pulls.ts'
import type { World } from './world.ts'

/** Looks at a repository after the caller is through; asked again meanwhile, it looks once more. */
export function createSettler(world: World): (repository: Repository) => void {
  const rounds = new Map<number, { again: boolean }>()

  const settle = async (repository: Repository, round: { again: boolean }) => {
    do {
      // What is being done when somebody asks is finished first.
      await new Promise((resolve) => setImmediate(resolve))
      round.again = false
      await settleOnce(world, repository)
    } while (round.again)
  }

  return (repository) => {
    const waiting = pullsOf(repository).some(({ pull }) => pull.autoMerge !== null && !pull.merged)
    const queued = [...repository.mergeQueues.values()].some(({ entries }) => entries.length > 0)
    if (!waiting && !queued) return
    const running = rounds.get(repository.id)
    if (running) {
      running.again = true
      return
    }
    const round = { again: false }
    rounds.set(repository.id, round)
    world.activity.track(settle(repository, round).finally(() => rounds.delete(repository.id))).catch((error: unknown) => {
      world.log('settling failed', { error: String(error) })
    })
  }
}

async function settleOnce(world: World, repository: Repository): Promise<void> {
  for (const one of pullsOf(repository)) {
    await settleAutoMerge(world, repository, one).catch((error: unknown) => {
      // Somebody was faster, or a rule is not met after all: the next change asks again.
      world.log('auto-merge did not merge', { error: String(error) })
    })
  }
  for (const [branch, queue] of repository.mergeQueues) await advanceQueue(world, repository, branch, queue)
}
