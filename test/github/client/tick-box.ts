const BOX = /^(\s*(?:[-*+]|\d+[.)])\s+\[)([ xX])(\].*)$/

/** A body with one task-list box changed, found by its place from 0 or by words in its line. Throws if there is none. */
export function tickBox(body: string, box: number | string, how: 'tick' | 'toggle'): string {
  const lines = body.split('\n')
  const boxes = lines.flatMap((line, index) => (BOX.test(line) ? [index] : []))
  const at = typeof box === 'number' ? boxes[box] : boxes.find((index) => lines[index]?.includes(box))
  const match = at === undefined ? null : BOX.exec(lines[at] ?? '')
  if (at === undefined || match === null) throw new Error(`no checkbox ${box} in: ${body}`)
  const [, before = '', mark = ' ', after = ''] = match
  if (how === 'tick' && mark !== ' ') throw new Error(`checkbox ${box} is ticked already`)
  lines[at] = `${before}${mark === ' ' ? 'x' : ' '}${after}`
  return lines.join('\n')
}
