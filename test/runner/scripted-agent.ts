/** An agent for the `command` runtime that does what its one argument lists: the steps of `Step` in workshop.ts. */
import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import type { Step } from './workshop.ts'

const env = process.env

function print(event: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(event)}\n`)
}

async function act(step: Step): Promise<void> {
  switch (step.do) {
    case 'write':
      mkdirSync(path.dirname(step.file), { recursive: true })
      return writeFileSync(step.file, step.text)
    case 'sh':
      execFileSync('/bin/sh', ['-ec', step.script], { stdio: ['ignore', 'inherit', 'inherit'] })
      return
    case 'commit':
      execFileSync('git', ['add', '-A'], { cwd: step.in })
      execFileSync('git', ['commit', '-q', '--allow-empty', '-m', step.message], { cwd: step.in })
      return print({ type: 'tool-end', id: 'commit', ok: true, detail: step.message })
    case 'report':
      return writeFileSync(env.SWITCHYARD_REPORT_FILE ?? '', JSON.stringify({ nonce: env.SWITCHYARD_NONCE, ...step.report }))
    case 'report-text':
      return writeFileSync(env.SWITCHYARD_REPORT_FILE ?? '', step.text)
    case 'event':
      return print(step.event)
    case 'calls':
      for (let id = 0; id < step.count; id += 1) {
        print({ type: 'tool-start', id: `call-${id}`, name: 'Tool', kind: 'command', detail: `tool ${id}`, ...step.more })
        print({ type: 'tool-end', id: `call-${id}`, ok: step.ok, detail: '' })
      }
      return
    case 'when-resumed':
      return
    case 'deaf':
      process.on('SIGTERM', () => undefined)
      return
    case 'close-output':
      closeSync(1)
      return closeSync(2)
    case 'hang':
      await new Promise(() => setInterval(() => undefined, 60_000))
      return
    case 'exit':
      process.exit(step.code)
  }
}

const script: Step[] = JSON.parse(process.argv[2] ?? '[]')
const again = script.find((step) => step.do === 'when-resumed')
const steps = env.SWITCHYARD_RESUME !== undefined && again?.do === 'when-resumed' ? again.steps : script
for (const step of steps) await act(step)
