import type { ToolKind } from './runtime.ts'

/** Longest command that is looked into, in characters; a longer one is a command like any other. */
const COMMAND_MAX_CHARS = 4_000

const SEARCHING = new Set(['rg', 'grep', 'egrep', 'fgrep', 'zgrep', 'ag', 'ack', 'find', 'fd', 'fdfind', 'ls', 'tree'])
const READING = new Set(
  'cat bat head tail nl wc file stat du sort uniq cut tr jq diff cmp pwd echo printf basename dirname realpath true which'.split(
    ' ',
  ),
)
const READING_GIT = new Set('log show diff status blame grep ls-files ls-tree rev-parse rev-list cat-file describe'.split(' '))
const WEB = new Set(['curl', 'wget', 'lynx', 'w3m'])
/** Options with which a searching program runs another one, or writes. */
const ACTING_OPTION = /^(?:-exec|-execdir|-ok|-okdir|-delete|-fprint\w*|-fls|-x|-X|--exec|--exec-batch|--pre)$/

/**
 * What a shell command does as far as its programs tell: some coding agents read and search by nothing but a shell. It
 * errs on the side of `command`: what writes a file, substitutes, or runs a program that is not known to read only.
 */
export function commandKind(command: string): ToolKind {
  if (command.length > COMMAND_MAX_CHARS) return 'command'
  const text = withoutShell(command.trim())
  // In single quotes nothing is special to the shell; in double quotes a substitution still is.
  const bare = text.replace(/'[^']*'/g, 'q')
  if (/`|\$\(|<\(|>\(/.test(bare)) return 'command'
  const plain = bare.replace(/"(?:[^"\\]|\\.)*"/g, 'q').replace(/\d?>\s*\/dev\/null|\d>&\d|&>\s*\/dev\/null/g, ' ')
  if (/[<>"']/.test(plain)) return 'command'
  const parts = plain.split(/\|\||&&|[|;&\n]/).map(partKind)
  if (parts.includes('command')) return 'command'
  if (parts.includes('web')) return 'web'
  return parts.includes('search') ? 'search' : 'read'
}

/** The script of `bash -lc '…'`, as agents that start programs without a shell write it. */
function withoutShell(command: string): string {
  const script = /^(?:\/\S+\/)?(?:ba|da|z)?sh\s+-l?c\s+([\s\S]*)$/.exec(command)?.[1]
  if (script === undefined) return command
  const quoted = /^'([^']*)'$/.exec(script)?.[1] ?? /^"([^"]*)"$/.exec(script)?.[1]
  return quoted ?? script
}

function partKind(part: string): ToolKind {
  const [program = '', ...rest] = part.trim().split(/\s+/)
  const name = program.slice(program.lastIndexOf('/') + 1)
  if (name === '' || name === 'cd') return 'read'
  if (SEARCHING.has(name)) return rest.some((word) => ACTING_OPTION.test(word)) ? 'command' : 'search'
  if (name === 'sort' && rest.some((word) => /^(?:-o|--output)/.test(word))) return 'command'
  if (READING.has(name)) return 'read'
  if (name === 'sed') return rest.includes('-n') && !rest.some((word) => /^(?:-i|--in-place)/.test(word)) ? 'read' : 'command'
  if (name === 'git') return gitKind(rest)
  return WEB.has(name) ? 'web' : 'command'
}

function gitKind(words: readonly string[]): ToolKind {
  const at = words.findIndex((word, index) => !word.startsWith('-') && words[index - 1] !== '-C' && words[index - 1] !== '-c')
  const verb = words[at] ?? ''
  if (!READING_GIT.has(verb) || words.some((word) => word.startsWith('--output'))) return 'command'
  return verb === 'grep' || verb === 'ls-files' || verb === 'ls-tree' ? 'search' : 'read'
}
