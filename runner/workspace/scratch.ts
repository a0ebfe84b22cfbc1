/** Largest new file that is committed for an agent that forgot to, in bytes. */
export const UNTRACKED_MAX_BYTES = 1024 * 1024

/** Folders that tools and agents leave behind; nothing new in them is committed for the agent. */
const SCRATCH_FOLDERS: ReadonlySet<string> = new Set([
  'node_modules',
  '__pycache__',
  '.pytest_cache',
  '.mypy_cache',
  '.ruff_cache',
  '.venv',
  'venv',
  '.tox',
  '.cache',
  '.gradle',
  '.idea',
  '.vscode',
  '.nyc_output',
  'coverage',
  'tmp',
  '.tmp',
  '.claude',
  '.codex',
  '.gemini',
  '.opencode',
  '.aider',
])

/** Files that tools and agents leave behind. */
const SCRATCH_FILES: readonly RegExp[] = [
  /^\.DS_Store$/,
  /^Thumbs\.db$/,
  /^nohup\.out$/,
  /^core(?:\.\d+)?$/,
  /^\.aider.*/,
  /~$/,
  /\.(?:log|tmp|temp|swp|swo|pyc|pyo|orig|rej|bak|pid)$/,
]

/** What of a path makes it scratch: the folder (with a slash at its end) or the file itself; null if nothing does. */
export function scratchPart(path: string): string | null {
  const parts = path.split('/')
  const name = parts.pop() ?? ''
  const folder = parts.findIndex((part) => SCRATCH_FOLDERS.has(part))
  if (folder !== -1) return `${parts.slice(0, folder + 1).join('/')}/`
  return SCRATCH_FILES.some((pattern) => pattern.test(name)) ? path : null
}
