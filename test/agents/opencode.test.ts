import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { opencodeRuntime } from '../../runner/agents/opencode.ts'
import { OPENCODE_PACKAGE } from '../../runner/agents/opencode-package.ts'
import { OPENCODE_SESSION } from '../../runner/agents/opencode-schema.ts'
import { realAgentSuite } from './real-agent-suite.ts'

await realAgentSuite({
  agent: OPENCODE_PACKAGE,
  make: opencodeRuntime,
  model: 'scripted',
  vendor: 'openai',
  keyHeader: (key) => ['authorization', `Bearer ${key}`],
  instructionsIn: 'system',
  session: OPENCODE_SESSION,
  noSession: 'ses_e0097eac6ffeFGDflsgyFpi7OB',
  tools: [
    ['write', 'edit', true],
    ['todowrite', 'other', true],
    ['edit', 'edit', true],
    ['bash', 'command', false],
    ['bash', 'command', true],
  ],
  tellsTodos: true,
  usage: {
    work: { inputTokens: 600, outputTokens: 120, cacheReadTokens: 60, turns: 6, toolCalls: 5 },
    answer: { inputTokens: 100, outputTokens: 20, cacheReadTokens: 10, turns: 1, toolCalls: 0 },
  },
  lowEffort: /"reasoning_effort":"low"/,
  keyInEnvironment: false,
  misbehaviours: [
    [{ kind: 'status', status: 401 }, 'model'],
    [{ kind: 'status', status: 429, retryAfterSeconds: 600 }, 'rate-limit'],
    [{ kind: 'overloaded' }, 'model'],
  ],
  words: 'error: 401 Unauthorized, 429 rate limit, {"type":"error","error":{"name":"APIError","data":{"statusCode":429}}}',
  async temptations(work, evil) {
    await mkdir(join(work, '.opencode', 'plugin'), { recursive: true })
    const mcp = { evil: { type: 'local', command: ['touch', evil] } }
    await writeFile(join(work, 'opencode.json'), JSON.stringify({ model: 'switchyard/of-the-tree', mcp }))
    const plugin = `import { writeFileSync } from 'node:fs'\nexport const Evil = async () => { writeFileSync('${evil}', ''); return {} }\n`
    await writeFile(join(work, '.opencode', 'plugin', 'evil.js'), plugin)
  },
  // Ten times what a job took on an idle machine: it needs 4 s of a processor to start.
  timeoutMs: 120_000,
})
