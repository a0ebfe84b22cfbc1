import { realpath } from 'node:fs/promises'
import { z } from 'zod'
import { FOLLOW_UP_MAX_CHARS, FOLLOW_UPS_MAX, type FollowUp, followUpKey } from '../../src/contract/follow-up.ts'
import type { Redactor } from '../../src/contract/redact.ts'
import type { Clock } from '../clock.ts'
import { readHeadInside } from '../safe-file.ts'

/** The file's name, beside the report. */
export const FOLLOW_UPS_FILE = 'follow-ups.jsonl'
/** Where the agent finds the file's path. */
export const FOLLOW_UPS_ENV = 'SWITCHYARD_FOLLOW_UPS'
/** How often it is looked at, in ms. */
const LOOK_MS = 1_000
/** How much of the file is read, in bytes. */
export const FOLLOW_UPS_MAX_BYTES = 262_144
/** Longest line that is read, in bytes. */
export const FOLLOW_UP_LINE_MAX_BYTES = 16_384

const NEWLINE = 10

/** A line as agents are told to write it; what is more in it is left alone. */
const Line = z.object({
  kind: z.string(),
  title: z.string(),
  detail: z.string().default(''),
  action: z.string().default(''),
})

/** What a file says. `ignored`: lines that say nothing that can be used. */
export interface ParsedFollowUps {
  readonly followUps: readonly FollowUp[]
  readonly ignored: number
}

/** Reads the lines of a file that anybody may have written, each by itself; `ended`: the last one is whole without its end. */
export function parseFollowUps(bytes: Buffer, redactor: Redactor, { ended }: { readonly ended: boolean }): ParsedFollowUps {
  const found = new Map<string, FollowUp>()
  let ignored = 0
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, from)
    if (end === -1 && !ended) break
    const line = bytes.subarray(from, end === -1 ? bytes.length : end)
    from += line.length + 1
    if (line.length <= FOLLOW_UP_LINE_MAX_BYTES && line.toString().trim() === '') continue
    const followUp = line.length > FOLLOW_UP_LINE_MAX_BYTES ? null : readLine(line.toString(), redactor)
    const key = followUp === null ? '' : followUpKey(followUp)
    if (followUp !== null && found.has(key)) continue
    if (followUp === null || found.size >= FOLLOW_UPS_MAX) ignored += 1
    else found.set(key, followUp)
  }
  return { followUps: [...found.values()], ignored }
}

function readLine(text: string, redactor: Redactor): FollowUp | null {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return null
  }
  const line = Line.safeParse(json)
  if (!line.success) return null
  const field = (name: keyof typeof FOLLOW_UP_MAX_CHARS): string =>
    // Redacted before it is cut: half a token matches no pattern.
    redactor
      .redact(line.data[name])
      .replaceAll(/\p{Cc}+/gu, (controls) => (name === 'detail' && controls.includes('\n') ? '\n' : ' '))
      .trim()
      .slice(0, FOLLOW_UP_MAX_CHARS[name])
      .toWellFormed()
  const followUp = { kind: field('kind'), title: field('title'), detail: field('detail'), action: field('action') }
  return followUp.kind === '' || followUp.title === '' ? null : followUp
}

export interface FollowUpsWatch {
  /** Looks a last time, and says how many lines were of no use. */
  stop(): Promise<void>
}

/** Tells what the agent appends to the file while it works, each once. Whatever the file is, the job is not harmed by it. */
export function watchFollowUps(deps: {
  readonly clock: Clock
  readonly redactor: Redactor
  /** The folder that the file is in; the agent can write it. */
  readonly folder: string
  readonly noticed: (followUps: readonly FollowUp[]) => void
  readonly log: (text: string) => void
}): FollowUpsWatch {
  const told = new Set<string>()
  let before: Buffer | null = null
  let looking: Promise<string | null> = Promise.resolve(null)
  let cancel: () => void = () => undefined

  /** What is to be said of the file as a whole; null where all of it is of use. */
  async function look(ended: boolean): Promise<string | null> {
    try {
      const head = await readHeadInside(await realpath(deps.folder), FOLLOW_UPS_FILE, FOLLOW_UPS_MAX_BYTES)
      if (head === null || (!ended && before?.equals(head.bytes))) return null
      before = head.bytes
      const { followUps, ignored } = parseFollowUps(head.bytes, deps.redactor, { ended: ended && head.whole })
      const fresh = followUps.filter((one) => !told.has(followUpKey(one))).slice(0, FOLLOW_UPS_MAX - told.size)
      for (const one of fresh) told.add(followUpKey(one))
      if (fresh.length > 0) deps.noticed(fresh)
      const lines = ignored === 0 ? '' : `${ignored} ${ignored === 1 ? 'line' : 'lines'} of it could not be used. `
      const rest = head.whole ? '' : `Only its first ${FOLLOW_UPS_MAX_BYTES} bytes were read. `
      return lines + rest === '' ? null : `The file of follow-ups: ${lines}${rest}`.trimEnd()
    } catch (error) {
      return `The file of follow-ups cannot be read: ${error instanceof Error ? error.message : 'unknown'}`
    }
  }
  function wait(): void {
    cancel = deps.clock.after(LOOK_MS, () => {
      looking = look(false).finally(() => {
        if (!stopped) wait()
      })
    })
  }
  let stopped = false
  wait()
  return {
    async stop() {
      stopped = true
      cancel()
      await looking
      const said = await look(true)
      if (said !== null) deps.log(said)
    },
  }
}
