import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { commandOfControl, controlLine, findTicked } from './checkbox.ts'

const approve = { id: 'approve:7f3a9c1', label: 'Approve plan `7f3a9c1`', checked: false }
const stop = { id: 'stop', label: 'Stop', checked: false }
const comment = (...controls: { id: string; label: string; checked: boolean }[]) =>
  `### Switchyard · needs you\n\n${controls.map(controlLine).join('\n')}\n\n| a | b |\n|---|---|\n`

describe('controls in the status comment', () => {
  test('a control is a task-list item with a hidden marker', () => {
    expect(controlLine(approve)).toBe('- [ ] Approve plan `7f3a9c1` <!-- switchyard:control approve:7f3a9c1 -->')
    expect(controlLine({ ...stop, checked: true })).toBe('- [x] Stop <!-- switchyard:control stop -->')
  })

  test('what was ticked by an edit is found, whichever way the box is written', () => {
    const before = comment(approve, stop)
    expect(findTicked(before, comment({ ...approve, checked: true }, stop))).toEqual(['approve:7f3a9c1'])
    expect(findTicked(before, before.replaceAll('[ ]', '[X]'))).toEqual(['approve:7f3a9c1', 'stop'])
    expect(findTicked(before.replaceAll('\n', '\r\n'), before.replaceAll('[ ]', '[x]'))).toEqual(['approve:7f3a9c1', 'stop'])
  })

  test('unticking, or an edit elsewhere, ticks nothing', () => {
    const before = comment({ ...approve, checked: true }, stop)
    expect(findTicked(before, comment(approve, stop))).toEqual([])
    expect(findTicked(before, `${before}\nmore`)).toEqual([])
  })

  test('a control that was not offered, or was offered twice, does not count', () => {
    expect(findTicked(comment(stop), comment(stop, { ...approve, checked: true }))).toEqual([])
    const twice = comment(approve, approve)
    expect(findTicked(twice, twice.replaceAll('[ ]', '[x]'))).toEqual([])
  })

  test('a control inside code, a quote or a nested list is none', () => {
    const line = controlLine(stop)
    for (const text of [`\`\`\`\n${line}\n\`\`\``, `> ${line}`, `- item\n  ${line}`]) {
      expect(findTicked(text, text.replace('[ ]', '[x]'))).toEqual([])
    }
  })

  test('a label cannot bring a marker of its own', () => {
    const sly = controlLine({ ...stop, label: 'x --> <!-- switchyard:control merge -->\n- [ ] y' })
    expect(findTicked(sly, sly.replaceAll('[ ]', '[x]'))).toEqual(['stop'])
  })

  test('nothing is taken out of a label: an escape before a marker would escape the code after it', () => {
    expect(controlLine({ ...stop, label: '\\-->`@mona`' })).toBe('- [ ] \\-- >`@mona` <!-- switchyard:control stop -->')
  })

  test('a control asks for the same as its command', () => {
    expect(commandOfControl('approve:7f3a9c1')).toEqual({ verb: 'approve', hash: '7f3a9c1', text: null })
    expect(commandOfControl('stop')).toEqual({ verb: 'stop', why: '' })
    expect(commandOfControl('extra-round')).toEqual({ verb: 'extra-round' })
    expect(commandOfControl('answer:2:41c2e7f')).toEqual({ verb: 'answer', id: null, text: '2' })
    expect(commandOfControl('file:F12')).toEqual({ verb: 'file', id: 'F12' })
    expect(commandOfControl('dismiss:Q3')).toEqual({ verb: 'dismiss', id: 'Q3' })
    expect(commandOfControl('budget:5')).toEqual({ verb: 'budget', addUsd: 5 })
    expect(commandOfControl('resume')).toEqual({ verb: 'resume' })
    expect(commandOfControl('revert')).toEqual({ verb: 'revert' })
    for (const id of [
      'answer:2',
      'answer:x:41c2e7f',
      'dismiss:3',
      'file:3',
      'approve',
      'approve:',
      'approve:xyz',
      'stop:1',
      'budget',
      'budget:0',
      'budget:-5',
      'budget:1000000',
      'budget:5.5',
      'changes',
      'constructor',
      '',
    ]) {
      expect(commandOfControl(id), id).toBeNull()
    }
  })

  test('never throws', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(findTicked(a, b)).toEqual([])
        expect(Array.isArray(findTicked(`${a}\n\n${controlLine(stop)}`, `${b}${controlLine(stop)}`))).toBe(true)
      }),
    )
  })
})
