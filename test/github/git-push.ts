/** What a push over smart HTTP asks for, what it may not do, and what came of it. */
import { readRef } from './state/objects.ts'

/** What a push may not do although it may push; the repository's `pre-receive` hook refuses it. */
export interface PushLimits {
  /** No change under `.github/workflows`. */
  workflows?: boolean
  /** Refs that may not be moved. */
  protectedRefs?: string[]
}

/** One ref that a push moved. `before` or `after` of 40 zeros: created or deleted. */
export interface RefUpdate {
  ref: string
  before: string
  after: string
}

const NO_COMMIT = '0'.repeat(40)
const NO_WORKFLOWS = 'GIT_HTTP_NO_WORKFLOWS'
const PROTECTED = 'GIT_HTTP_PROTECTED'

/** Put this into a bare repository as `hooks/pre-receive` (mode 755) so that the limits of a push hold. */
export const PRE_RECEIVE_HOOK = `#!/bin/sh
while read before after ref; do
  case " $${PROTECTED} " in *" $ref "*)
    echo "error: GH006: Protected branch update failed for $ref."
    exit 1;;
  esac
  [ -n "$${NO_WORKFLOWS}" ] || continue
  case "$after" in *[!0]*) ;; *) continue;; esac
  files=$(git log -m --format= --name-only "$after" --not --all)
  case "
$files" in *"
.github/workflows/"*)
    file=$(echo "$files" | grep '^\\.github/workflows/' | head -n 1)
    echo "refusing to allow a GitHub App to create or update workflow $file without workflows permission"
    exit 1;;
  esac
done
exit 0
`

/** How the hook learns of the limits. */
export function pushEnvironment({ workflows = false, protectedRefs = [] }: PushLimits): Record<string, string> {
  return { [PROTECTED]: protectedRefs.join(' '), ...(workflows ? { [NO_WORKFLOWS]: '1' } : {}) }
}

/** The commands at the beginning of a push. https://git-scm.com/docs/pack-protocol#_reference_update_request_and_packfile_transfer */
export function updatesIn(body: Buffer): RefUpdate[] {
  const updates: RefUpdate[] = []
  for (let at = 0; at + 4 <= body.length; ) {
    const length = Number.parseInt(body.toString('latin1', at, at + 4), 16)
    // A flush packet ends the commands.
    if (!(length > 4)) break
    const [line = ''] = body.toString('utf8', at + 4, at + length).split('\0')
    const [, before, after, ref] = /^([0-9a-f]{40}) ([0-9a-f]{40}) (refs\/(?!.*\.\.).+?)\n?$/.exec(line) ?? []
    if (before !== undefined && after !== undefined && ref !== undefined) updates.push({ ref, before, after })
    at += length
  }
  return updates
}

/** Those of the updates that git made: it may have refused some, or all. */
export async function updatesDone(dir: string, updates: readonly RefUpdate[]): Promise<RefUpdate[]> {
  const stands = await Promise.all(updates.map(async ({ ref, after }) => ((await readRef(dir, ref)) ?? NO_COMMIT) === after))
  return updates.filter((_, index) => stands[index])
}
