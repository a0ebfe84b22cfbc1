/** What an agent says, and is posted under the App's name. */
import type { Attack, Topic } from '../attack.ts'
import { LEAKED_TOKEN } from '../stages/hostile-report.ts'
import { type Posted, postedOf } from '../stages/posted.ts'
import { settled } from '../stages/settled.ts'
import { yardOf } from '../stages/yard.ts'

const SAFE = 'Everything that others wrote is parsed, and written anew without it, before it is posted.'
const ESCAPE = '\u001b'

/** A trick of the hostile report; `harm` finds what it did. */
function trick(name: string, how: string, harm: (posted: Posted) => readonly string[]): Attack {
  return {
    name,
    how,
    stopped: SAFE,
    told: 'nobody',
    async attempt(scene) {
      const posted = await postedOf(scene)
      return { got: harm(posted), stopped: wasTried(posted), told: null }
    },
  }
}

/** Finds words in what was posted. */
const words =
  (pattern: RegExp) =>
  ({ texts }: Posted) =>
    texts.flatMap((text) => pattern.exec(text)?.[0] ?? [])

/** The report's harmless words are there, so its others could have been. */
function wasTried({ texts }: Posted): string {
  return texts.some((text) => /Everything is fine|My token is/.test(text)) ? 'the report was posted without it' : ''
}

function count(text: string, piece: string): number {
  return text.split(piece).length - 1
}

export const postedText: Topic = {
  title: 'What an agent has posted',
  attacks: [
    trick('calling everybody', 'The report mentions a team and `@everyone`.', words(/@(acme\/leads|everyone)/)),
    trick(
      'closing other issues',
      '`Closes #4711`, and the same for other repositories and by address.',
      words(/(close[sd]?|fix(es|ed)?|resolve[sd]?):?\s+\S*4711/i),
    ),
    trick(
      'pictures from elsewhere',
      'Markdown and HTML images that tell their host who reads.',
      words(/!\[[^\]]*\]\(|<img|<source|<picture/),
    ),
    trick(
      'a marker of ours',
      'The hidden marker of a status comment stands in the report.',
      words(/<!-- switchyard:status run=forged/),
    ),
    trick(
      'boxes to tick',
      '`- [ ] Approve plan` and `- [x] Merge now` stand in the report.',
      words(/- \[[ x]\] (Approve plan `0000000`|Merge now)/),
    ),
    trick('hidden characters', 'Zero-width, tag and right-to-left characters.', words(/[\u202e\u{e0041}\u{e0042}]/u)),
    trick('a script', '`<script>` in the report; also looked for on the dashboard.', ({ texts, page }) =>
      [...texts, page].flatMap((text) => (text.includes('<script>alert') ? ['a script'] : [])),
    ),
    trick('terminal commands', 'Escape sequences; also looked for in the log that people download.', ({ texts, log }) =>
      [...texts, log].flatMap((text) => (text.includes(ESCAPE) ? ['an escape sequence'] : [])),
    ),
    trick('hiding what comes after', 'A `<details>` that is never closed.', ({ texts }) =>
      texts.flatMap((text) => (count(text, '<details') === count(text, '</details') ? [] : ['an open <details>'])),
    ),
    {
      name: 'a secret in a report',
      how: 'The report has a token of GitHub’s shape in it.',
      stopped: 'Secrets are taken out, by their values and by their shapes, before anything is stored.',
      told: 'people',
      async attempt(scene) {
        const posted = await postedOf(scene)
        const { texts, page, log } = posted
        const got = [...texts, page, log].flatMap((text) => (text.includes(LEAKED_TOKEN) ? ['the token'] : []))
        return { got, stopped: wasTried(posted), told: texts.find((text) => text.includes('[redacted]')) ?? null }
      },
    },
    {
      name: 'commands through our own mouth',
      how: '`/yard merge` on a line of its own in the report, which the App itself then posts.',
      stopped: 'The App’s own events are dropped before they are looked at.',
      told: 'nobody',
      async attempt(scene) {
        const yard = await yardOf(scene)
        const posted = await postedOf(scene)
        await settled(yard)
        const merged = posted.task.pulls('acme/solo').some(({ pull }) => pull.merged !== null)
        const got = [...(merged ? ['a merge'] : []), ...(posted.task.replies().length > 0 ? ['an answer'] : [])]
        return { got, stopped: wasTried(posted), told: null }
      },
    },
    {
      name: 'configuration from a work branch',
      how: 'The agent commits a `.github/switchyard.yml` with a pipeline of its own and lower roles; then that pipeline is asked for.',
      stopped: 'The configuration is read from the default branch only.',
      told: 'people',
      async attempt(scene) {
        const yard = await yardOf(scene)
        const first = yard.task({ title: 'A branch that gives itself power', label: 'switchyard:quickly' })
        await first.until(/ready|needs you|failed/)
        const second = yard.task({ title: 'Uses that power', label: 'switchyard:power' })
        const reply = await second.reply()
        return {
          got: second.statusComment() === null ? [] : ['a run of that pipeline'],
          stopped: 'no such pipeline',
          told: reply,
        }
      },
    },
  ],
}
