/** The API once more, with the bug that it has had all along, a changelog, and commands that a change must pass. */
import { stringify } from 'yaml'
import type { NewRepository } from '../../../github/state/repositories.ts'
import { API } from '../../repositories.ts'

export const REPOSITORY = 'acme/api'

/** The line that every change writes its own below; two changes at a time do so at the same place. */
const CHANGELOG_HEAD = '# Changelog\n\n## Unreleased\n\n'
const CHANGELOG_OLD = '- `GET /items` answers what we sell.\n'

export const FIX_ENTRY = '- `GET /items` is answered with a query string, too.\n'
export const OTHER_ENTRY = '- The README says how to start the API.\n'

/** The changelog with these entries, newest first. */
export function changelog(...entries: readonly string[]): string {
  return `${CHANGELOG_HEAD}${entries.join('')}${CHANGELOG_OLD}`
}

const CHANGELOG_CHECK = `#!/bin/sh
# Every change says in CHANGELOG.md what it means to people.
before=$(git merge-base HEAD origin/main)
if git diff --quiet "$before" HEAD -- CHANGELOG.md; then
  echo 'CHANGELOG.md has no line about this change.'
  exit 1
fi
git diff --unified=0 "$before" HEAD -- CHANGELOG.md | grep '^+- '
`

const CONFIGURATION = {
  version: 1,
  validation: [
    { name: 'tests', run: 'node --test' },
    { name: 'changelog', run: 'sh scripts/changelog.sh' },
  ],
  merge: { by: 'auto', method: 'merge' },
  // GitHub is asked for the review when remarks have been quiet for so long; people think longer than hubot does here.
  reviewQuietSeconds: 1,
}

export const BUGGY_API: NewRepository = {
  ...API,
  files: {
    ...API.files,
    'CHANGELOG.md': changelog(),
    'scripts/changelog.sh': CHANGELOG_CHECK,
    '.github/switchyard.yml': `# How Switchyard works on this repository.\n${stringify(CONFIGURATION)}`,
  },
}

/** The case of the report, as anybody can run it in a checkout: prints the status, and is green for 200. */
export const FAILING_CASE = `import('./src/server.mjs').then(async ({ startApi }) => {
  const api = await startApi()
  const { status } = await fetch(api.url + '/items?sort=price')
  api.close()
  console.log('GET /items?sort=price answers ' + status)
  process.exit(status === 200 ? 0 : 1)
})`
