/** How much goes into one statement at most. */
export interface TogetherOptions<T> {
  atMost: number
  /** What an item counts for; absent: 1. One that is heavier than `atMost` goes alone. */
  weigh?(item: T): number
}

interface Waiting<T, R> {
  item: T
  weight: number
  resolve(result: R): void
  reject(error: unknown): void
}

/**
 * Group commit: what comes in while a statement is on its way goes out together in the next one, so that many at once cost
 * one commit and nobody waits for more than two. Alone, an item goes out at once.
 *
 * A lot that is refused is tried again one by one: what is wrong with one item is not the others' fault.
 *
 * @param perform carries a lot out; its results are in the order of the items
 */
export function together<T, R>(
  { atMost, weigh = () => 1 }: TogetherOptions<T>,
  perform: (items: readonly T[]) => Promise<readonly R[]>,
): (item: T) => Promise<R> {
  const waiting: Waiting<T, R>[] = []
  let underWay = false

  const send = async (lot: readonly Waiting<T, R>[]): Promise<void> => {
    try {
      const results = await perform(lot.map(({ item }) => item))
      if (results.length !== lot.length) throw new RangeError(`${lot.length} items have ${results.length} results`)
      for (const [index, result] of results.entries()) lot[index]?.resolve(result)
    } catch (error) {
      if (lot.length === 1) lot[0]?.reject(error)
      else for (const one of lot) await send([one])
    }
  }
  const sendAll = async (): Promise<void> => {
    underWay = true
    while (waiting.length > 0) await send(waiting.splice(0, lotSize(waiting, atMost)))
    underWay = false
  }
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, weight: weigh(item), resolve, reject })
      if (!underWay) void sendAll()
    })
}

/** How many of those who wait go together: the first in any case. */
function lotSize(waiting: readonly { weight: number }[], atMost: number): number {
  let total = 0
  const tooMany = waiting.findIndex(({ weight }, index) => {
    total += weight
    return index > 0 && total > atMost
  })
  return tooMany === -1 ? waiting.length : tooMany
}
