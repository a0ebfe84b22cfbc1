import type { AgentTask } from './runtime.ts'

/** The variable that Codex takes the key from; the commands it runs do not get it. */
export const KEY_VARIABLE = 'SWITCHYARD_MODEL_KEY'

const PROVIDER = 'switchyard'

/** Codex's `config.toml` for a job: one provider, no retries of its own, nothing that calls home. */
export function codexConfig(task: Pick<AgentTask, 'model' | 'effort' | 'workDir'>, url: string): string {
  return toml([
    {
      ...(task.model === undefined ? {} : { model: task.model }),
      ...(task.effort === undefined ? {} : { model_reasoning_effort: task.effort }),
      model_provider: PROVIDER,
      // The runner's sandbox is around all of Codex.
      approval_policy: 'never',
      sandbox_mode: 'danger-full-access',
      web_search: 'disabled',
      check_for_update_on_startup: false,
    },
    {
      name: `model_providers.${PROVIDER}`,
      values: {
        name: PROVIDER,
        base_url: url,
        wire_api: 'responses',
        env_key: KEY_VARIABLE,
        request_max_retries: 0,
        stream_max_retries: 0,
      },
    },
    { name: 'analytics', values: { enabled: false } },
    { name: 'feedback', values: { enabled: false } },
    { name: 'history', values: { persistence: 'none' } },
    { name: 'shell_environment_policy', values: { inherit: 'all', exclude: [KEY_VARIABLE] } },
    // Its own agents would be sessions of their own, whose tokens nobody counts.
    { name: 'agents', values: { enabled: false } },
    { name: 'features', values: { plugins: false, apps: false, hooks: false, goals: false, image_generation: false } },
    { name: `projects.${text(task.workDir)}`, values: { trust_level: 'untrusted' } },
  ])
}

type Value = string | number | boolean | string[]
type Values = Readonly<Record<string, Value>>

function toml([top, ...tables]: [Values, ...{ name: string; values: Values }[]]): string {
  return [lines(top), ...tables.map(({ name, values }) => `[${name}]\n${lines(values)}`)].join('\n')
}

function lines(values: Values): string {
  return Object.entries(values)
    .map(([key, value]) => `${key} = ${typed(value)}\n`)
    .join('')
}

function typed(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(text).join(', ')}]`
  return typeof value === 'string' ? text(value) : String(value)
}

/** A string of TOML is one of JSON, but for one character that TOML wants escaped. */
function text(value: string): string {
  return JSON.stringify(value.toWellFormed()).replaceAll('\u007f', '\\u007f')
}
