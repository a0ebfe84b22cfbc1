import type { Usage } from '../../src/contract/job.ts'
import type { PiTokens } from './pi-schema.ts'

/**
 * Adds up what one process of Pi uses: each answer of the model tells its own. Input tokens include those written to the
 * cache. Pi reckons the cost by its own list of prices.
 */
export function piUsage() {
  let tokens: Required<Pick<Usage, 'inputTokens' | 'outputTokens' | 'cacheReadTokens'>> | undefined
  let costUsd: number | undefined = 0
  let turns = 0
  let toolCalls = 0

  function total(): Usage {
    const known = tokens === undefined ? {} : { ...tokens, ...(costUsd === undefined ? {} : { costUsd }) }
    return { ...known, turns, toolCalls }
  }

  return {
    /** Counts an answer of the model and gives the total so far. */
    answer(usage: PiTokens | undefined): Usage {
      turns += 1
      if (usage === undefined) return total()
      const { input, output, cacheRead, cacheWrite, cost } = usage
      tokens = {
        inputTokens: (tokens?.inputTokens ?? 0) + input + cacheWrite,
        outputTokens: (tokens?.outputTokens ?? 0) + output,
        cacheReadTokens: (tokens?.cacheReadTokens ?? 0) + cacheRead,
      }
      // One answer without its price leaves the whole unknown.
      costUsd = costUsd === undefined || cost === undefined ? undefined : costUsd + cost.total
      return total()
    },
    toolCall(): void {
      toolCalls += 1
    },
    total,
  }
}
