import path from 'node:path'
import type { JobSpec } from '../src/contract/job.ts'
import type { LegWorkspace } from './workspace/prepare-leg.ts'
import type { Workspace } from './workspace/prepare-workspace.ts'

/** The prompt with what only the runner knows: where the legs are, what is on their branches, where the report goes. */
export function workspacePrompt(spec: JobSpec, workspace: Workspace, reportFile: string, followUpsFile: string): string {
  const legs = workspace.legs.map((leg) => `- ${describe(leg)}`)
  const context = workspace.contextFiles.map((file) => `- ${file}`)
  const merges = workspace.legs.filter(({ writable, onBase }) => spec.mergesBase && writable && !onBase).map(mergeOf)
  // Without their names: the branch may have chosen them.
  const settings = workspace.legs.flatMap(({ leg, fromBase }) =>
    fromBase.length === 0 ? [] : [`- ${leg.repository}: ${fromBase.length} of them`],
  )
  const lines = [
    spec.prompt.trimEnd(),
    '',
    '## Workspace',
    `You start in ${workspace.workDir}. The repositories:`,
    ...legs,
    ...(settings.length === 0
      ? []
      : [
          '',
          "Coding agents' instructions and settings (`AGENTS.md`, `CLAUDE.md`, `.claude` and the like) that the branch changed are shown as the base branch has them; edits to those are lost:",
          ...settings,
        ]),
    ...(context.length === 0 ? [] : ['', 'Context files, not part of any repository:', ...context]),
    '',
    spec.mode === 'code'
      ? 'Commit your work on the branch that is checked out. Do not push: Switchyard pushes what you committed.'
      : 'This is exploration: edits are discarded.',
    ...(merges.length === 0 ? [] : ['', '## To merge', ...merges]),
    '',
    '## Report',
    `At the end, write your report as JSON to ${reportFile} (also in SWITCHYARD_REPORT_FILE), with "nonce": "${spec.nonce}".`,
    `What you notice on the way that is worth doing and not part of the task: append it at once as one line of JSON with "kind", "title", "detail" and "action" (what you suggest) to ${followUpsFile} (also in SWITCHYARD_FOLLOW_UPS).`,
    '',
  ]
  return lines.join('\n')
}

function describe({ leg, folder, writable, resumed, start, baseTip }: LegWorkspace): string {
  const where = leg.directory === undefined ? folder : `${folder} (the service is in ${path.join(folder, leg.directory)})`
  const access = writable ? `branch ${leg.workBranch} from ${leg.baseBranch}` : `read only, at ${start.slice(0, 12)}`
  const state = resumed
    ? `; the branch already has work of this task on it: look at it first (git log ${baseTip.slice(0, 12)}..)`
    : ''
  return `${leg.repository} (${leg.role}): ${where}, ${access}${state}`
}

/** The conflict as the agent finds it: where, and under which name its clone has the base's newest commit. */
function mergeOf({ leg, folder, baseTip }: LegWorkspace): string {
  const origin = `origin/${leg.baseBranch}`
  return `- ${leg.repository}, in ${folder}: ${origin} (${baseTip.slice(0, 12)}) does not merge cleanly into ${leg.workBranch}. Run \`git merge ${origin}\`, resolve every conflict, and commit the merge: one merge commit, nothing rebased or squashed.`
}

/** What an agent is asked when its report is missing or malformed. */
export function repairPrompt(
  spec: Pick<JobSpec, 'nonce' | 'reportShape'>,
  reportFile: string,
  faults: readonly string[],
): string {
  return [
    'Your report cannot be used:',
    ...faults.map((fault) => `- ${fault}`),
    '',
    `Write it again, as one JSON object, to ${reportFile}. It must have "nonce": "${spec.nonce}". Change nothing else.`,
    '',
  ].join('\n')
}
