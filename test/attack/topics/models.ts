/** What an agent asks of the model gateway that it must not have. */
import type { Attack, Seen, Topic } from '../attack.ts'
import { connections, requests } from '../stages/flood.ts'
import { type Answer, askModel, crowdedModelOf, JOB_TOKEN, modelOf, VENDOR_KEY } from '../stages/model.ts'

const KNOWN_PATHS = 'A few known paths are passed on, and no other.'

type Ask = Parameters<typeof askModel>[1]

/** Calls that must not reach the vendor at all. */
function kept(name: string, how: string, stopped: string, asks: readonly Ask[]): Attack {
  return {
    name,
    how,
    stopped,
    told: 'asker',
    async attempt(scene) {
      const model = await modelOf(scene)
      const answers: Answer[] = []
      for (const ask of asks) answers.push(await askModel(model, { ...ask, body: { mark: name, ...ask.body } }))
      return seenOf(name, model.heard.filter(({ mark }) => mark === name).length, answers)
    },
  }
}

function seenOf(name: string, reached: number, answers: readonly Answer[]): Seen {
  const got = [
    ...(reached > 0 ? [`${reached} calls of the vendor for "${name}"`] : []),
    ...answers.filter(({ status }) => status < 400 && status !== 0).map(({ status }) => `answered ${status}`),
  ]
  return { got, stopped: answers.map(({ status }) => status).join(', '), told: answers.map(({ text }) => text).join(' ') }
}

export const models: Topic = {
  title: 'The model',
  attacks: [
    kept(
      'a model without a token',
      'No key, a guess, the right one and a letter, the vendor’s own.',
      'Each job has a token of its own, of 256 random bits, compared in constant time.',
      [
        { headers: {} },
        { headers: { 'x-api-key': 'guess' } },
        { headers: { 'x-api-key': `${JOB_TOKEN}x` } },
        { headers: { authorization: `Bearer ${VENDOR_KEY}` } },
      ],
    ),
    kept('another path of the vendor', 'Keys of the organisation, files, batches.', KNOWN_PATHS, [
      { path: '/v1/organizations/keys' },
      { path: '/v1/files' },
      { path: '/v1/messages/batches' },
      { path: '/v1/messages', method: 'DELETE' },
    ]),
    kept('a path with tricks in it', '`..`, encoded slashes, a whole address in place of a path.', KNOWN_PATHS, [
      { path: '/v1/messages/../organizations/keys' },
      { path: '/v1/messages%2f..%2ffiles' },
      { path: 'http://169.254.169.254/latest/meta-data' },
      { path: '//evil.attacker.test/v1/files' },
    ]),
    kept(
      'another vendor’s model without a key',
      'OpenAI’s wire, where the runner has a key for Anthropic only.',
      'There is nothing to pass on with.',
      [{ path: '/v1/responses', headers: { authorization: `Bearer ${JOB_TOKEN}` } }],
    ),
    kept(
      'a model that is not allowed',
      'A model without a price, where such are refused.',
      'The app is asked before each call.',
      [{ body: { model: 'not-allowed' } }],
    ),
    kept('past the budget', 'A call when nothing of the budget is left.', 'The app is asked before each call.', [
      { body: { model: 'over-budget' } },
    ]),
    {
      name: 'past the budget within one call',
      how: 'A streamed answer that costs more than is left.',
      stopped: 'What an answer costs is counted as it comes; at the limit the gateway ends it.',
      told: 'nobody',
      async attempt(scene) {
        const model = await modelOf(scene)
        const mark = 'within one call'
        await askModel(model, { body: { model: 'endless', stream: true, mark } })
        const pieces = model.sent.get(mark) ?? 0
        return {
          got: pieces > 2_000 ? [`${pieces} pieces of the answer`] : [],
          stopped: pieces > 0 ? `cut after ${pieces} of 4,000 pieces` : '',
          told: null,
        }
      },
    },
    {
      name: 'requests without end',
      how: 'Six requests of 60 MiB each, none of which ends, so that the runner’s memory is full of them.',
      stopped: 'What the requests of a job hold together is limited.',
      told: 'asker',
      async attempt(scene) {
        const { waiting, refused } = await requests(await modelOf(scene), { count: 6, bytes: 60 * 1024 * 1024, refusals: 2 })
        return { got: waiting > 4 ? [`${waiting} requests`] : [], stopped: refused.join(', '), told: refused.join(' ') }
      },
    },
    {
      name: 'the vendor’s key from its answers',
      how: 'The vendor’s answer carries the key in headers and a cookie.',
      stopped: 'Only known headers come back.',
      told: 'nobody',
      async attempt(scene) {
        const answer = await askModel(await modelOf(scene), { body: { mark: 'echo' } })
        const got = JSON.stringify(answer).includes(VENDOR_KEY) ? ['the key'] : []
        return { got, stopped: answer.status === 200 ? 'an answer without it' : '', told: null }
      },
    },
    {
      name: 'smuggled headers',
      how: 'The agent sends an organisation, a proxy’s address and a second key along.',
      stopped: 'Only known headers go out, and the key is the runner’s.',
      told: 'nobody',
      async attempt(scene) {
        const model = await modelOf(scene)
        const evil = {
          'openai-organization': 'evil',
          'x-forwarded-for': '10.0.0.1',
          authorization: 'Bearer evil',
          cookie: 'a=evil',
          'proxy-authorization': 'evil',
        }
        await askModel(model, { headers: { 'x-api-key': JOB_TOKEN, ...evil }, body: { mark: 'smuggle' } })
        const passed = model.heard.find(({ mark }) => mark === 'smuggle')?.headers ?? {}
        const names = Object.keys(evil).filter((name) => passed[name] !== undefined)
        return { got: names, stopped: passed['x-api-key'] === VENDOR_KEY ? 'sent on without them' : '', told: null }
      },
    },
    {
      name: 'connections without end',
      how: 'A thousand connections to the gateway, kept open and silent, so that the runner can open no more files.',
      stopped: 'The number of a job’s connections is limited.',
      told: 'nobody',
      async attempt(scene) {
        const { open, closed } = await connections(await crowdedModelOf(scene), 1_000)
        return {
          got: open > 200 ? [`${open} connections`] : [],
          stopped: closed > 0 ? `${closed} closed at once` : '',
          told: null,
        }
      },
    },
  ],
}
