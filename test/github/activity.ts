/** Counts what is under way, so that a test can wait until nothing is. */
export interface Activity {
  /** Counts a piece of work until it ends. A failure counts as an end. */
  track<T>(work: Promise<T>): Promise<T>
  /** Resolves once nothing is under way. */
  idle(): Promise<void>
}

export function createActivity(): Activity {
  let running = 0
  let waiting: (() => void)[] = []

  const ended = () => {
    running -= 1
    if (running > 0) return
    const done = waiting
    waiting = []
    for (const resolve of done) resolve()
  }

  return {
    track(work) {
      running += 1
      work.then(ended, ended)
      return work
    },
    idle: () => (running === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  }
}
