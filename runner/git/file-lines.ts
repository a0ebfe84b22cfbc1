import { createReadStream } from 'node:fs'

/**
 * The lines of a file, piece by piece, bytes as characters (`latin1`). Only a line feed ends a line, as git has it: where a
 * carriage return did, what stands behind one would pass for something that git said.
 *
 * @param start how many bytes are left out at the beginning
 */
export async function* fileLines(file: string, start = 0): AsyncGenerator<string> {
  // A line that goes over many pieces is put together once.
  let begun: string[] = []
  for await (const chunk of createReadStream(file, { encoding: 'latin1', start })) {
    const [first = '', ...rest] = String(chunk).split('\n')
    begun.push(first)
    const last = rest.pop()
    if (last === undefined) continue
    yield begun.join('')
    yield* rest
    begun = [last]
  }
  const end = begun.join('')
  if (end !== '') yield end
}
