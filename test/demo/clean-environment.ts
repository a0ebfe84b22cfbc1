/** The demo needs nothing of the surrounding environment, and nothing of it may reach the demo: no service, no proxy, no credential. */

/** What the demo's process keeps. */
const KEPT: readonly RegExp[] = [
  /^PATH$/,
  /^HOME$/,
  /^TMPDIR$/,
  /^(LANG|LC_[A-Z]+|TZ)$/,
  // How the terminal shows things.
  /^(TERM|COLORTERM|COLUMNS|NO_COLOR|FORCE_COLOR|CI)$/,
]
/** What a real agent needs besides. */
const OF_CLAUDE: readonly RegExp[] = [/^ANTHROPIC_[A-Z_]+$/]

/** Takes everything else out of `env`, in place: libraries and child processes read the process's own. */
export function cleanEnvironment(env: NodeJS.ProcessEnv, agent: 'scripted' | 'claude'): void {
  const kept = agent === 'claude' ? [...KEPT, ...OF_CLAUDE] : KEPT
  for (const name of Object.keys(env)) {
    if (!kept.some((pattern) => pattern.test(name))) delete env[name]
  }
}
