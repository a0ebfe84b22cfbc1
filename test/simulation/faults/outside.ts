/** Faults outside the core, where the simulation does not go: only tests against the local GitHub can see them. */
import type { SourceFault } from '../faults.ts'

export const OUTSIDE_FAULTS: readonly SourceFault[] = [
  {
    name: 'GitHub merges whatever the head is: the call carries no sha',
    file: 'src/github/merge-pull.ts',
    edits: [['        sha: wanted.sha,\n', '']],
    tests: ['test/github-client', 'test/effects/merging.test.ts'],
  },
  {
    name: 'the old state’s label is kept',
    file: 'src/github/labels.ts',
    edits: [['name.startsWith(prefix) && name !== wanted.name', 'name === prefix && name !== wanted.name']],
    tests: ['test/github-client/issues.test.ts'],
  },
  {
    name: 'a waiting run has the label of one at work',
    file: 'src/render/state-label.ts',
    edits: [["    case 'waiting': {", "    case 'waiting': {\n      if (run.version >= 0) return STATE_LABELS.working"]],
    tests: ['src/render'],
  },
  {
    name: 'an issue is filed without a look whether it is there',
    file: 'src/effects/file-ticket.ts',
    edits: [['(await findTicket(octokit, repository, { marker, author, since: run.createdAt })) ??\n', '']],
    tests: ['test/effects/file-ticket.test.ts'],
  },
]
