/** What is still to happen, by simulated time; what is due at the same moment comes in the order it was put in. */
export interface Agenda {
  put(at: number, act: () => void): void
  /** The next act, or undefined when nothing is left. */
  take(): { at: number; act: () => void } | undefined
}

interface Entry {
  at: number
  order: number
  act: () => void
}

/** A binary heap. */
export function createAgenda(): Agenda {
  const heap: Entry[] = []
  let order = 0
  const before = (a: Entry | undefined, b: Entry | undefined): boolean =>
    a !== undefined && (b === undefined || a.at < b.at || (a.at === b.at && a.order < b.order))
  const swap = (a: number, b: number): void => {
    const [left, right] = [heap[a], heap[b]]
    if (left === undefined || right === undefined) return
    heap[a] = right
    heap[b] = left
  }
  return {
    put(at, act) {
      heap.push({ at, order, act })
      order += 1
      let place = heap.length - 1
      while (place > 0) {
        const parent = (place - 1) >> 1
        if (!before(heap[place], heap[parent])) return
        swap(place, parent)
        place = parent
      }
    },
    take() {
      const first = heap[0]
      swap(0, heap.length - 1)
      heap.pop()
      let place = 0
      for (;;) {
        const [left, right] = [2 * place + 1, 2 * place + 2]
        const least = before(heap[right], heap[left]) ? right : left
        if (!before(heap[least], heap[place])) return first
        swap(place, least)
        place = least
      }
    },
  }
}
