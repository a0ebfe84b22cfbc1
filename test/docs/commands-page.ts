import type { Who } from '../../src/commands/command.ts'
import { COMMANDS, usage } from '../../src/commands/registry.ts'
import { DEFAULT_PREFIX } from '../../src/config/defaults.ts'
import { code, generatedFrom, table } from './markdown.ts'

const WHO: Record<Who, string> = {
  everyone: 'who can read the repository',
  start: '`start.permissions`',
  approve: '`approve.permissions`',
  merge: '`merge.permissions`',
}

/** docs/commands.md: every command, from the registry that reads them. */
export function commandsPage(): string {
  const rows = COMMANDS.map((command) => [
    code(usage(command, DEFAULT_PREFIX)),
    command.help,
    `${WHO[command.who]}${command.bots ? '; listed Apps' : ''}`,
    command.where,
  ])
  return `${generatedFrom('src/commands/registry.ts')}

# Commands

A command is a line of a comment that begins with ${code(DEFAULT_PREFIX)} (\`commands.prefix\` sets another), outside code,
quotes, tables and HTML. A line right below a quote belongs to the quote until an empty line. Several lines are several
commands, in order. Every command is answered with a reaction, and with words where they are needed.

Who may is decided by the collaborator's role at that moment; the permissions named here are set in
[\`.github/switchyard.yml\`](configuration.md), and any error in asking GitHub is a no. Apps may only what is marked so, and
only when they are listed under \`bots\`.

${table(['Command', 'What it does', 'Who may', 'Where'], rows)}

\`<…>\` is needed, \`[…]\` is not. What \`changes\` and \`answer\` take goes on over the lines below, up to the next
command. \`skip\` of a step that judges (approval, review, checks, tests, validation) is for who may approve.

## Answers by quoting

While a run waits for answers, a comment may quote a question and answer it below, as GitHub's "Quote reply" begins one:
the quoted line begins with the question's name as it is shown, like \`**Q3**\`, and an empty line stands between quote and
answer. Several such quotes are several answers. What stands below a command belongs to the command.

## Boxes

The boxes that the status comment offers ask for the same as the commands \`approve\`, \`answer\` (one of a decision's
options), \`extra-round\`, \`proceed\`, \`retry\`, \`resume\`, \`merge\`, \`revert\` and \`stop\`, and those of the questions comment
the same as \`dismiss\`, under the name and role of the person who ticks them.

## Buttons, and running a check again

Switchyard's check runs have up to three buttons, which ask for the same as these commands: on a stage that waits for a
person or has failed, and on the change set. *Re-run* of a stage's check is \`retry\` where that stage failed, else
\`restart\` of it; *Re-run all checks* is \`retry\` of the stage that failed. What is refused is said on the pull request.

## Labels

A start label that is taken off before Switchyard took it off ends the run, as closing the issue does. Reopening the issue
does not start it again.

## Strangers

Who may not steer runs gets three answers in words per conversation and hour, and a reaction to every further command.
`
}
