/** Faults in the gates: checks, companions, testers, validation, conflicts, reviews. */
import type { SourceFault } from '../faults.ts'

const CI = ['src/pipeline/steps/ci.test.ts', 'src/pipeline/steps/ci-red.test.ts']
const COMPANION = ['src/pipeline/steps/companion.test.ts']
const TEST = ['src/pipeline/steps/test.test.ts']
const VALIDATE = ['src/pipeline/steps/validate.test.ts']
const CONFLICTS = ['src/pipeline/steps/conflicts.test.ts']
const REVIEW = ['src/pipeline/steps/review.test.ts']

const ci = 'src/pipeline/steps/ci.ts'
const companion = 'src/pipeline/steps/companion.ts'
const testing = 'src/pipeline/steps/test.ts'
const validate = 'src/pipeline/steps/validate.ts'
const conflicts = 'src/pipeline/steps/conflicts.ts'
const review = 'src/pipeline/steps/review.ts'
const batch = 'src/pipeline/review-batch.ts'
const gate = 'src/pipeline/gate.ts'

export const GATE_FAULTS: readonly SourceFault[] = [
  {
    name: 'the gate forgets its timer',
    file: ci,
    edits: [["    timers: [{ name: 'sweep', at }],\n", '']],
    tests: CI,
  },
  {
    name: 'fixes are not counted',
    file: ci,
    edits: [["phase: 'fixing', fixes: kept.fixes + 1,", "phase: 'fixing', fixes: kept.fixes,"]],
    tests: CI,
  },
  {
    name: 'a fixer more than the budget',
    file: ci,
    edits: [['kept.fixes >= context.config.attempts + kept.granted', 'kept.fixes > context.config.attempts + kept.granted']],
    tests: CI,
  },
  {
    name: 'the same evidence is fixed again and again',
    file: ci,
    edits: [['  if (kept.evidence.includes(key))\n', '  if (kept.fixes < 0)\n']],
    tests: CI,
  },
  {
    name: 'an answer about moved heads is believed',
    file: ci,
    edits: [['data.again || headsKey(event.legs) !== headsKey(openHeads(context))', 'data.again']],
    tests: CI,
  },
  {
    name: 'a re-run more than the budget',
    file: 'src/pipeline/charged-checks.ts',
    edits: [['count >= most', 'count > most']],
    tests: CI,
  },
  {
    name: 'what is red on the base too is gone on with unasked',
    file: ci,
    edits: [
      [
        "if (own.length === 0) return askPerson(context, kept, base, 'already red on the base branch', acceptable(base))",
        'if (own.length === 0) return pass(kept, legs)',
      ],
    ],
    tests: CI,
  },
  {
    name: 'pending checks count as green',
    file: 'src/pipeline/checks-verdict.ts',
    edits: [["  if (checks.some((check) => check.conclusion === 'pending')) return 'pending'\n", '']],
    tests: ['src/pipeline/checks-verdict.test.ts'],
  },
  {
    name: 'a rework more than the budget',
    file: companion,
    edits: [['if (kept.reworks < config.reworks + kept.granted)', 'if (kept.reworks <= config.reworks + kept.granted)']],
    tests: COMPANION,
  },
  {
    name: 'proceeding accepts a head that came after the verdict',
    file: companion,
    edits: [
      [
        "accept(memory, data.heads, data.verdict, 'person')",
        "accept(memory, currentHeads(context.run), data.verdict, 'person')",
      ],
    ],
    tests: COMPANION,
  },
  {
    name: 'an agent’s attempts at a gate are not counted',
    file: gate,
    edits: [['fixes: memory.fixes + 1, evidence }', 'fixes: memory.fixes, evidence }']],
    tests: [...TEST, ...VALIDATE, ...CONFLICTS],
  },
  {
    name: 'an attempt more at every such gate',
    file: gate,
    edits: [['memory.fixes >= most + memory.granted', 'memory.fixes > most + memory.granted']],
    tests: [...TEST, ...VALIDATE, ...CONFLICTS],
  },
  {
    name: 'evidence that was worked on is worked on again',
    file: gate,
    edits: [["  if (memory.evidence.includes(key)) return 'evidence'\n", '']],
    tests: [...TEST, ...VALIDATE, ...CONFLICTS],
  },
  {
    name: 'a person at a gate is never reminded',
    file: gate,
    edits: [["    timers: [{ name: 'escalate', at: escalateAt }],\n", '']],
    tests: [...TEST, ...VALIDATE, ...CONFLICTS],
  },
  {
    name: 'a test passes for heads that were pushed meanwhile',
    file: testing,
    edits: [
      [
        "  if (!same) return { ...runTester(context, heads), legs, note: 'somebody pushed while it was tested: it is tested again' }\n",
        '',
      ],
    ],
    tests: TEST,
  },
  {
    name: 'a tester without a report passes',
    file: testing,
    edits: [
      [
        '  if (report === undefined) {\n',
        "  if (report === undefined) return { data: idle, next: { go: 'advance', output: null as never } }\n  if (report === null) {\n",
      ],
    ],
    tests: TEST,
  },
  {
    name: 'one green command passes the validation',
    file: validate,
    edits: [['if (checks.every(({ ok }) => ok)) return pass', 'if (checks.some(({ ok }) => ok)) return pass']],
    tests: VALIDATE,
  },
  {
    name: 'a validation holds for heads that came later',
    file: validate,
    edits: [["output?.kind === 'validate' && headsKey(output.heads) === headsKey(heads)", "output?.kind === 'validate'"]],
    tests: VALIDATE,
  },
  {
    name: 'the question for conflicts forgets its timer',
    file: conflicts,
    edits: [["    timers: [{ name: 'sweep', at: until }],\n", '']],
    tests: CONFLICTS,
  },
  {
    name: 'a resolver in vain fails the run',
    file: conflicts,
    edits: [["brokenOff(result, ['no-changes', 'conflict'])", 'brokenOff(result, [])']],
    tests: CONFLICTS,
  },
  {
    name: 'a conflict is passed over',
    file: conflicts,
    edits: [
      [
        'return bad.length === 0 ? pass(context) : conflict(context, bad)',
        'return bad.length >= 0 ? pass(context) : conflict(context, bad)',
      ],
    ],
    tests: CONFLICTS,
  },
  {
    name: 'the review forgets its timer',
    file: review,
    edits: [["    timers: [{ name: 'sweep', at: until }],\n", '']],
    tests: REVIEW,
  },
  {
    name: 'a batch more than the budget',
    file: review,
    edits: [['kept.batches >= context.config.batches + kept.granted', 'kept.batches > context.config.batches + kept.granted']],
    tests: REVIEW,
  },
  {
    name: 'the same remarks are answered again and again',
    file: review,
    edits: [['  if (kept.seen.includes(due.key))\n', '  if (kept.batches < 0)\n']],
    tests: REVIEW,
  },
  {
    name: 'a request for changes is answered again and again',
    file: review,
    edits: [['batchOf(seen, [...kept.accepted, ...kept.handled])', 'batchOf(seen, kept.accepted)']],
    tests: REVIEW,
  },
  {
    name: 'a reply is sent again without a look whether it is there',
    file: review,
    edits: [
      [
        '!legs.some((each) => each.leg === leg && each.threads.some(({ id, answered }) => id === thread && answered))',
        "leg !== '' && thread !== ''",
      ],
    ],
    tests: REVIEW,
  },
  {
    name: 'people without rights are answered',
    file: batch,
    edits: [['return !thread.resolved && thread.trusted && !thread.answered', 'return !thread.resolved && !thread.answered']],
    tests: REVIEW,
  },
]
