import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commandKind } from './command-kind.ts'
import { TOOL_KINDS } from './runtime.ts'

describe('commandKind', () => {
  it.each([
    ['cat src/a.ts', 'read'],
    ['cd api && sed -n 1,20p src/a.ts | head -5', 'read'],
    ['git -C api --no-pager log --oneline -5 2>/dev/null', 'read'],
    ['bash -lc \'rg -n "a|b > c" src\'', 'search'],
    ['/bin/bash -lc "ls -la"', 'search'],
    ['find . -name "*.ts" | sort', 'search'],
    ['git grep -n price 2>&1', 'search'],
    ['curl -s https://example.test/a.json | jq .', 'web'],
    ['npm test', 'command'],
    ['cat a > b', 'command'],
    ['cat $(make a)', 'command'],
    ['cat "`make a`"', 'command'],
    ['find . -name x -delete', 'command'],
    ['rg --pre ./run x', 'command'],
    ['sed -i s/a/b/ f', 'command'],
    ['sed s/a/b/ f', 'command'],
    ['sort -o f f', 'command'],
    ['git commit -m "see git log"', 'command'],
    ['git log --output=f', 'command'],
    ['ls && npm install', 'command'],
    ['curl https://example.test && make', 'command'],
    ["cat <<'EOF'\nx\nEOF", 'command'],
    ["cat 'unfinished", 'command'],
    [`cat ${'a'.repeat(5_000)}`, 'command'],
  ])('%s is of the kind %s', (command, kind) => {
    expect(commandKind(command)).toBe(kind)
  })

  it('says something of every text, and never that it only looks where the output goes to a file', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(TOOL_KINDS).toContain(commandKind(text))
        expect(commandKind(`cat ${text.replace(/['"#\\]/g, '')} > file`)).toBe('command')
      }),
    )
  })
})
