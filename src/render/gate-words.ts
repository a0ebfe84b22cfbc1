/** What people are asked where a step has used up its rounds, or sees the same evidence again: by kind of step. */
import { z } from 'zod'
import type { Step } from '../pipeline/model.ts'

/** Words for a step that does not get further by itself. */
export interface GateWords {
  /** What is wrong, as a sentence without its full stop. */
  still: string
  /** What one more round does. */
  again: string
  /** What going on means; null where nobody can go on. */
  proceed: string | null
  /** What looking once more does; null where there is nothing to look at. */
  retry: string | null
  /** A person's own words can be sent back. */
  changes: boolean
}

const WORDS: Readonly<Record<string, GateWords>> = {
  companion: {
    still: 'The review still asks for changes',
    again: 'Send it back once more',
    proceed: 'Go on with it as it is',
    retry: null,
    changes: true,
  },
  questions: {
    still: 'Questions are still open',
    again: 'Ask once more',
    proceed: 'Go on with them open',
    retry: null,
    changes: false,
  },
  test: {
    still: 'The tester does not let it pass',
    again: 'Have it fixed once more',
    proceed: 'Let it pass as it is',
    retry: 'Have it tested again',
    changes: true,
  },
  validate: {
    still: 'Commands of the configuration do not pass',
    again: 'Send it back once more',
    proceed: 'Let it pass as it is',
    retry: 'Run the commands again',
    changes: true,
  },
  conflicts: {
    still: 'The conflict is not resolved',
    again: 'Have it resolved once more',
    proceed: null,
    retry: 'Ask GitHub again',
    changes: false,
  },
  ci: {
    still: 'The checks need a person',
    again: 'Have it fixed once more',
    proceed: 'Go on with what the base branch fails too',
    retry: 'Ask GitHub for the checks again',
    changes: false,
  },
  review: {
    still: 'Remarks of the human review are still open',
    again: 'Have them answered once more',
    proceed: 'Go on with them open',
    retry: 'Ask GitHub for the review again',
    changes: false,
  },
}
const OTHERS: GateWords = {
  still: 'It does not get further by itself',
  again: 'Try once more',
  proceed: 'Go on with it as it is',
  retry: null,
  changes: false,
}

/** Failing checks that the base branch has too: only these can be gone on with. */
const NotOurs = z.looseObject({ base: z.array(z.unknown()).min(1) })

export function gateWords(step: Step): GateWords {
  const words = WORDS[step.kind] ?? OTHERS
  return step.kind === 'ci' && !NotOurs.safeParse(step.data).success ? { ...words, proceed: null } : words
}
