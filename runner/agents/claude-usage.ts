import type { Usage } from '../../src/contract/job.ts'
import type { ClaudeBlock, ClaudeResult, ClaudeTokens } from './claude-schema.ts'

/** A message comes in several lines, one per block, each with the message's usage: so many ids are remembered. */
const REMEMBERED_MESSAGES = 64

/** Counted since the last result. */
interface Live {
  input: number
  cacheRead: number
  turns: number
}

/** What earlier results of this process settled. `undefined` is unknown, and stays so. */
interface Settled {
  input: number | undefined
  output: number | undefined
  cacheRead: number | undefined
  cost: number | undefined
  turns: number
}

/**
 * Adds up what one process of Claude Code uses. Input tokens include those written to the cache. While it works the
 * number of output tokens and the cost are unknown, since a message is announced before it is complete; a result tells.
 */
export function claudeUsage() {
  let live = none()
  let settled: Settled = { input: 0, output: undefined, cacheRead: 0, cost: undefined, turns: 0 }
  let results = 0
  let toolCalls = 0
  const seen: string[] = []

  function isNew(id: string | undefined): boolean {
    if (id === undefined) return true
    if (seen.includes(id)) return false
    seen.push(id)
    if (seen.length > REMEMBERED_MESSAGES) seen.shift()
    return true
  }

  function total(): Usage {
    return compact({
      inputTokens: plus(settled.input, live.input),
      outputTokens: settled.output,
      cacheReadTokens: plus(settled.cacheRead, live.cacheRead),
      costUsd: settled.cost,
      turns: settled.turns + live.turns,
      toolCalls,
    })
  }

  return {
    /** Counts one line of a message and gives the total so far. */
    message(message: { id?: string | undefined; content: ClaudeBlock[]; usage?: ClaudeTokens | undefined }): Usage {
      toolCalls += message.content.filter((block) => block.type === 'tool_use').length
      if (isNew(message.id)) {
        live.turns += 1
        live.input += inputOf(message.usage) ?? 0
        live.cacheRead += message.usage?.cache_read_input_tokens ?? 0
      }
      return total()
    },
    /** Puts a result's own numbers in place of those counted since the one before it. */
    result(result: ClaudeResult): Usage {
      const now = settledBy(result)
      settled = {
        input: plus(settled.input, now.input),
        output: results === 0 ? now.output : plus(settled.output, now.output),
        cacheRead: plus(settled.cacheRead, now.cacheRead),
        cost: results === 0 ? now.cost : plus(settled.cost, now.cost),
        turns: settled.turns + live.turns,
      }
      results += 1
      live = none()
      return total()
    },
  }
}

function none(): Live {
  return { input: 0, cacheRead: 0, turns: 0 }
}

function settledBy(result: ClaudeResult): Omit<Settled, 'turns'> {
  const perModel = result.model_usage_since_last_result
  if (perModel === undefined) {
    const { usage } = result
    return { input: inputOf(usage), output: usage?.output_tokens, cacheRead: usage?.cache_read_input_tokens, cost: undefined }
  }
  const models = Object.values(perModel)
  const sum = (of: (model: (typeof models)[number]) => number) => models.reduce((total, model) => total + of(model), 0)
  return {
    input: sum((model) => model.inputTokens + model.cacheCreationInputTokens),
    output: sum((model) => model.outputTokens),
    cacheRead: sum((model) => model.cacheReadInputTokens),
    cost: sum((model) => model.costUSD),
  }
}

function inputOf(tokens: ClaudeTokens | undefined): number | undefined {
  return plus(tokens?.input_tokens, tokens?.cache_creation_input_tokens ?? 0)
}

function plus(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b
}

/** Leaves out what is unknown. */
function compact(usage: { [K in keyof Usage]: Usage[K] | undefined }): Usage {
  const known: Usage = {}
  if (usage.inputTokens !== undefined) known.inputTokens = usage.inputTokens
  if (usage.outputTokens !== undefined) known.outputTokens = usage.outputTokens
  if (usage.cacheReadTokens !== undefined) known.cacheReadTokens = usage.cacheReadTokens
  if (usage.costUsd !== undefined) known.costUsd = usage.costUsd
  if (usage.turns !== undefined) known.turns = usage.turns
  if (usage.toolCalls !== undefined) known.toolCalls = usage.toolCalls
  return known
}
