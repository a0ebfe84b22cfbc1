/**
 * A small coding agent for the `command` runtime, so that the scripted model drives it as it drives the others. It asks the
 * job's gateway by Anthropic Messages, has a shell and three tools for files, and keeps its
 * sessions where the protocol says.
 */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import type { AgentEvent } from '../../../runner/agents/runtime.ts'

interface Block {
  type: string
  text?: string
  id: string
  name: string
  input: Record<string, string>
}
interface Answer {
  content: Block[]
  usage: { input_tokens: number; output_tokens: number; cache_read_input_tokens: number }
}

const RATE_LIMITED = 429
const TOOLS = ['Bash', 'Write', 'Read', 'Edit', 'TodoWrite']
const env = process.env as Record<string, string>
const session = env.SWITCHYARD_RESUME ?? randomUUID()
const sessionFile = join(env.SWITCHYARD_SESSION_DIR ?? '', `${session}.json`)
const usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, turns: 0, toolCalls: 0 }

/** The one way out: whoever waits for a pipe gets the whole of what was written before the process ends. */
function emit(event: AgentEvent | Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(event)}\n`)
}

async function main(): Promise<number> {
  const system = await readFile(env.SWITCHYARD_INSTRUCTIONS_FILE ?? '', 'utf8')
  const prompt = await readFile(env.SWITCHYARD_PROMPT_FILE ?? '', 'utf8')
  const messages: unknown[] = env.SWITCHYARD_RESUME === undefined ? [] : JSON.parse(await readFile(sessionFile, 'utf8'))
  messages.push({ role: 'user', content: prompt })
  emit({ type: 'session', id: session })
  for (;;) {
    const answer = await ask({ model: env.SWITCHYARD_MODEL, system, messages, tools: TOOLS.map((name) => ({ name })) })
    if ('cause' in answer) {
      emit({ type: 'end', ok: false, error: answer })
      return 1
    }
    const results = await act(answer, messages)
    if (results.length === 0) break
    messages.push({ role: 'user', content: results })
  }
  await writeFile(sessionFile, JSON.stringify(messages))
  emit({ type: 'end', ok: true })
  return 0
}

async function ask(body: object): Promise<Answer | { cause: 'rate-limit' | 'model'; message: string }> {
  try {
    const response = await fetch(`${env.SWITCHYARD_GATEWAY_URL}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': env.SWITCHYARD_GATEWAY_TOKEN ?? '', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (response.ok) return (await response.json()) as Answer
    const cause = response.status === RATE_LIMITED ? 'rate-limit' : 'model'
    return { cause, message: `The model answered ${response.status}.` }
  } catch (error) {
    return { cause: 'model', message: `The model's answer broke off: ${error}` }
  }
}

/** Does what an answer asks for and gives the results. */
async function act({ content, usage: used }: Answer, messages: unknown[]): Promise<object[]> {
  messages.push({ role: 'assistant', content })
  usage.turns += 1
  usage.inputTokens += used.input_tokens
  usage.outputTokens += used.output_tokens
  usage.cacheReadTokens += used.cache_read_input_tokens
  const results: object[] = []
  for (const block of content) {
    if (block.type === 'text') emit({ type: 'text', text: block.text })
    if (block.type !== 'tool_use') continue
    usage.toolCalls += 1
    emit({ type: 'tool-start', id: block.id, name: block.name, detail: block.input.command ?? block.input.file_path ?? '' })
    const { ok, output } = await use(block).catch((error: unknown) => ({ ok: false, output: String(error) }))
    emit({ type: 'tool-end', id: block.id, ok, detail: output.split('\n', 1)[0] })
    results.push({ type: 'tool_result', tool_use_id: block.id, content: output, is_error: !ok })
  }
  emit({ type: 'usage', usage })
  return results
}

async function use({ name, input }: Block): Promise<{ ok: boolean; output: string }> {
  const path = input.file_path ?? ''
  switch (name) {
    case 'Bash':
      return await shell(input.command ?? '')
    case 'Write':
      await writeFile(path, input.content ?? '')
      return { ok: true, output: 'written' }
    case 'Edit': {
      const text = await readFile(path, 'utf8')
      await writeFile(
        path,
        text.replace(input.old_string ?? '', () => input.new_string ?? ''),
      )
      return { ok: true, output: 'edited' }
    }
    case 'Read':
      return { ok: true, output: await readFile(path, 'utf8') }
    default:
      return { ok: true, output: '' }
  }
}

/** Nothing is imported but what is Node's own: this one file is all that is shown of it in a sandbox. */
function shell(command: string): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve) => {
    const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
    child.once('close', (code) => resolve({ ok: code === 0, output }))
  })
}

process.exitCode = await main()
