/** Files and folders that coding agents take instructions and settings from, in any folder of a repository. */
export const AGENT_SETTINGS = [
  'AGENTS.md',
  'AGENTS.override.md',
  'CLAUDE.md',
  'CLAUDE.local.md',
  'GEMINI.md',
  '.claude',
  '.codex',
  '.gemini',
  '.opencode',
  '.pi',
  '.agents',
  '.mcp.json',
  '.cursorrules',
  'opencode.json',
  'opencode.jsonc',
] as const

/** And those that have one place. */
export const PLACED_AGENT_SETTINGS = ['.github/copilot-instructions.md', '.github/instructions', '.vscode/mcp.json'] as const
