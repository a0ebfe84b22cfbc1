import { expect, test } from 'vitest'
import { repository } from '../repositories.ts'
import { call, change, done } from '../script.ts'
import { useSwitchyard } from '../use-switchyard.ts'
import { rates } from './answers.ts'

const draft = (markdown: string) => done('I wrote something, see for yourself.', { artefact: { title: 'Notes', markdown } })

const yard = useSwitchyard({
  repositories: [repository('solo', { merge: { by: 'auto' }, reviewQuietSeconds: 0 })],
  script: {
    calls: [
      call('writer', ['Manual', 'Say who reads it'], [draft('# Notes\n\nFor whoever keeps notes.\n')]),
      call('writer', ['Manual', 'Write the documentation that the task asks for'], [draft('# Notes\n\nNotes.\n')]),
      // The text itself is what is graded, not what the writer says of it.
      call('reviewer', ['Manual', 'For whoever keeps notes.'], [rates(0.9)]),
      call('reviewer', ['Manual', '# Notes'], [rates(0.5, 'Say who reads it')]),
      call(
        'coder',
        ['Manual', 'For whoever keeps notes.', 'Put the text of the draft into the repository'],
        [...change('docs/notes.md', '# Notes\n\nFor whoever keeps notes.\n'), done()],
      ),
    ],
  },
})

test('[STP-19] [STP-6] docs: the text is written, graded by itself, sent back, and only then put into the repository', async () => {
  const task = yard().task({ title: 'Manual', label: 'switchyard:docs' })
  await task.until('merged')
  const { inspect } = yard().github
  expect(inspect().pulls('acme/solo')).toHaveLength(1)
  await yard().waitFor(() => task.issue().state === 'closed', 'the issue closed')
})
