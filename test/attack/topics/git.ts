/** What an agent leaves in its clone, for the git that commits and pushes on the host. */
import { openWorkshop, success, type Workshop } from '../../runner/workshop.ts'
import type { Attack, Seen, Topic } from '../attack.ts'
import { bombs } from '../stages/bombs.ts'
import { clonesOf } from '../stages/clones.ts'

const CLEAN = 'The host’s git works in a clean git directory that the agent never saw, with its own configuration.'

/** A trap that must not spring; the ordinary work beside it is pushed, which shows that git looked at this clone. */
function trap(key: string, name: string, how: string, more: Partial<Attack> = {}): Attack {
  return {
    name,
    how,
    stopped: CLEAN,
    told: 'nobody',
    async attempt(scene) {
      const { shop, sprung } = await clonesOf(scene)
      const pushed = await shop.git(`acme/${key}`, 'show', 'switchyard/run1:README.md')
      return {
        got: sprung.includes(key) ? ['a program ran on the host'] : [],
        stopped: pushed === 'new' ? 'the work was pushed, the program never ran' : '',
        told: null,
      }
    },
    ...more,
  }
}

const REPLACED: Partial<Attack> = {
  stopped:
    'The clone’s git directory is only read as plain files, without following links; where it cannot be, the files count as edits.',
  told: 'people',
}

function replaced(key: string, name: string, how: string): Attack {
  const plain = trap(key, name, how)
  return {
    ...plain,
    ...REPLACED,
    async attempt(scene) {
      const { result } = await clonesOf(scene)
      return { ...(await plain.attempt(scene)), told: result.notes.find((note) => note.includes(`acme/${key}`)) ?? null }
    },
  }
}

/** A theft from another repository of the same host; the job must fail, and nothing be pushed. */
function theft(
  name: string,
  how: string,
  script: (secret: { objects: string; blob: string }) => string,
  stopped: string,
): Attack {
  return {
    name,
    how,
    stopped,
    told: 'people',
    async attempt() {
      const shop = await openWorkshop()
      try {
        return await stolen(shop, script)
      } finally {
        await shop.close()
      }
    },
  }
}

async function stolen(shop: Workshop, script: (secret: { objects: string; blob: string }) => string): Promise<Seen> {
  await shop.repository('acme/api')
  await shop.repository('acme/secret', { 'secret.txt': 'very secret\n' })
  const blob = await shop.git('acme/secret', 'rev-parse', 'main:secret.txt')
  const steps = [
    { do: 'sh' as const, script: script({ objects: `${shop.dir}/repos/acme/secret.git/objects`, blob }) },
    success(),
  ]
  const { result } = await shop.run(shop.spec([shop.leg('acme/api')], steps))
  const branches = await shop.git('acme/api', 'branch', '--list')
  const told = result.status === 'failed' ? result.failure.message : null
  return { got: branches === '* main' ? [] : ['a push'], stopped: `the job: ${result.status}`, told }
}

const commitStolen = (blob: string) => `git update-index --add --cacheinfo 100644,${blob},stolen.txt; git commit -qm Steal`

export const git: Topic = {
  title: 'Traps for git on the host',
  attacks: [
    trap('filter', 'a filter driver', '`filter.*.clean`, `smudge` and `process` in `.git/config`, and `.gitattributes`.'),
    trap('hooks', 'hooks', 'Seven hooks in `.git/hooks`.'),
    trap('hooks-path', 'hooks elsewhere', '`core.hooksPath` names a folder of the work tree.'),
    trap('fsmonitor', 'a file-system monitor', '`core.fsmonitor` names a program.'),
    trap(
      'programs',
      'programs for ssh, passwords and editors',
      '`core.sshCommand`, `credential.helper`, `core.askPass` and others.',
    ),
    trap('drivers', 'programs for diff, merge and signatures', '`diff.external`, `textconv`, a merge driver, `gpg.program`.'),
    trap('include', 'an included configuration', '`include.path` names a file of the work tree.'),
    trap('promisor', 'a remote that is a program', 'A promisor remote with an `ext::` address, and hooks of packs.'),
    trap('nested', 'a repository within the repository', 'A nested repository with a monitor of its own.'),
    trap('submodule', 'a submodule', '`update = !program`, an `ext::` address, and a monitor of its own.'),
    trap('index', 'hiding work from git', 'The index says that a changed file is unchanged.', {
      stopped: 'The agent’s index is not used.',
    }),
    trap('worktree', 'another folder as the work tree', '`core.worktree` names a folder of the host, `core.bare` is set.'),
    trap('replace', 'another history', 'A graft and a replacement cut the history off at the start of the work.', {
      stopped: 'The host’s git takes no replacements, and the clone’s grafts are never looked at.',
    }),
    replaced('git-file', '.git as a pointer to another repository', '`.git` is a file that names a repository of the host.'),
    replaced('git-link', '.git as a link', '`.git` is a symbolic link out of the workspace.'),
    replaced('git-gone', 'no .git at all', '`.git` is deleted.'),
    replaced('head-link', 'HEAD as a link', '`.git/HEAD` is a symbolic link out of the workspace.'),
    replaced('head-pipe', 'HEAD as a pipe', '`.git/HEAD` is a named pipe that nobody writes: whoever reads it waits for ever.'),
    replaced('head-path', 'HEAD as a path', '`.git/HEAD` names `refs/heads/../../../../etc/passwd`.'),
    theft(
      'another repository’s objects by alternates',
      '`objects/info/alternates` names another repository of the host, whose secret file is then committed.',
      ({ objects, blob }) => `echo ${objects} >> .git/objects/info/alternates; ${commitStolen(blob)}`,
      'Objects are taken over one by one from the clone itself; what is missing there fails the job.',
    ),
    theft(
      'another repository’s objects by links',
      'An object file is a symbolic link to one of another repository.',
      ({ objects, blob }) =>
        `d=.git/objects/${blob.slice(0, 2)}; mkdir -p $d; ln -s ${objects}/${blob.slice(0, 2)}/${blob.slice(2)} $d/${blob.slice(2)}; ${commitStolen(blob)}`,
      'No link is followed when objects are taken over.',
    ),
    theft(
      'an object that is not what its name says',
      'A blob’s file is overwritten with a commit.',
      () =>
        'echo new > README.md; git commit -qam Work; id=$(git rev-parse HEAD:README.md); f=.git/objects/$(echo $id | cut -c1-2)/$(echo $id | cut -c3-); h=$(git rev-parse HEAD); chmod u+w $f; cp .git/objects/$(echo $h | cut -c1-2)/$(echo $h | cut -c3-) $f',
      'Each object is hashed anew as it is taken over.',
    ),
    ...bombs,
  ],
}
