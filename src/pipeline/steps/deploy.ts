import { z } from 'zod'
import { headsKey } from '../checks-verdict.ts'
import { DeploymentSeen, type RunEvent, type RunEventOf } from '../events.ts'
import { counted } from '../gate.ts'
import { Instant, type Run, StepConfig } from '../model.ts'
import { LegHead } from '../outputs.ts'
import { changedLegs, legOf } from '../state.ts'
import { defineStep, type Outcome, type StepContext } from '../step-kind.ts'

/** Where it is deployed to unless the step says otherwise. */
export const DEFAULT_ENVIRONMENT = 'preview'
/** How long a deployment may take, in minutes. */
export const DEFAULT_DEPLOY_MINUTES = 30

const MS_PER_MINUTE = 60_000

const Config = z.strictObject({
  ...StepConfig.shape,
  kind: z.literal('deploy'),
  environment: z.string().min(1).max(100).default(DEFAULT_ENVIRONMENT).describe('The GitHub environment.'),
  timeoutMinutes: z
    .int()
    .min(1)
    .max(1_440)
    .default(DEFAULT_DEPLOY_MINUTES)
    .describe('How long the deployments of one head may take, in minutes.'),
})
type Config = z.infer<typeof Config>

/** What is being deployed, and since when. */
const target = { heads: z.array(LegHead), since: Instant }
const seen = z.array(DeploymentSeen).max(50)
const Data = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('idle') }),
  /** `again`: a hint came meanwhile, so the answer may be older than the hint. */
  z.object({ phase: z.literal('creating'), effect: z.string(), again: z.boolean(), ...target }),
  z.object({ phase: z.literal('asking'), effect: z.string(), seen, again: z.boolean(), ...target }),
  z.object({ phase: z.literal('watching'), seen, ...target }),
])
type Data = z.infer<typeof Data>
type Context = StepContext<Config, Data>

/** Creates GitHub deployments of the heads, or of the merge commits, and waits for them (STP-15). */
export const deployStep = defineStep<Config, Data>({
  kind: 'deploy',
  summary: 'Creates a GitHub deployment of every changed repository and waits until it is up; later steps get its address.',
  config: Config,
  data: Data,
  initial: () => ({ phase: 'idle' }),
  enter: (context) => {
    const { step, run } = context
    const { output } = step
    if (output?.kind === 'deploy' && headsKey(output.deployments) === headsKey(commits(run)))
      return { data: { phase: 'idle' }, next: { go: 'advance', output } }
    return create(context)
  },
  on: (event, context) => {
    const { data } = context
    switch (data.phase) {
      case 'idle':
        return null
      case 'creating':
      case 'asking':
        if (event.type === 'deployments.changed') return hinted(context, data)
        if (event.type !== 'deployments.reported' || event.effect !== data.effect) return null
        return data.again ? ask(context, { ...data, seen: mine(data.heads, event) }) : judge(context, data, event)
      case 'watching':
        if (isHint(event, context)) return ask(context, data)
        return event.type === 'pull.changed' && moved(context, data) ? redeploy(context) : null
    }
  },
  unneeded: (run) => (changedLegs(run).length === 0 ? 'nothing was changed' : null),
  describe: (_run, step, data) => {
    if (data.phase === 'creating') return 'creating deployments'
    if (data.phase === 'asking' || data.phase === 'watching') {
      const up = data.seen.filter(({ state }) => state === 'success').length
      return `${up} of ${data.heads.length} up`
    }
    if (step.output?.kind !== 'deploy' || step.status.state !== 'done') return ''
    return `${step.output.deployments.length} up in ${step.output.deployments[0]?.environment ?? 'its environment'}`
  },
})

/** What is deployed of each leg: its merge commit, or its head as long as it is not merged. */
function commits(run: Run): LegHead[] {
  return changedLegs(run).map(({ key, head, mergedSha, pull }) => ({
    leg: key,
    head: mergedSha === null ? head : (pull?.mergeSha ?? mergedSha),
  }))
}

function moved({ run }: Context, data: { heads: LegHead[] }): boolean {
  return headsKey(commits(run)) !== headsKey(data.heads)
}

