import { appendFile, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FOLLOW_UP_MAX_CHARS, FOLLOW_UPS_MAX, FollowUp, followUpKey } from '../../src/contract/follow-up.ts'
import { createRedactor } from '../../src/contract/redact.ts'
import { createFakeClock } from '../../test/runner/fake-clock.ts'
import {
  FOLLOW_UP_LINE_MAX_BYTES,
  FOLLOW_UPS_FILE,
  FOLLOW_UPS_MAX_BYTES,
  parseFollowUps,
  watchFollowUps,
} from './follow-ups.ts'

const SECRET = 'a-registered-secret'
const redactor = createRedactor([SECRET])
const parse = (text: string | Buffer, ended = true) => parseFollowUps(Buffer.from(text), redactor, { ended })
const line = (title: string, more: object = {}) => `${JSON.stringify({ kind: 'bug', title, ...more })}\n`

describe('[JOB-14] the lines of the file', () => {
  test('are read each by itself; what is of no use is counted', () => {
    const text = [
      line('One', { detail: 'Why.', action: 'Do.', other: 1 }),
      'no json\n',
      '[1]\n',
      line(''),
      line('\u0000\u0007'),
      line('x', { detail: 7 }),
      '\n',
      line('two', { kind: 'x'.repeat(FOLLOW_UP_LINE_MAX_BYTES) }),
      line('ONE!'),
      line('Two'),
    ].join('')
    const { followUps, ignored } = parse(text)
    expect(followUps).toEqual([
      { kind: 'bug', title: 'One', detail: 'Why.', action: 'Do.' },
      { kind: 'bug', title: 'Two', detail: '', action: '' },
    ])
    expect(ignored).toBe(6)
  })

  test('a line that is still being written waits for its end', () => {
    const text = line('One') + line('Two').trim()
    expect(parse(text, false).followUps).toHaveLength(1)
    expect(parse(text, true).followUps).toHaveLength(2)
  })

  test('secrets are taken out before anything is cut', () => {
    const title = `${'x'.repeat(FOLLOW_UP_MAX_CHARS.title - 5)}${SECRET}`
    expect(JSON.stringify(parse(line(title, { kind: SECRET, detail: SECRET, action: SECRET })))).not.toContain(
      SECRET.slice(0, 5),
    )
  })

  test('whatever bytes there are, what is told is within its bounds, and no two are the same', () => {
    const words = fc.string({ unit: 'binary', maxLength: 400 })
    const good = fc.record({ kind: words, title: words, detail: words, action: words }).map((one) => `${JSON.stringify(one)}\n`)
    const pieces = fc.array(fc.oneof(good, fc.json(), fc.constant('\n'), words), { maxLength: 120 })
    fc.assert(
      fc.property(pieces, fc.uint8Array({ maxLength: 60 }), fc.boolean(), (texts, bytes, ended) => {
        const { followUps } = parse(Buffer.concat([Buffer.from(texts.join('')), Buffer.from(bytes)]), ended)
        expect(followUps.length).toBeLessThanOrEqual(FOLLOW_UPS_MAX)
        for (const one of followUps) expect(FollowUp.safeParse(one).success).toBe(true)
        for (const { title } of followUps) expect(title).not.toMatch(/\p{Cc}/u)
        expect(new Set(followUps.map(followUpKey)).size).toBe(followUps.length)
      }),
      { numRuns: 60 },
    )
  })

  test('beyond the most that a job tells they are counted', () => {
    const many = Array.from({ length: FOLLOW_UPS_MAX + 7 }, (_each, index) => line(`number ${index}`)).join('')
    expect(parse(many)).toMatchObject({ ignored: 7 })
    expect(parse(many).followUps).toHaveLength(FOLLOW_UPS_MAX)
  })
})

describe('[JOB-14] the watch', () => {
  let folder: string
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'follow-ups-')))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  function watched() {
    const clock = createFakeClock()
    const told: string[] = []
    const said: string[] = []
    const waiting: (() => void)[] = []
    const watch = watchFollowUps({
      clock,
      redactor,
      folder,
      noticed: (found) => {
        told.push(...found.map(({ title }) => title))
        for (const go of waiting.splice(0)) go()
      },
      log: (text) => said.push(text),
    })
    const next = () =>
      new Promise<void>((resolve) => {
        waiting.push(resolve)
        clock.advance(1_000)
      })
    return { watch, told, said, next, file: path.join(folder, FOLLOW_UPS_FILE) }
  }

  test('tells what was appended while the agent works, each once, and the last line at the end', async () => {
    const { watch, told, said, next, file } = watched()
    await writeFile(file, line('One'))
    await next()
    expect(told).toEqual(['One'])
    await appendFile(file, `${line('one')}${line('Two')}rubbish\n${line('Three').trim()}`)
    await watch.stop()
    expect(told).toEqual(['One', 'Two', 'Three'])
    expect(said).toEqual(['The file of follow-ups: 1 line of it could not be used.'])
  })

  test('no file is nothing to speak of', async () => {
    const { watch, told, said } = watched()
    await watch.stop()
    expect([told, said]).toEqual([[], []])
  })

  test('a link is not followed', async () => {
    const { watch, told, said, file } = watched()
    await writeFile(path.join(folder, 'elsewhere'), line('Stolen'))
    await symlink('elsewhere', file)
    await watch.stop()
    expect(told).toEqual([])
    expect(said.join()).toContain('cannot be read')
  })

  test('of a huge file only the beginning is read, and its cut line is not', async () => {
    const { watch, told, said, file } = watched()
    const rest = `{"kind":"bug","title":"${'x'.repeat(FOLLOW_UPS_MAX_BYTES)}"}\n`
    await writeFile(file, `${line('One')}${rest}${line('Two')}`)
    await watch.stop()
    expect(told).toEqual(['One'])
    expect(said.join()).toContain(`Only its first ${FOLLOW_UPS_MAX_BYTES} bytes were read.`)
  })
})
