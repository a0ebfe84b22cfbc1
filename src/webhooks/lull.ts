/**
 * While deliveries arrive, acknowledging them comes first: GitHub gives up after 10 s, and what a delivery means can wait.
 * Interpreting one takes many times as long as storing it, on the same event loop and, with the embedded database, on the
 * same connection; so the queue hears of stored deliveries when there is a lull.
 */

/** So long without a request is a lull, in ms. */
export const LULL_MS = 5
/** Without a lull the queue hears of a delivery so long after it was stored, in ms. */
export const PUT_OFF_MS = 1_000

export interface Lull {
  /** A request has come; call what this gives when it has been answered. */
  arrived(): () => void
  /** Resolves at the next lull, or after {@link PUT_OFF_MS}. */
  next(): Promise<void>
}

export function createLull(): Lull {
  let open = 0
  let quiet: NodeJS.Timeout | undefined
  let waiting: Promise<void> | null = null
  let begin = (): void => {}

  const wait = (): Promise<void> =>
    new Promise((resolve) => {
      const late = setTimeout(() => begin(), PUT_OFF_MS)
      begin = () => {
        clearTimeout(late)
        clearTimeout(quiet)
        waiting = null
        resolve()
      }
    })
  const watch = (): void => {
    if (open === 0 && waiting !== null) quiet = setTimeout(() => begin(), LULL_MS)
  }
  return {
    arrived() {
      open += 1
      clearTimeout(quiet)
      return () => {
        open -= 1
        watch()
      }
    },
    next() {
      if (waiting === null) {
        waiting = wait()
        watch()
      }
      return waiting
    },
  }
}

/** What is handed on at a time: the next lull is waited for in between. */
export const LOT = 20

/** Hands on what it is given at the next lull, what came until then together, so many at a time. */
export function atNextLull<T>({ next }: Lull, handOn: (items: readonly T[]) => Promise<void>): (item: T) => Promise<void> {
  const waiting: { item: T; resolve(): void; reject(error: unknown): void }[] = []
  let underWay = false
  const handOnAll = async (): Promise<void> => {
    underWay = true
    while (waiting.length > 0) {
      await next()
      const lot = waiting.splice(0, LOT)
      await handOn(lot.map(({ item }) => item)).then(
        () => lot.forEach(({ resolve }) => void resolve()),
        (error: unknown) => lot.forEach(({ reject }) => void reject(error)),
      )
    }
    underWay = false
  }
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (!underWay) void handOnAll()
    })
}