/** The time that a deployment may take begins anew with what is deployed, not with every look for it. */
function create(context: Context, since = context.now): Outcome<Data> {
  const heads = commits(context.run)
  if (heads.length === 0)
    return { data: { phase: 'idle' }, next: { go: 'advance', output: { kind: 'deploy', deployments: [] } } }
  const id = context.effectId('deploy')
  return {
    data: { phase: 'creating', effect: id, again: false, heads, since },
    effects: [{ kind: 'create-deployments', id, environment: context.config.environment, legs: heads }],
    next: { go: 'wait', wait: { for: 'effect', effect: id } },
  }
}

function redeploy(context: Context): Outcome<Data> {
  return { ...create(context), note: 'a head moved: it is deployed anew' }
}

type Target = Pick<Extract<Data, { phase: 'watching' }>, 'heads' | 'since' | 'seen'>

function ask(context: Context, { heads, since, seen }: Target): Outcome<Data> {
  const known = seen.map(({ leg, head, id }) => ({ leg, head, id }))
  // Without every deployment's id there is nothing to ask about: creating finds those that are there.
  if (moved(context, { heads })) return redeploy(context)
  if (known.length < heads.length) return create(context, since)
  const id = context.effectId('deployments')
  return {
    data: { phase: 'asking', effect: id, heads, since, seen, again: false },
    effects: [{ kind: 'ask-deployments', id, environment: context.config.environment, deployments: known }],
    next: { go: 'wait', wait: { for: 'effect', effect: id } },
  }
}

function hinted(context: Context, data: Extract<Data, { phase: 'creating' | 'asking' }>): Outcome<Data> | null {
  if (data.again || context.step.status.state !== 'active') return null
  return { data: { ...data, again: true }, next: { go: 'wait', wait: context.step.status.wait } }
}

function isHint(event: RunEvent, context: Context): boolean {
  if (event.type === 'timer.fired') return event.timer === context.timerId('sweep')
  return event.type === 'deployments.changed'
}

/** The answer's deployments of these heads, the newest of each. */
function mine(heads: readonly LegHead[], { deployments }: RunEventOf<'deployments.reported'>): Target['seen'] {
  return heads.flatMap(({ leg, head }) => deployments.findLast((one) => one.leg === leg && one.head === head) ?? [])
}

function judge(
  context: Context,
  { heads, since }: Omit<Target, 'seen'>,
  event: RunEventOf<'deployments.reported'>,
): Outcome<Data> {
  if (moved(context, { heads })) return redeploy(context)
  const { run, config, now } = context
  const seen = mine(heads, event)
  const bad = seen.find(({ state }) => state === 'failure' || state === 'inactive')
  if (bad !== undefined) {
    const what = bad.state === 'failure' ? 'failed' : 'was taken down or replaced'
    const words = bad.description.trim() === '' ? '' : `: ${bad.description.trim()}`
    return fail(`The deployment of ${legOf(run, bad.leg).repository} to ${config.environment} ${what}${words}`)
  }
  if (seen.length === heads.length && seen.every(({ state }) => state === 'success')) {
    const deployments = seen.map(({ leg, head, environment, url }) => ({ leg, head, environment, url }))
    return { data: { phase: 'idle' }, next: { go: 'advance', output: { kind: 'deploy', deployments } } }
  }
  const end = since + config.timeoutMinutes * MS_PER_MINUTE
  if (now >= end) {
    const slow = heads.filter(({ leg }) => !seen.some((one) => one.leg === leg && one.state === 'success'))
    const names = slow.map(({ leg }) => legOf(run, leg).repository).join(', ')
    return fail(
      `The deployment of ${names} to ${config.environment} was not up after ${counted(config.timeoutMinutes, 'minute')}.`,
    )
  }
  const until = Math.min(now + run.settings.sweepMs, end)
  return {
    data: { phase: 'watching', heads, since, seen },
    timers: [{ name: 'sweep', at: until }],
    next: { go: 'wait', wait: { for: 'outside', what: 'deployment', until } },
  }
}

/** `ci`: like a red check, it is the verdict of a system outside on this very commit; trying again by itself would not help. */
function fail(message: string): Outcome<Data> {
  return { data: { phase: 'idle' }, next: { go: 'fail', failure: { cause: 'ci', message: message.slice(0, 2_000) } } }
}
