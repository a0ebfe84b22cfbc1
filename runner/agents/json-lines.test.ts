import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Line, lineReader, MAX_LINE_BYTES, parseJson } from './json-lines.ts'

const MIB = 1024 * 1024
/** Chunks between two looks at the memory. */
const SAMPLE_EVERY = 512

function read(chunks: Buffer[], maxBytes?: number): Line[] {
  const reader = lineReader(maxBytes)
  return [...chunks.flatMap((chunk) => reader.push(chunk)), ...reader.end()]
}

/** Cuts bytes at arbitrary places, in the middle of characters too. */
function cut(bytes: Buffer, places: number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
  return [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.length))
}

const text = fc.string({ unit: 'binary' }).map((value) => value.replaceAll(/[\r\n]/g, ' '))

describe('lineReader', () => {
  it('[AGT-4] gives the same lines however the bytes are cut, characters of several bytes among them', () => {
    fc.assert(
      fc.property(fc.array(text), fc.array(fc.nat()), fc.constantFrom('\n', '\r\n'), (lines, places, eol) => {
        const bytes = Buffer.from(lines.map((line) => line + eol).join(''))
        const expected = bytes.toString('utf8').split(eol).slice(0, -1)
        expect(read(cut(bytes, places))).toEqual(expected.map((line) => ({ kind: 'line', text: line })))
      }),
    )
  })

  it('[AGT-4] skips exactly the lines that are too long, and counts their bytes', () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1 })
    fc.assert(
      fc.property(lengths, fc.array(fc.nat()), (sizes, places) => {
        const bytes = Buffer.from(sizes.map((size) => `${'x'.repeat(size)}\n`).join(''))
        const expected = sizes.map((size) =>
          size > 20 ? { kind: 'too-long', bytes: size } : { kind: 'line', text: 'x'.repeat(size) },
        )
        expect(read(cut(bytes, places), 20)).toEqual(expected)
      }),
    )
  })

  it('[AGT-4] reads a line of exactly 1 MiB, and goes on after one byte more', () => {
    const [full, long] = [Buffer.alloc(MAX_LINE_BYTES, 'a'), Buffer.alloc(MAX_LINE_BYTES + 1, 'a')]
    const lines = read([full, Buffer.from('\n'), long, Buffer.from('\nafter\n')])
    expect(lines.map((line) => (line.kind === 'line' ? line.text.length : line))).toEqual([
      MAX_LINE_BYTES,
      { kind: 'too-long', bytes: MAX_LINE_BYTES + 1 },
      5,
    ])
  })

  it('[AGT-4] gives a torn last line as it is, and it is no JSON', () => {
    const [line] = read([Buffer.from('{"type":"te')])
    expect(line).toEqual({ kind: 'line', text: '{"type":"te' })
    expect(parseJson('{"type":"te')).toBeUndefined()
    expect(read([])).toEqual([])
  })

  it.each([
    [200, 'one endless line', Buffer.alloc(64 * 1024, 'a')],
    [4, 'an endless line in single bytes', Buffer.from('a')],
    [200, 'lines of 100 bytes', Buffer.from(`${'a'.repeat(99)}\n`.repeat(650))],
  ])('[AGT-4] does not grow over %i MiB of %s', (mib, _what, chunk) => {
    const reader = lineReader()
    const memory = () => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
    let highest = 0
    const before = memory()
    for (let sent = 0, nth = 0; sent < mib * MIB; sent += chunk.length, nth++) {
      reader.push(chunk)
      if (nth % SAMPLE_EVERY === 0) highest = Math.max(highest, memory() - before)
    }
    reader.end()
    expect(highest).toBeLessThan(64 * MIB)
  })
})
