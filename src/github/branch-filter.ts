/**
 * Whether a branch passes a workflow's list of patterns: the last pattern that matches decides, `!` negates.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
 */
export function matchesFilter(patterns: readonly string[], branch: string): boolean {
  let passes = false
  for (const pattern of patterns) {
    const negated = pattern.startsWith('!')
    if (patternToRegex(negated ? pattern.slice(1) : pattern).test(branch)) passes = !negated
  }
  return passes
}

/** `**` any characters, `*` any but a slash, `?` and `+` repeat the one before, `[…]` one of. */
function patternToRegex(pattern: string): RegExp {
  const tokens = pattern.match(/\*\*\/?|\*|\?|\+|\[[^\]]*\]|\\.|[\s\S]/g) ?? []
  const body = tokens.map(tokenToRegex).join('')
  try {
    return new RegExp(`^${body}$`)
  } catch {
    // A pattern that GitHub would refuse matches nothing.
    return /(?!)/
  }
}

function tokenToRegex(token: string): string {
  if (token === '**/') return '(?:.*/)?'
  if (token === '**') return '.*'
  if (token === '*') return '[^/]*'
  if (token === '?' || token === '+') return token
  if (/^\[[A-Za-z0-9_-]*\]$/.test(token)) return token
  const literal = token.length === 2 && token.startsWith('\\') ? token.slice(1) : token
  return literal.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
