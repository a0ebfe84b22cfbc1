/** Files as people break them: one typical mistake each. What they are told of it is in `golden/broken-files.md`. */

export interface BrokenFile {
  mistake: string
  source: string
  /**
   * What refuses it: `yaml` before any schema sees it, `shape` what a JSON Schema can say too, `meaning` what only the app
   * knows, since it lies between the parts of a file.
   */
  refusedBy: 'yaml' | 'shape' | 'meaning'
}

const shape = (mistake: string, source: string): BrokenFile => ({ mistake, source, refusedBy: 'shape' })
const meaning = (mistake: string, source: string): BrokenFile => ({ mistake, source, refusedBy: 'meaning' })
const yaml = (mistake: string, source: string): BrokenFile => ({ mistake, source, refusedBy: 'yaml' })

export const BROKEN_FILES: readonly BrokenFile[] = [
  shape('The version is missing', 'merge:\n  by: auto\n'),
  shape('The version is a text', "version: '1'\n"),
  shape('A version that is not there yet', 'version: 2\n'),
  shape('A slip in a section', 'version: 1\npipeline:\n  mine:\n    - kind: agent\n'),
  shape('A key in the style of another tool', 'version: 1\nprotected_paths:\n  - src/billing/**\n'),
  shape('A key one level too high', 'version: 1\npermissions: [maintain, admin]\n'),
  shape('A key one level too deep', 'version: 1\nmerge:\n  by: policy\n  maxFiles: 10\n'),
  shape('A slip in a value', 'version: 1\nmerge:\n  method: sqaush\n'),
  shape('A permission in the words of the web page', 'version: 1\nstart:\n  permissions: [Write, maintainer]\n'),
  shape('A text where a list belongs', 'version: 1\nprotectedPaths: src/billing/**\n'),
  shape('A list where a group belongs', 'version: 1\nroles:\n  - coder\n  - reviewer\n'),
  shape('A section that was left empty', 'version: 1\nroles:\n  coder:\n'),
  shape('A duration with its unit', 'version: 1\nroles:\n  coder:\n    limits:\n      durationMinutes: 90m\n'),
  shape('A number out of bounds', 'version: 1\nlimits:\n  runsPerRepository: 0\n'),
  shape('A share in per cent', 'version: 1\nmerge:\n  policy:\n    risk: 40\n'),
  shape('A role that is not there', 'version: 1\nroles:\n  developer:\n    instructions: Be brief.\n'),
  shape('A role of a step that is not there', 'version: 1\npipelines:\n  mine:\n    - kind: agent\n      role: codr\n'),
  shape(
    'A model beside the runtime instead of in it',
    'version: 1\nroles:\n  coder:\n    model: some-model\n    runtime: claude\n',
  ),
  shape('A model by a glob in the middle', 'version: 1\nmodels: ["claude-*-4"]\n'),
  meaning(
    'A role with a model that is not listed',
    'version: 1\nmodels: [claude-haiku-4-5]\nroles:\n  coder:\n    runtime: { model: claude-opus-4-5 }\n',
  ),
  shape('A peer by its address', 'version: 1\npeers:\n  - repository: https://github.com/acme/web\n    role: consumer\n'),
  shape('A peer without its role', 'version: 1\npeers:\n  - repository: acme/web\n'),
  shape('Somebody to approve with an @', "version: 1\napprove:\n  people: ['@mona', hubot]\n"),
  shape('A path from the root of the disk', 'version: 1\ncontextFiles:\n  - path: /docs/conventions.md\n'),
  shape('A step as a word', 'version: 1\npipelines:\n  mine:\n    - plan\n    - agent\n'),
  shape('A step kind that is not there', 'version: 1\npipelines:\n  mine:\n    - kind: code\n'),
  shape(
    'A slip in an option of a step',
    'version: 1\npipelines:\n  mine:\n    - kind: agent\n    - kind: ci\n      atempts: 3\n',
  ),
  shape('An option of another step kind', 'version: 1\npipelines:\n  mine:\n    - kind: agent\n      threshold: 0.9\n'),
  shape('A name with a capital and a blank', 'version: 1\npipelines:\n  Small Fixes:\n    - kind: agent\n'),
  shape('A label of our own', 'version: 1\nlabels:\n  start: switchyard/go\n'),
  shape('A command without a mark', 'version: 1\ncommands:\n  prefix: yard\n'),
  meaning('Two steps of one kind, without ids', 'version: 1\npipelines:\n  mine:\n    - kind: agent\n    - kind: agent\n'),
  meaning(
    'A review that has nothing before it to grade',
    'version: 1\npipelines:\n  mine:\n    - kind: agent\n    - kind: ci\n    - kind: companion\n',
  ),
  meaning('A pipeline without steps', 'version: 1\npipelines:\n  mine: []\n'),
  meaning(
    'A limit inside a shorter one',
    'version: 1\nroles:\n  coder:\n    limits:\n      durationMinutes: 5\n      inactivityMinutes: 10\n',
  ),
  meaning(
    'A peer that is there twice',
    'version: 1\npeers:\n  - { repository: acme/web, role: consumer }\n  - { repository: Acme/Web, role: provider }\n',
  ),
  meaning('A pipeline for pull requests that is not there', 'version: 1\nonPullRequests: [mend]\n'),
  meaning('One label for two pipelines', 'version: 1\nlabels:\n  start: agent\n  pipelines:\n    quick: Agent\n'),
  yaml('Nothing in the file', '# We will fill this in later.\n'),
  yaml('A tab to indent with', 'version: 1\nmerge:\n\tby: auto\n'),
  yaml('A key that is there twice', 'version: 1\nmerge:\n  by: auto\nmerge:\n  method: squash\n'),
  yaml('A bracket that is not closed', 'version: 1\nbots: [renovate[bot], dependabot[bot]\n'),
  yaml('A colon in a text without quotes', 'version: 1\nroles:\n  coder:\n    instructions: Remember: be brief.\n'),
  yaml('A glob that begins with a star, without quotes', 'version: 1\nprotectedPaths:\n  - *.pem\n'),
]
