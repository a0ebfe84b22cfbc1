/** Webhooks that GitHub did not send, or sent before. */
import { gzipSync } from 'node:zlib'
import { readEnvironment } from '../../../src/config/environment.ts'
import type { Yard } from '../../e2e/harness.ts'
import type { Attack, Seen, Topic } from '../attack.ts'
import type { Scene } from '../scene.ts'
import { settled } from '../stages/settled.ts'
import { type Forged, isStored, labeledPayload, secretOf, send, signature } from '../stages/webhook.ts'
import { yardOf } from '../stages/yard.ts'

/** Largest delivery that GitHub makes, in MiB, and a little more. */
const TOO_MANY_MIB = 27
const MIB = Buffer.alloc(1024 * 1024, ' ')

/** A label that was never put on, told by somebody else than GitHub; it must not be stored, and start nothing. */
function forged(
  name: string,
  how: string,
  make: (yard: Yard, body: string) => Omit<Forged, 'body'> & { body?: string | Buffer },
): Attack {
  return {
    name,
    how,
    stopped: 'The signature of the whole body is checked, in constant time, before anything is read or stored.',
    told: 'asker',
    async attempt(scene) {
      const yard = await yardOf(scene)
      const task = yard.task({ title: `Webhook: ${name}` })
      const body = labeledPayload(yard, task.number)
      return refused(yard, task.number, await send(yard, { body, ...make(yard, body) }))
    },
  }
}

async function refused(yard: Yard, number: number, { status, id }: { status: number; id: string }): Promise<Seen> {
  const got = [
    ...(status < 400 ? [`answered ${status}`] : []),
    ...((await isStored(yard, id)) ? ['stored'] : []),
    ...(yard.github.inspect().comments('acme/solo', number).length > 0 ? ['a run, or a word, on the issue'] : []),
  ]
  return { got, stopped: `answered ${status}, not stored`, told: `HTTP ${status}` }
}

async function startsWithout(env: Record<string, string>): Promise<Seen> {
  try {
    readEnvironment(env)
  } catch (error) {
    const said = error instanceof Error ? error.message : ''
    return { got: [], stopped: said.includes('WEBHOOK_SECRET') ? 'the start is refused' : '', told: said }
  }
  return { got: ['it starts'], stopped: '', told: null }
}

async function replay(scene: Scene, how: 'same id' | 'new id'): Promise<Seen> {
  const yard = await yardOf(scene)
  const task = yard.task({ title: `Replayed under ${how}`, label: 'switchyard:ask' })
  await task.until('needs you')
  task.comment('mona', '/yard stop')
  await task.until('stopped')
  const original = yard.github
    .inspect()
    .deliveries()
    .find(
      (each) => each.event === 'issues' && each.action === 'labeled' && JSON.parse(each.payload).issue.number === task.number,
    )
  if (original === undefined) throw new Error('the label was not told')
  const status = task.statusComment()?.id
  const { status: answered } = await send(yard, {
    body: original.payload,
    ...(how === 'same id' ? { id: original.guid } : {}),
  })
  const refusal = () => task.replies().find((text) => text.includes('was taken off again'))
  const told = how === 'same id' ? null : await yard.waitFor(refusal, 'the refusal of the replayed label')
  await settled(yard)
  const got =
    task.statusComment()?.id === status && /### Switchyard · stopped/.test(task.statusComment()?.body ?? '')
      ? []
      : ['a second run']
  return { got, stopped: `answered ${answered}; no second run`, told }
}

export const webhooks: Topic = {
  title: 'Webhooks',
  attacks: [
    forged('a webhook without a signature', 'A label is told without `X-Hub-Signature-256`.', () => ({
      headers: { 'x-hub-signature-256': null },
    })),
    forged("a webhook signed with Probot's default secret", 'It is signed with `development`.', () => ({
      secret: 'development',
    })),
    forged('a webhook signed with an empty secret', 'It is signed with no secret at all, as where one was left unset.', () => ({
      secret: '',
    })),
    forged('a body changed after it was signed', 'One space is added to a signed body.', (yard, body) => ({
      body: `${body} `,
      headers: { 'x-hub-signature-256': signature(body, secretOf(yard)) },
    })),
    forged('the old signature alone', 'It carries a right `X-Hub-Signature` (SHA-1) and no other.', (yard, body) => ({
      headers: { 'x-hub-signature-256': null, 'x-hub-signature': signature(body, secretOf(yard), 'sha1') },
    })),
    forged('a compressed body', 'The signature is of the text, what is sent is gzip of it.', (yard, body) => ({
      body: gzipSync(body),
      headers: { 'content-encoding': 'gzip', 'x-hub-signature-256': signature(body, secretOf(yard)) },
    })),
    {
      ...forged(
        'a form instead of JSON',
        'The payload comes as `application/x-www-form-urlencoded`, rightly signed.',
        (_, body) => ({
          body: `payload=${encodeURIComponent(body)}`,
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        }),
      ),
      stopped: 'Only a JSON object is a delivery.',
    },
    {
      ...forged('a body without end', `${TOO_MANY_MIB} MiB are sent, without saying how long it will be.`, () => ({
        body: MIB,
        chunks: TOO_MANY_MIB,
      })),
      stopped: 'Reading ends at 25 MiB, the most that GitHub sends.',
    },
    {
      ...forged('an enormous body, announced', 'A length of 1 TB is announced.', () => ({
        body: 'x',
        headers: { 'content-length': '1000000000000' },
      })),
      stopped: 'What announces more than 25 MiB is not read at all.',
    },
    {
      name: 'a webhook replayed as it was',
      how: 'The delivery that started a run is sent again, once the run was stopped.',
      stopped: 'A delivery is stored once, by its id.',
      told: 'nobody',
      attempt: (scene) => replay(scene, 'same id'),
    },
    {
      name: 'a webhook replayed under a new id',
      how: 'The same, with another `X-GitHub-Delivery`, which no signature covers.',
      stopped: 'GitHub is asked: the label is not on the issue any more. Commands are known by the id of their comment.',
      told: 'people',
      attempt: (scene) => replay(scene, 'new id'),
    },
    {
      name: 'a start without a webhook secret',
      how: 'Switchyard is started with no `WEBHOOK_SECRET`, then with an empty one.',
      stopped: 'The start is refused; there is no default.',
      told: 'log',
      async attempt(scene) {
        const { WEBHOOK_SECRET: _, ...env } = (await yardOf(scene)).world.env
        const [none, empty] = [await startsWithout(env), await startsWithout({ ...env, WEBHOOK_SECRET: '' })]
        return { ...none, got: [...none.got, ...empty.got], stopped: none.stopped && empty.stopped }
      },
    },
  ],
}
