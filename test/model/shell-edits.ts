/** Edits as shell commands, for agents that offer no tool of their own for them. */

/** Writes the file with its folders. */
export function writeCommand(path: string, content: string): string {
  return `mkdir -p "$(dirname ${quoted(path)})" && printf %s ${quoted(content)} > ${quoted(path)}`
}

/** Replaces the first place of `from`; fails where there is none. */
export function editCommand(path: string, from: string, to: string): string {
  const program =
    'const [, path, from, to] = process.argv; const fs = require("node:fs"); const text = fs.readFileSync(path, "utf8"); ' +
    'if (!text.includes(from)) process.exit(1); fs.writeFileSync(path, text.replace(from, () => to))'
  return `node -e ${quoted(program)} ${[path, from, to].map(quoted).join(' ')}`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
