import { afterEach, describe, expect, it } from 'vitest'
import type { Script } from './script.ts'
import { type ScriptedModel, startModel } from './server.ts'

describe('the scripted model', () => {
  const started: ScriptedModel[] = []
  afterEach(async () => {
    for (const model of started.splice(0)) await model.close()
  })

  async function start(script: Script) {
    const model = await startModel({ script })
    started.push(model)
    const ask = (more: object = {}) =>
      fetch(`${model.url}/v1/messages`, {
        method: 'POST',
        body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], tools: [{ name: 'Bash' }], ...more }),
      })
    return { model, ask }
  }

  it('answers whole and streamed, turn by turn, then that it is done', async () => {
    const { model, ask } = await start([{ say: 'One', tools: [{ do: 'run', command: 'ls' }] }, { say: 'Two' }])
    expect(await (await ask()).json()).toMatchObject({
      content: [
        { type: 'text', text: 'One' },
        { type: 'tool_use', name: 'Bash', input: { command: 'ls' } },
      ],
      stop_reason: 'tool_use',
    })
    const streamed = await (await ask({ stream: true })).text()
    expect(streamed).toMatch(/^event: message_start\n.*"text":"Two".*event: message_stop\n/s)
    expect(await (await ask()).text()).toContain('Done.')
    expect(model.turns()).toHaveLength(3)
  })

  it('gives no turn of the script to a question aside, which offers no tools, or for the number of tokens', async () => {
    const { model, ask } = await start([{ say: 'One' }])
    await ask({ tools: [] })
    await fetch(`${model.url}/v1/messages/count_tokens`, {
      method: 'POST',
      body: JSON.stringify({ model: 'm', messages: [] }),
    })
    expect(await (await ask()).text()).toContain('One')
    expect(model.log.map(({ nth }) => nth)).toEqual([null, null, 0])
  })

  it('never gives an id of a tool call twice, not after a restart either', async () => {
    const ids = new Set<string>()
    for (let nth = 0; nth < 3; nth++) {
      const { ask } = await start([{ endless: { do: 'run', command: 'true' } }])
      for (let call = 0; call < 5; call++) {
        const body = await (await ask()).text()
        for (const [id] of body.matchAll(/toolu_\w+/g)) ids.add(id)
      }
    }
    expect(ids.size).toBe(15)
  })

  it('misbehaves as told: status with retry-after, torn, truncated, malformed', async () => {
    const { ask } = await start([
      { misbehave: { kind: 'status', status: 429, retryAfterSeconds: 7 } },
      { misbehave: { kind: 'torn' } },
      { misbehave: { kind: 'truncated' } },
      { misbehave: { kind: 'malformed' } },
    ])
    const limited = await ask({ stream: true })
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7'])
    expect(await limited.json()).toMatchObject({ error: { type: 'rate_limit_error' } })
    await expect(ask({ stream: true }).then((torn) => torn.text())).rejects.toThrow()
    expect(await (await ask({ stream: true })).text()).not.toContain('message_stop')
    expect(await (await ask({ stream: true })).text()).toContain('data: {"type":\n')
  })
})
