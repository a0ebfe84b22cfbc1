/** The terminal: lines that stay, and on a TTY one line below them that is rewritten while something takes long. */
import pc from 'picocolors'

export type Colours = ReturnType<typeof pc.createColors>
export type Mark = 'done' | 'doing' | 'person' | 'bad' | 'note'

/** One thing that happened. */
export interface Line {
  /** When, in ms since the demo's start. */
  at: number
  mark: Mark
  what: string
  /** A repository, an issue, a pull request. */
  where?: string
  /** Beside it, dimmed. */
  detail?: string
  /** Below it, dimmed: one line each. */
  more?: readonly string[]
}

export interface Screen {
  colours: Colours
  columns: number
  /** Whether there is a line that is rewritten. */
  live: boolean
  line(line: Line): void
  /** Text as it is, over any number of lines. */
  text(text: string): void
  /** The line that is rewritten; null takes it away. Nothing where the output is no terminal. */
  status(text: string | null): void
}

type Output = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>

const DEFAULT_COLUMNS = 100
const WHAT_COLUMNS = 30
const WHERE_COLUMNS = 17
/** Where `more` begins: under `what`. */
const INDENT = ' '.repeat(12)
const ERASE_LINE = '\r\u001b[2K'

export function createScreen(output: Output, env: NodeJS.ProcessEnv): Screen {
  const terminal = output.isTTY === true && env.TERM !== 'dumb'
  const plain = env.NO_COLOR !== undefined && env.NO_COLOR !== ''
  const colours = pc.createColors(terminal && !plain)
  const columns = output.columns ?? DEFAULT_COLUMNS
  let shown: string | null = null
  let lastAt = 0

  const write = (text: string) => {
    if (shown !== null) output.write(ERASE_LINE)
    output.write(text)
    if (shown !== null) output.write(shown)
  }

  return {
    colours,
    columns,
    live: terminal,
    line: (line) => {
      // What was seen late is told late, but time never goes back.
      lastAt = Math.max(lastAt, line.at)
      write(`${render({ ...line, at: lastAt }, colours)}\n`)
    },
    text: (text) => write(`${text}\n`),
    status: (text) => {
      if (!terminal) return
      const next = text === null ? null : colours.dim(cut(`${INDENT}${text}`, columns - 1))
      if (next === shown) return
      output.write(`${ERASE_LINE}${next ?? ''}`)
      shown = next
    },
  }
}

function render({ at, mark, what, where, detail, more = [] }: Line, colours: Colours): string {
  const time = colours.dim(`${(at / 1_000).toFixed(1).padStart(7)} s`)
  const place = where === undefined ? '' : ` ${colours.cyan(where.padEnd(WHERE_COLUMNS))}`
  const beside = detail === undefined ? '' : ` ${colours.dim(detail)}`
  const rest = `${place}${beside}`
  const head = `${time} ${markOf(mark, colours)} ${rest === '' ? what : what.padEnd(WHAT_COLUMNS)}${rest}`.trimEnd()
  return [head, ...more.map((text) => `${INDENT}${colours.dim(text)}`)].join('\n')
}

/** Marks differ in shape, so that they can be told apart without colour. */
function markOf(mark: Mark, colours: Colours): string {
  switch (mark) {
    case 'done':
      return colours.green('✓')
    case 'doing':
      return colours.blue('●')
    case 'person':
      return colours.yellow('◆')
    case 'bad':
      return colours.red('✗')
    case 'note':
      return colours.dim('·')
  }
}

function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`
}
