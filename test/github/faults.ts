/** The switchboard that makes the local GitHub misbehave. Everything off by default; randomness is seeded. */

import type { GitService } from './git-http.ts'

export interface RequestMatcher {
  method?: string
  /** The operation's template, such as `/repos/{owner}/{repo}/pulls`, or an expression over the path asked. */
  route?: string | RegExp
}

export interface FailureAnswer {
  status: number
  /** How many matching requests fail; 1 by default. */
  times?: number
  /** How many matching requests pass before. */
  after?: number
  headers?: Record<string, string>
  body?: unknown
  /** Do the work all the same, and only then answer the failure: a lost answer. */
  afterEffect?: boolean
  /** Cut the connection instead of answering. */
  hangUp?: boolean
}

export interface DeliveryFaults {
  /** Share of deliveries that are never sent, 0 to 1. They are in the deliveries list as failed. */
  drop?: number
  /** Share of deliveries that are never sent and that the deliveries list does not know of either. */
  lose?: number
  /** Share of deliveries that are sent twice. */
  double?: number
  /** Each delivery waits this long, in ms, or a random time between the two. */
  delay?: number | [number, number]
  /** Held deliveries go out in random order, in groups of up to this many. */
  shuffle?: number
  seed?: number
  /** A seed of its own for each repository: what happens to its deliveries does not depend on what others do. */
  seedOf?: (repository: string) => number
}

interface Rule {
  matches: (method: string, route: string | null, path: string) => boolean
}
type FailureRule = Rule & { answer: FailureAnswer; left: number; skip: number }
type SlowRule = Rule & { milliseconds: number }

export interface Faults {
  failNext(matcher: RequestMatcher, answer: FailureAnswer): void
  slow(matcher: RequestMatcher, milliseconds: number): void
  /** The next fetches or pushes of a repository are refused with 503. */
  failGit(matcher: { repository?: string; service?: GitService }, times?: number): void
  /** Requests that match answer GitHub's secondary rate limit for a number of times. */
  secondaryRateLimit(options?: { matcher?: RequestMatcher; times?: number; retryAfter?: number }): void
  /** The next requests find the primary limit used up. */
  primaryRateLimit(options?: { matcher?: RequestMatcher; times?: number; resetInSeconds?: number }): void
  deliveries(faults: DeliveryFaults): void
  /** Deliveries are held from now on. */
  pause(): void
  resume(): void
  clear(): void

  /** For the server: what to do with this request. */
  nextFailure(method: string, route: string | null, path: string): FailureAnswer | null
  nextGitFailure(repository: string, service: GitService): boolean
  delayOf(method: string, route: string | null, path: string): number
  delivery(): Readonly<DeliveryFaults> & { paused: boolean }
  random(): number
  /** The numbers of one sequence among many, all from the same seed; `stream` names it. */
  randomOf(stream: string, seed: number): () => number
  /** For the deliverer: called at each change of the delivery faults. */
  onDeliveryChange(listener: () => void): void
}

/** `routes` are the operations that there are: a matcher for one that is not is a mistake in the test. */
export function createFaults(now: () => Date, routes: Set<string>): Faults {
  let failures: FailureRule[] = []
  let slows: SlowRule[] = []
  let gitFailures: { repository: string | undefined; service: GitService | undefined; left: number }[] = []
  let delivery: DeliveryFaults = {}
  let paused = false
  let random = seeded(1)
  let streams = new Map<string, () => number>()
  const listeners: (() => void)[] = []
  const changed = () => {
    for (const listener of listeners) listener()
  }

  const faults: Faults = {
    failNext: (matcher, answer) => {
      checkRoute(matcher, routes)
      failures.push({ matches: matching(matcher), answer, left: answer.times ?? 1, skip: answer.after ?? 0 })
    },
    slow: (matcher, milliseconds) => {
      checkRoute(matcher, routes)
      slows.push({ matches: matching(matcher), milliseconds })
    },
    failGit: ({ repository, service }, times = 1) => {
      gitFailures.push({ repository, service, left: times })
    },
    secondaryRateLimit: ({ matcher = {}, times = 1, retryAfter = 1 } = {}) =>
      faults.failNext(matcher, {
        status: 403,
        times,
        headers: { 'retry-after': String(retryAfter) },
        body: {
          message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
          documentation_url:
            'https://docs.github.com/free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits',
        },
      }),
    primaryRateLimit: ({ matcher = {}, times = 1, resetInSeconds = 1 } = {}) =>
      faults.failNext(matcher, {
        status: 403,
        times,
        headers: {
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': String(Math.ceil(now().getTime() / 1_000) + resetInSeconds),
        },
        body: {
          message: 'API rate limit exceeded for installation.',
          documentation_url: 'https://docs.github.com/rest/overview/resources-in-the-rest-api#rate-limiting',
        },
      }),
    deliveries: (next) => {
      delivery = next
      random = seeded(next.seed ?? 1)
      streams = new Map()
      changed()
    },
    pause: () => {
      paused = true
    },
    resume: () => {
      paused = false
      changed()
    },
    clear: () => {
      failures = []
      gitFailures = []
      slows = []
      delivery = {}
      paused = false
      changed()
    },
    nextFailure: (method, route, path) => {
      for (const rule of failures) {
        if (rule.left === 0 || !rule.matches(method, route, path)) continue
        if (rule.skip > 0) {
          rule.skip -= 1
          continue
        }
        rule.left -= 1
        return rule.answer
      }
      return null
    },
    nextGitFailure: (repository, service) => {
      const rule = gitFailures.find(
        (one) =>
          one.left > 0 &&
          (one.repository === undefined || one.repository === repository) &&
          (one.service === undefined || one.service === service),
      )
      if (!rule) return false
      rule.left -= 1
      return true
    },
    delayOf: (method, route, path) =>
      slows.filter((rule) => rule.matches(method, route, path)).reduce((most, rule) => Math.max(most, rule.milliseconds), 0),
    delivery: () => ({ ...delivery, paused }),
    random: () => random(),
    randomOf: (stream, seed) => {
      const name = `${seed} ${stream}`
      const found = streams.get(name) ?? seeded(digest(name))
      streams.set(name, found)
      return found
    },
    onDeliveryChange: (listener) => {
      listeners.push(listener)
    },
  }
  return faults
}

function checkRoute({ route }: RequestMatcher, routes: Set<string>): void {
  if (typeof route === 'string' && route !== '/graphql' && !routes.has(route))
    throw new Error(`no operation is called ${route}`)
}

function matching({ method, route }: RequestMatcher): Rule['matches'] {
  return (askedMethod, askedRoute, path) => {
    if (method !== undefined && method.toUpperCase() !== askedMethod) return false
    if (route === undefined) return true
    return typeof route === 'string' ? route === askedRoute : route.test(path)
  }
}

/** A small seeded generator (mulberry32): numbers from 0 to 1. */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A number for a text (FNV-1a). */
function digest(text: string): number {
  return [...text].reduce((hash, letter) => Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0, 0x811c9dc5)
}
