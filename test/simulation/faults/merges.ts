/** Faults on the way to a merge. */
import type { SourceFault } from '../faults.ts'

const MERGE = ['src/pipeline/steps/merge.test.ts', 'src/pipeline/steps/merge-more.test.ts']
const POLICY = ['src/pipeline/merge-policy.test.ts', 'src/pipeline/steps/merge-policy-step.test.ts']

const merge = 'src/pipeline/steps/merge.ts'
const policy = 'src/pipeline/merge-policy.ts'
const observe = 'src/pipeline/observe.ts'

export const MERGE_FAULTS: readonly SourceFault[] = [
  {
    name: 'a head is merged without being compared with what was checked and reviewed',
    file: merge,
    edits: [['return target === null ? null : sentBack', 'return target === null || target.epoch >= 0 ? null : sentBack']],
    tests: MERGE,
  },
  {
    name: 'another head is merged than was looked at',
    file: merge,
    edits: [
      [
        'leg: leg.key, head: leg.head, method:',
        'leg: leg.key, head: context.run.legs.find(({ key }) => key !== leg.key)?.head ?? leg.head, method:',
      ],
    ],
    tests: MERGE,
  },
  {
    name: 'heads are not compared again between two merges',
    file: merge,
    edits: [
      [
        'return movedOrDone(context, kept) ?? mergeNext(context, kept, false)',
        'return unmerged(context).length === 0 ? finish(context, kept) : mergeNext(context, kept, false)',
      ],
    ],
    tests: MERGE,
  },
  {
    name: 'the merge forgets its timer',
    file: merge,
    edits: [["asks: asks + 1 },\n    timers: [{ name: 'sweep', at: until }],", 'asks: asks + 1 },']],
    tests: MERGE,
  },
  {
    name: 'the merge queue is not watched',
    file: merge,
    edits: [["phase: 'queued', queued },\n    timers: [{ name: 'sweep', at: until }],", "phase: 'queued', queued },"]],
    tests: MERGE,
  },
  {
    name: 'one that stands in the queue is merged again',
    file: merge,
    edits: [['    return inQueue(context, kept, data.queued)\n  }\n', '  }\n']],
    tests: MERGE,
  },
  {
    name: 'a queue may throw a head out for ever',
    file: merge,
    edits: [['  if (count >= MAX_THROWN)\n', '  if (count < 0)\n']],
    tests: MERGE,
  },
  {
    name: 'going back leaves another leg in the queue',
    file: merge,
    edits: [['if (back !== null) return withdrawn(context, back, data.queued)', 'if (back !== null) return back']],
    tests: MERGE,
  },
  {
    name: 'a word to merge holds for heads that came later',
    file: 'src/pipeline/steps/merge-data.ts',
    edits: [['each.leg === key && each.head === head', 'each.leg === key']],
    tests: MERGE,
  },
  {
    name: 'nobody has to say that it may merge',
    file: merge,
    edits: [["    case 'person':\n      return waitForWord(context, kept, [], asked)", "    case 'person':"]],
    tests: MERGE,
  },
  {
    name: 'a conflict at the merge fails the run, for all its gate',
    file: merge,
    edits: [['if (resolves !== null) return sentBack', 'if (resolves !== null && resolves.epoch < 0) return sentBack']],
    tests: MERGE,
  },
  {
    name: 'a late webhook takes a merge back',
    file: observe,
    edits: [["  if (leg.pull?.state === 'merged') return leg\n", '']],
    tests: ['src/pipeline/closed-and-moved.test.ts', ...MERGE],
  },
  {
    name: 'a late report takes a head back',
    file: observe,
    edits: [
      [
        "      for (const { leg, pull, head } of event.pulls) {\n        if (current || pull.state === 'merged')",
        '      for (const { leg, pull, head } of event.pulls) {\n        if (current || pull.number > 0)',
      ],
    ],
    tests: ['src/pipeline/closed-and-moved.test.ts', 'src/pipeline/decide.test.ts', ...MERGE],
  },
  {
    name: 'pull requests are asked for again that are there',
    file: 'src/pipeline/open-pulls.ts',
    edits: [
      [
        '  const missing = changedLegs(context.run).filter((leg) => leg.pull === null)\n  if (missing.length === 0) return null\n  const id',
        '  const missing = changedLegs(context.run)\n  if (missing.length === 0) return null\n  const id',
      ],
    ],
    tests: ['src/pipeline/steps/agent.test.ts'],
  },
  {
    name: 'the policy does not see protected paths',
    file: policy,
    edits: [['const paths = changes?.protectedPaths ?? []', 'const paths: string[] = changes === null ? [] : []']],
    tests: POLICY,
  },
  {
    name: 'the policy takes what was measured for another head',
    file: policy,
    edits: [
      ['.filter(({ changes, head }) => head === null || changes?.head !== head)', '.filter(({ head }) => head === null)'],
    ],
    tests: POLICY,
  },
  {
    name: 'the policy takes an assessment of other commits',
    file: policy,
    edits: [
      ['other.some((each) => each.leg === leg && each.head === head)', "other.some((each) => each.leg === leg && head !== '')"],
    ],
    tests: POLICY,
  },
  {
    name: 'the policy allows a risk over its ceiling',
    file: policy,
    edits: [['return value <= policy[axis] ? []', 'return value <= policy[axis] + 0.3 ? []']],
    tests: POLICY,
  },
]
